import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typescriptLoader } from '../typescript-loader.ts'
import { startEngine } from './engine-process.ts'

let folder: string

/** A folder with the database of the demonstration. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-doctor-'))
  const engine = await startEngine(folder, {})
  await engine.stop()
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** `npm run doctor`, as a process. */
async function doctor(...words: string[]): Promise<{ code: number | null; said: string; complained: string }> {
  const program = resolve(import.meta.dirname, '../../server/engine/doctor/main.ts')
  const child = spawn(process.execPath, ['--import', typescriptLoader, program, ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  })
  const [said, complained]: [string[], string[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => complained.push(chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, said: said.join(''), complained: complained.join('') }
}

describe('npm run doctor', () => {
  it('given a profile that the demonstration does not keep, then 1, and what to send; no secret is said', async () => {
    const { code, said } = await doctor('fapi2-sp', '--client', 'demo-web')
    expect(code).toBe(1)
    expect(said).toMatch(/^FAPI 2\.0 Security Profile \(fapi2-sp\): \d+ things to change\./)
    expect(said).toContain('change  tokenAuthMethod: "CLIENT_SECRET_BASIC" -> "PRIVATE_KEY_JWT"')
    expect(said).toContain('/client/update/demo-web')
    expect(said).not.toMatch(/demo-web-secret|secretHash|"d":|client demo-spa/)
  })

  it('given no profile, then all of them, and 0; with --json, for programs', async () => {
    const { code, said } = await doctor('--json')
    expect(code).toBe(0)
    const found: unknown = JSON.parse(said)
    expect(found).toHaveLength(5)
    expect(found).toMatchObject([{ profile: 'safe-default' }, {}, {}, {}, { profile: 'fapi2-ms' }])
  })

  it('given words that it does not know, then it says how it is asked', async () => {
    const { code, complained } = await doctor('fapi3')
    expect(code).toBe(2)
    expect(complained).toContain('npm run doctor -- [<profile>]')
  })
})
