import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Who may import what. The hatch between the front-end and the engine is `sdk/`, and nothing else. */
const rules: { who: string; except?: string[]; mayImport: string[]; mustNotUse: string[] }[] = [
  {
    who: 'server/engine/',
    // The wiring: these know both sides, and go when the engine goes.
    except: [
      'server/engine/all-in-one.ts',
      'server/engine/doctor/main.ts',
      'server/engine/keys/main.ts',
      'server/engine/main.ts',
      'server/engine/make-access-token.ts',
      'server/engine/over-http.ts',
      'server/engine/seed.ts',
    ],
    mayImport: ['server/engine/', 'server/database/', 'server/outbound/', 'sdk/types.ts', 'sdk/schema.ts'],
    mustNotUse: ['express', 'express-session', 'ejs', 'openapi-fetch', 'helmet', 'express-rate-limit'],
  },
  { who: 'server/database/', mayImport: ['server/database/'], mustNotUse: ['express', 'jose'] },
  { who: 'server/outbound/', mayImport: ['server/outbound/'], mustNotUse: ['express', 'jose'] },
  { who: 'sdk/', mayImport: ['sdk/'], mustNotUse: ['express', 'jose', 'pg'] },
  { who: 'demo/', mayImport: ['demo/'], mustNotUse: ['openapi-fetch', 'pg'] },
  { who: 'test/flows/', mayImport: ['test/'], mustNotUse: ['openapi-fetch'] },
]

interface Import {
  file: string
  from: string
}

describe('the boundary', () => {
  it('every part imports what it may, and nothing else', async () => {
    const imports = await allImports()
    const trespassers = rules.flatMap(({ who, except = [], mayImport, mustNotUse }) =>
      imports
        .filter(({ file }) => file.startsWith(who) && !except.includes(file))
        .filter(({ from }) => mustNotUse.includes(from) || isTrespass(from, mayImport)),
    )
    expect(trespassers).toEqual([])
  })

  it('the front-end never imports the engine, not even a type', async () => {
    const trespassers = (await allImports()).filter(
      ({ file, from }) =>
        file.startsWith('server/') && !file.startsWith('server/engine/') && from.startsWith('server/engine/'),
    )
    expect(trespassers).toEqual([])
  })

  it('the engine takes nothing from the SDK but types', async () => {
    const engine = (await sources()).filter(
      ({ file }) => file.startsWith('server/engine/') && !rules[0]?.except?.includes(file),
    )
    const values = engine
      .filter(({ text }) => /^import (?!type\b).*from '.*\/sdk\//m.test(text))
      .map(({ file }) => file)
    expect(values).toEqual([])
  })
})

function isTrespass(from: string, mayImport: readonly string[]): boolean {
  const ours = /^(server|sdk|demo|test|bench|docs|spec)\//.test(from)
  return ours && !mayImport.some((allowed) => from.startsWith(allowed))
}

/** Every import of the project, with relative ones resolved against the root. */
async function allImports(): Promise<Import[]> {
  return (await sources()).flatMap(({ file, text }) =>
    [...text.matchAll(/(?:from|import\(|^import) ?'([^']+)'/gm)].map(([, specifier = '']) => ({
      file,
      from: specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier,
    })),
  )
}

async function sources(): Promise<{ file: string; text: string }[]> {
  const folders = ['server', 'sdk', 'demo', 'test/flows'].filter((folder) => existsSync(join(root, folder)))
  const files = await Promise.all(
    folders.map((folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true })),
  )
  const names = files.flat().filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  return Promise.all(
    names.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      return { file: relative(root, path), text: await readFile(path, 'utf8') }
    }),
  )
}
