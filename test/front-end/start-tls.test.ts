import { spawn, type ChildProcess } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { developmentCa, developmentFiles, isKeyOf } from '../../server/certificates.ts'
import { ensureDevelopmentCertificates } from '../../server/development-certificates.ts'
import { freePort } from '../free-port.ts'
import { typescriptLoader } from '../typescript-loader.ts'

const { ca, server, client } = developmentFiles
const all = [ca, server.cert, server.key, client.cert, client.key]
const dayMs = 24 * 60 * 60 * 1000
const now = new Date('2026-11-21T12:00:00Z')
const later = (days: number) => new Date(now.getTime() + days * dayMs)

let root: string
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gatehouse-start-tls-'))
})
afterEach(() => rm(root, { recursive: true }))

const read = (file: string) => readFile(path.join(root, file), 'utf8')
const readAll = () => Promise.all(all.map(read))

describe('ensureDevelopmentCertificates', () => {
  it('given the first start, then there is an authority and what it vouches for, and keys are the owner’s alone', async () => {
    await ensureDevelopmentCertificates(root, now)
    const authority = new X509Certificate(await read(ca))
    expect([authority.ca, authority.subject]).toEqual([true, `CN=${developmentCa}`])
    for (const { cert, key } of [server, client]) {
      const pem = await read(cert)
      const certificate = new X509Certificate(pem)
      expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true)
      expect(certificate.ca).toBe(false)
      expect(isKeyOf(pem, await read(key))).toBe(true)
      expect((await stat(path.join(root, key))).mode & 0o777).toBe(0o600)
    }
    expect((await stat(path.join(root, developmentFiles.folder))).mode & 0o777).toBe(0o700)
  })

  it('given the certificate of the server, then it is for this machine, for 825 days at most', async () => {
    await ensureDevelopmentCertificates(root, now)
    const certificate = new X509Certificate(await read(server.cert))
    expect([certificate.checkHost('localhost'), certificate.checkHost('as.example')]).toEqual(['localhost', undefined])
    expect(['127.0.0.1', '::1'].map((address) => certificate.checkIP(address))).toEqual(['127.0.0.1', '::1'])
    const [begins, ends] = [certificate.validFrom, certificate.validTo].map((date) => Date.parse(date))
    expect(((ends ?? 0) - (begins ?? 0)) / dayMs).toBeLessThanOrEqual(825)
    expect(begins).toBeLessThan(now.getTime())
  })

  it('given a second start, then nothing changes until the end is near', async () => {
    await ensureDevelopmentCertificates(root, now)
    const made = await readAll()
    await ensureDevelopmentCertificates(root, later(700))
    expect(await readAll()).toEqual(made)
    await ensureDevelopmentCertificates(root, later(800))
    for (const [index, text] of (await readAll()).entries()) expect(text).not.toBe(made[index])
  })

  it.each(all)('given that %s is spoilt or missing, then all are made anew, and belong together', async (file) => {
    for (const spoil of [() => writeFile(path.join(root, file), ''), () => rm(path.join(root, file))]) {
      await ensureDevelopmentCertificates(root, now)
      await spoil()
      await ensureDevelopmentCertificates(root, now)
      const authority = new X509Certificate(await read(ca))
      expect(new X509Certificate(await read(server.cert)).verify(authority.publicKey)).toBe(true)
      expect(isKeyOf(await read(client.cert), await read(client.key))).toBe(true)
    }
  })
})

describe('npm run start:tls', () => {
  const program = path.resolve(import.meta.dirname, '../../server/start-tls.ts')
  let ports: Record<'PORT' | 'MTLS_PORT', string>
  let child: ChildProcess | undefined
  afterEach(() => child?.kill('SIGKILL'))

  /** Starts it, and waits for the banner of the server that it starts. */
  async function start(env: Record<string, string> = {}): Promise<{ child: ChildProcess; banner: string }> {
    ports = { PORT: String(await freePort()), MTLS_PORT: String(await freePort()) }
    const started = spawn(process.execPath, ['--import', typescriptLoader, program], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], LOG_LEVEL: 'warn', DEMO_PORT: '0', DEMO_API_PORT: '0', ...ports, ...env },
    })
    child = started
    const lines: string[] = []
    for await (const line of createInterface({ input: started.stdout })) {
      lines.push(line)
      if (line.includes('Ctrl-C')) break
    }
    started.stdout.resume()
    return { child: started, banner: lines.join('\n') }
  }

  async function discovery(): Promise<unknown> {
    const address = `https://localhost:${ports.PORT}/.well-known/openid-configuration`
    const req = request(address, { ca: await read(ca), agent: false }).end()
    return new Promise((resolve, reject) => {
      req.once('error', reject)
      req.once('response', (res) => {
        let text = ''
        res.setEncoding('utf8').on('data', (part: string) => (text += part))
        res.once('end', () => {
          resolve(JSON.parse(text))
        })
      })
    })
  }

  it('given a start, then it answers over https by that authority, says how to try it, and ends when it is told to', async () => {
    const { child: started, banner } = await start()
    const issuer = `https://localhost:${ports.PORT}`
    expect(await discovery()).toMatchObject({ issuer, token_endpoint: `${issuer}/oauth/token` })
    expect(banner).toContain(`curl --cacert ${ca} `)
    expect(banner).toContain(`--cert ${client.cert} --key ${client.key}`)
    started.kill('SIGTERM')
    expect(await once(started, 'exit')).toEqual([0, null])
    await expect(discovery()).rejects.toThrow()
  })

  it('given that it is killed, then what it started ends as well', async () => {
    const { child: started } = await start()
    started.kill('SIGKILL')
    // The server has the other end of this pipe, and closes it when it ends.
    await once(started, 'close')
    await expect(discovery()).rejects.toThrow()
  })

  it('given what cannot be started, then its exit code is passed on', async () => {
    const { child: started } = await start({ LOG_LEVEL: 'loud' })
    if (started.exitCode === null) await once(started, 'exit')
    expect(started.exitCode).toBe(1)
  })
})
