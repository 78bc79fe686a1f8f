import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const read = (name: string) => readFile(join(root, name), 'utf8')

/** Whoever deletes the engine deletes its files; the documents still describe the whole. */
const isMissing = (name: string) =>
  !existsSync(join(root, name)) && (existsSync(join(root, 'server/engine')) || !/^(server|test)\/engine\//.test(name))

describe('the documents', () => {
  it.each([
    'README.md',
    'TOUR.md',
    'DECISIONS.md',
    'SECURITY.md',
    'CONTRIBUTING.md',
    'docs/access-tokens.md',
    'docs/consent.md',
    'docs/fapi2.md',
    'docs/refresh-tokens.md',
    'docs/tls.md',
  ])('every file that %s names exists', async (document) => {
    const text = await read(document)
    const named = [
      ...[...text.matchAll(/`((?:server|sdk|spec|views|test|demo|docs)\/[\w./-]+)`/g)].map(([, name = '']) => name),
      ...[...text.matchAll(/(?:\]\(|src="|srcset=")(?!https?:|#)([^)"#]+)/g)].map(([, name = '']) =>
        join(dirname(document), name),
      ),
    ]
    expect(named.filter(isMissing)).toEqual([])
  })

  it('every command that README names is a script', async () => {
    const { scripts } = packageOf(await read('package.json'))
    const named = [...(await read('README.md')).matchAll(/`npm (?:run )?([a-z:]+)`/g)].map(([, name = '']) => name)
    expect(named.filter((name) => name !== 'ci' && !Object.hasOwn(scripts, name))).toEqual([])
  })

  it('every dependency has its line in DECISIONS.md', async () => {
    const { dependencies, devDependencies } = packageOf(await read('package.json'))
    const decisions = await read('DECISIONS.md')
    const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@types/'))
    expect(names.filter((name) => !decisions.includes(name))).toEqual([])
  })
})

interface Package {
  scripts: Record<string, unknown>
  dependencies: Record<string, unknown>
  devDependencies: Record<string, unknown>
}

function packageOf(text: string): Package {
  const parsed: unknown = JSON.parse(text)
  const member = (name: string): Record<string, unknown> => {
    const value: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
  }
  return {
    scripts: member('scripts'),
    dependencies: member('dependencies'),
    devDependencies: member('devDependencies'),
  }
}
