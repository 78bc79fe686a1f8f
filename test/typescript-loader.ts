import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** What `node --import` needs in order to run TypeScript, from whichever folder it is started. */
export const typescriptLoader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
