import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { compactStyleSheet } from '../../server/style-sheets.ts'

/** What every page of the server is sent with. */
const contentSecurityPolicy = [
  ...["default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self' data:", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"],
].join('; ')

export interface PageSite {
  /** Serves a page, once or often, and returns its address. */
  add(html: string): string
  close(): Promise<void>
}

/** A small site that serves rendered pages and their files with the real policy, and shows what a form posted as plain text. */
export async function startPageSite(): Promise<PageSite> {
  const pages: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'POST') {
      response.setHeader('Content-Type', 'text/plain')
      response.end(`${pathname}?${await text(request)}`)
    } else if (pathname.startsWith('/assets/')) {
      const file = path.basename(pathname)
      response.setHeader('Content-Type', contentTypes[path.extname(file)] ?? 'application/octet-stream')
      const content = await readFile(path.join(import.meta.dirname, '..', '..', 'views', 'public', file), 'utf8')
      response.end(file.endsWith('.css') ? compactStyleSheet(content) : content)
    } else {
      response.setHeader('Content-Security-Policy', contentSecurityPolicy)
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      response.end(pages[Number(pathname.slice(1))])
    }
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  }).listen(0)
  await once(server, 'listening')

  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    add: (html) => `http://localhost:${port}/${pages.push(html) - 1}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
}
