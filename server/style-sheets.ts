import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { RequestHandler } from 'express'

/** GET /assets/<name>.css, HTML §4.2.4: what a page links to. Only people who read the file need its comments and its indentation. */
export function styleSheets(folder: string): RequestHandler {
  const sheets = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.css'))
      .map((file) => [`/${file}`, compactStyleSheet(readFileSync(path.join(folder, file), 'utf8'))]),
  )
  return (req, res, next) => {
    const sheet = req.method === 'GET' || req.method === 'HEAD' ? sheets.get(req.path) : undefined
    if (sheet === undefined) {
      next()
      return
    }
    // Its address changes with the file.
    res.set('Cache-Control', 'public, max-age=31536000, immutable').type('css').send(sheet)
  }
}

/** CSS Syntax §4: comments, and white space at places where it means nothing. A text in quotes must hold none of these. */
export function compactStyleSheet(css: string): string {
  return (
    css
      .replaceAll(/\/\*.*?\*\//gs, '')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/ ?([{};,]) ?/g, '$1')
      // Before a colon it would mean something: `.row :not(p)` is no `.row:not(p)`.
      .replaceAll(': ', ':')
      .replaceAll(';}', '}')
      .trim()
  )
}
