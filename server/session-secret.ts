import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from './config.ts'

/** Where a development server keeps the secret that it made, so that a restart signs nobody out. */
const file = path.join('.data', 'session-secret')

/** The secrets that sign session cookies: those of the environment, or in development one that is made once and kept. */
export async function sessionSecrets({ sessionSecrets, production }: Config): Promise<readonly string[]> {
  if (sessionSecrets.length > 0 || production) return sessionSecrets
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  try {
    // `wx`: of two servers that start at once, one makes the secret and the other reads it.
    const secret = randomBytes(32).toString('base64url')
    await writeFile(file, secret, { flag: 'wx', mode: 0o600 })
    return [secret]
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return [await readFile(file, 'utf8')]
  }
}
