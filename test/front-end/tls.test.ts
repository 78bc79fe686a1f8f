import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request, type RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { connectEngine } from '../../sdk/engine.ts'
import { developmentFiles } from '../../server/certificates.ts'
import { readConfig } from '../../server/config.ts'
import { ensureDevelopmentCertificates } from '../../server/development-certificates.ts'
import { createLog } from '../../server/log.ts'
import { startFrontEnd } from '../../server/start.ts'
import { freePort } from '../free-port.ts'
import { makeCertificate, type MadeCertificate } from './made-certificate.ts'

let folder: string
let files: Record<'TLS_CERT_FILE' | 'TLS_KEY_FILE', string>
let ca: string
let client: MadeCertificate
let server: Awaited<ReturnType<typeof start>>

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gatehouse-tls-'))
  await ensureDevelopmentCertificates(folder, new Date())
  const { cert, key } = developmentFiles.server
  files = { TLS_CERT_FILE: path.join(folder, cert), TLS_KEY_FILE: path.join(folder, key) }
  ca = await readFile(path.join(folder, developmentFiles.ca), 'utf8')
  client = await makeCertificate('client')
  // An authority that is not the client's: it is a hint, and no condition.
  server = await start({ TLS_CLIENT_CA_FILE: path.join(folder, developmentFiles.ca) })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** The front-end over TLS, with both ports, and an engine that refuses every client and every token. */
async function start(env: Record<string, string> = {}) {
  const [port, mtlsPort] = [await freePort(), await freePort()]
  const config = readConfig({
    PORT: String(port),
    MTLS_PORT: String(mtlsPort),
    DEMO_PORT: '0',
    DEMO_API_PORT: '0',
    SESSION_SECRET: 'a secret of the test that is long enough',
    DATABASE_URL: `sqlite:${path.join(folder, `front-end-${port}.sqlite`)}`,
    ...files,
    ...env,
  })
  const questions: Record<string, unknown>[] = []
  const engine = connectEngine({
    baseUrl: 'http://engine.internal',
    accessToken: 'x',
    async fetch(req) {
      if (req.url.endsWith('/service/get')) return Response.json({ apiKey: 1, serviceName: 'Sample service' })
      questions.push(z.record(z.string(), z.unknown()).parse(JSON.parse(await req.text())))
      const isAboutClient = /auth\/(token|revocation)$/.test(req.url)
      const action = isAboutClient ? 'BAD_REQUEST' : 'UNAUTHORIZED'
      return Response.json({ action, responseContent: 'Bearer', resultCode: 'A1', resultMessage: '[A1] No.' })
    },
  })
  const running = await startFrontEnd({ config, engine, serviceId: '1', log: createLog('silent') })
  return { port, mtlsPort, config, close: () => running.close(), takeQuestions: () => questions.splice(0) }
}

interface Asked extends RequestOptions {
  body?: string
}

/** One request in a connection of its own, by a client that trusts the development CA. */
async function ask(port: number, address: string, { body, ...options }: Asked = {}) {
  const req = request({ host: 'localhost', port, path: address, ca, agent: false, servername: 'localhost', ...options })
  const answered = new Promise<{ status: number | undefined; headers: object; body: string }>((resolve, reject) => {
    req.once('error', reject)
    req.once('response', (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.once('end', () => {
        resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(chunks).toString() })
      })
    })
  })
  req.end(body)
  return answered
}

const form = { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'client_id=c' }

/** RFC 8446 §2, RFC 5246 §7.3: what both sides agree on, without a request. */
async function handshake(options: object): Promise<TLSSocket> {
  const socket = connect({ host: 'localhost', port: server.port, ca, ...options })
  await once(socket, 'secureConnect')
  socket.destroy()
  return socket
}

describe('RFC 9325: TLS 1.2 and 1.3 with forward secrecy, and nothing else', () => {
  const loose = 'DEFAULT@SECLEVEL=0'

  it.each(['TLSv1', 'TLSv1.1'] as const)(
    'given a client that speaks %s at most, then no connection',
    async (version) => {
      const options = { minVersion: version, maxVersion: version, ciphers: loose }
      await expect(handshake(options)).rejects.toThrow(/protocol/)
    },
  )

  it.each(['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-ECDSA-AES128-CCM', 'AES128-GCM-SHA256'])(
    'given TLS 1.2 and nothing but %s, then no connection, on both ports',
    async (cipher) => {
      const options = { maxVersion: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0` }
      await expect(handshake(options)).rejects.toThrow(/handshake failure/)
      await expect(handshake({ ...options, port: server.mtlsPort })).rejects.toThrow(/handshake failure/)
    },
  )

  it.each(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'])(
    'given TLS 1.2 and %s, then it is taken',
    async (cipher) => {
      const socket = await handshake({ maxVersion: 'TLSv1.2', ciphers: cipher })
      expect(socket.authorized).toBe(true)
    },
  )

  it('given a client without wishes, then TLS 1.3 and HTTP/1.1', async () => {
    const agreed = connect({ host: 'localhost', port: server.port, ca, ALPNProtocols: ['h2', 'http/1.1'] })
    await once(agreed, 'secureConnect')
    expect([agreed.getProtocol(), agreed.alpnProtocol]).toEqual(['TLSv1.3', 'http/1.1'])
    agreed.destroy()
  })

  it('given a client that speaks HTTP/2 only, then no connection', async () => {
    await expect(handshake({ ALPNProtocols: ['h2'] })).rejects.toThrow(/no application protocol/)
  })

  it('given http at that port, then no answer', async () => {
    await expect(fetch(`http://localhost:${server.port}/healthz`)).rejects.toThrow('fetch failed')
  })
})

describe('the issuer over TLS', () => {
  it('given TLS files, then the issuer is https, pages are there, and their cookies are Secure', async () => {
    expect(server.config.issuer).toBe(`https://localhost:${server.port}`)
    const { status, headers } = await ask(server.port, '/sign-in')
    expect(status).toBe(200)
    expect(JSON.stringify(headers)).toMatch(/__Host-sid=[^"]*; Secure/)
  })

  it('given localhost, then no HSTS: it would hold for every port of the developer’s machine', async () => {
    const { headers } = await ask(server.port, '/')
    expect(headers).not.toHaveProperty('strict-transport-security')
  })

  it('given both ports, then each says that it is alive', async () => {
    for (const port of [server.port, server.mtlsPort]) {
      expect(await ask(port, '/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' })
    }
  })
})

describe('RFC 8705 §5: the port for mutual TLS', () => {
  const bearer = { headers: { Authorization: 'Bearer abc' } }
  const authenticating: [string, Asked][] = [
    ['/oauth/token', form],
    ['/oauth/par', form],
    ['/oauth/revoke', form],
    ['/oauth/introspect', form],
  ]
  const presenting: [string, Asked][] = [
    ['/oauth/userinfo', bearer],
    ['/oauth/gm/grant', bearer],
  ]

  it.each([...authenticating, ...presenting])(
    'given a certificate at %s, then the engine is told of it here and not at the ordinary port',
    async (address, asked) => {
      const { cert, key } = client
      await ask(server.mtlsPort, address, { ...asked, cert, key })
      expect(server.takeQuestions()).toEqual([expect.objectContaining({ clientCertificate: cert })])
      await ask(server.port, address, { ...asked, cert, key })
      await ask(server.mtlsPort, address, asked)
      for (const question of server.takeQuestions()) expect(Object.keys(question).join()).not.toContain('ertificate')
    },
  )

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'given a path in %s, then the engine is told of it where clients authenticate',
    async (maxVersion) => {
      const root = await makeCertificate('root')
      const middle = await makeCertificate('middle', { issuer: root })
      const leaf = await makeCertificate('leaf', { issuer: middle })
      const identity = { cert: leaf.cert + middle.cert + root.cert, key: leaf.key, maxVersion }
      for (const [address, asked] of authenticating) await ask(server.mtlsPort, address, { ...asked, ...identity })
      const told: unknown = expect.objectContaining({
        clientCertificate: leaf.cert,
        clientCertificatePath: [middle.cert, root.cert],
      })
      expect(server.takeQuestions()).toEqual(authenticating.map(() => told))
      for (const [address, asked] of presenting) await ask(server.mtlsPort, address, { ...asked, ...identity })
      for (const question of server.takeQuestions()) expect(question).not.toHaveProperty('clientCertificatePath')
    },
  )

  it('given twelve certificates, then the first and ten of its path', async () => {
    const chain = [await makeCertificate('top')]
    for (let depth = 1; depth < 12; depth += 1) {
      const issuer = chain.at(-1)
      if (issuer) chain.push(await makeCertificate(`level ${depth}`, { issuer }))
    }
    const certificates = chain.map(({ cert }) => cert).reverse()
    await ask(server.mtlsPort, '/oauth/token', { ...form, cert: certificates.join(''), key: chain.at(-1)?.key })
    const [clientCertificate, ...path] = certificates.slice(0, 11)
    expect(server.takeQuestions()).toEqual([
      expect.objectContaining({ clientCertificate, clientCertificatePath: path }),
    ])
  })

  it('given a certificate that is larger than the engine takes, then 400 says so', async () => {
    const large = await makeCertificate('large', { paddingBytes: 13_000 })
    const { status, body } = await ask(server.mtlsPort, '/oauth/token', { ...form, cert: large.cert, key: large.key })
    expect([status, JSON.parse(body)]).toMatchObject([400, { error: 'invalid_request' }])
    expect(body).toMatch(/16384 characters/)
    expect(server.takeQuestions()).toEqual([])
  })

  it('given clients at the same time, then each is told of with its own certificate', async () => {
    const clients = await Promise.all(['a', 'b', 'c'].map((name) => makeCertificate(name)))
    const asking = clients.map(({ cert, key }, index) =>
      ask(server.mtlsPort, '/oauth/token', { ...form, cert, key, body: `client_id=${index}` }),
    )
    await Promise.all([...asking, ask(server.mtlsPort, '/oauth/token', { ...form, body: 'client_id=none' })])
    const questions = new Map(server.takeQuestions().map((asked) => [asked['parameters'], asked['clientCertificate']]))
    const own = clients.map(({ cert }, index): [string, string] => [`client_id=${index}`, cert])
    expect(questions).toEqual(new Map<unknown, unknown>([...own, ['client_id=none', undefined]]))
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'given a session that a client kept in %s, then its key is proven anew',
    async (maxVersion) => {
      const options = { host: 'localhost', port: server.mtlsPort, ca, maxVersion, cert: client.cert, key: client.key }
      const first = connect(options)
      const sessions: Buffer[] = []
      first.on('session', (session) => sessions.push(session))
      await once(first, 'secureConnect')
      first.end('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').resume()
      await once(first, 'close')
      const [session] = sessions
      const second = connect({ ...options, ...(session && { session }) })
      await once(second, 'secureConnect')
      expect(second.isSessionReused()).toBe(false)
      second.destroy()
    },
  )

  it('RFC 9449 §4.3: given a DPoP proof, then htu is the address that the client was told', async () => {
    const headers = { ...form.headers, DPoP: 'the-proof', Host: 'evil.example' }
    for (const port of [server.mtlsPort, server.port]) {
      await ask(port, '/oauth/token?a=b', { ...form, headers })
      expect(server.takeQuestions()).toEqual([
        expect.objectContaining({ dpop: 'the-proof', htu: `https://localhost:${port}/oauth/token` }),
      ])
    }
  })

  it.each(['/', '/sign-in', '/apps', '/oauth/authorize', '/interaction/x/login', '/assets/gatehouse.css'])(
    'given the page %s, then 404 without a cookie: nobody asks people for certificates',
    async (page) => {
      const { status, headers, body } = await ask(server.mtlsPort, page)
      expect([status, JSON.parse(body)]).toMatchObject([404, { error: 'not_found' }])
      expect(headers).not.toHaveProperty('set-cookie')
    },
  )

  it('RFC 8705 §6.5: given a proxy that hands over certificates, then its own certificate is nobody else’s', async () => {
    const behind = await start({ TRUST_PROXY: '127.0.0.1,::1', CLIENT_CERTIFICATE_HEADER: 'Client-Cert' })
    const { cert, key } = await makeCertificate('proxy')
    await ask(behind.mtlsPort, '/oauth/token', { ...form, cert, key })
    const headers = { ...form.headers, 'Client-Cert': encodeURIComponent(client.cert) }
    await ask(behind.mtlsPort, '/oauth/token', { ...form, headers, cert, key })
    const [without, withHeader] = behind.takeQuestions()
    expect(without).not.toHaveProperty('clientCertificate')
    expect(withHeader).toMatchObject({ clientCertificate: client.cert })
    await behind.close()
  })

  it('given that MTLS_PORT is taken, then it says so, and nothing stays open', async () => {
    const PORT = String(await freePort())
    const starting = start({ PORT, MTLS_PORT: String(server.mtlsPort) })
    await expect(starting).rejects.toThrow(/is taken by another program.*MTLS_PORT=/)
    await expect(fetch(`https://localhost:${PORT}`)).rejects.toThrow('fetch failed')
  })
})

describe('readConfig: TLS', () => {
  it('given both files and ports, then the issuer and the aliases are https', () => {
    const MTLS_PORT = '3443'
    expect(readConfig({ ...files, MTLS_PORT })).toMatchObject({
      issuer: 'https://localhost:3000',
      mutualTls: { port: 3443, origin: 'https://localhost:3443' },
    })
    expect(readConfig({ ...files, MTLS_PORT, ISSUER: 'https://as.example:8443' }).mutualTls?.origin).toBe(
      'https://as.example:3443',
    )
    expect(readConfig({ ...files, ISSUER: 'https://as.example' })).toMatchObject({ trustProxy: false })
  })

  it('given nothing, then there is no TLS', () => {
    expect(readConfig({})).toMatchObject({
      tls: undefined,
      mutualTls: undefined,
      clientCertificateHeader: undefined,
    })
  })

  it.each([
    ['TLS_CERT_FILE', 'TLS_KEY_FILE'],
    ['TLS_KEY_FILE', 'TLS_CERT_FILE'],
  ] as const)('given %s alone, then %s is asked for', (one, other) => {
    expect(() => readConfig({ [one]: files[one] })).toThrow(new RegExp(`${other} is required with ${one}`))
  })

  it('given files that are not there, then each is named in one report, and nothing that follows from it', () => {
    const read = () =>
      readConfig({ TLS_CERT_FILE: '/none', TLS_KEY_FILE: folder, MTLS_PORT: '1', TLS_CLIENT_CA_FILE: '/none' })
    expect(read).toThrow(
      /TLS_CERT_FILE is not a file that[^]*TLS_KEY_FILE is not a file that[^]*TLS_CLIENT_CA_FILE is not a file that/,
    )
    expect(read).not.toThrow(/MTLS_PORT|ISSUER|TRUST_PROXY/)
  })

  it('given files with something else, then it says what they must hold', async () => {
    const spoilt = path.join(folder, 'spoilt.pem')
    await writeFile(spoilt, 'no PEM')
    expect(() => readConfig({ TLS_CERT_FILE: spoilt, TLS_KEY_FILE: spoilt })).toThrow(
      /TLS_CERT_FILE must be a PEM file with certificates[^]*TLS_KEY_FILE must be a PEM file with a private key/,
    )
  })

  it('given the key of another certificate, then it is told', () => {
    const TLS_KEY_FILE = path.join(folder, developmentFiles.client.key)
    expect(() => readConfig({ ...files, TLS_KEY_FILE })).toThrow(/TLS_KEY_FILE holds another key/)
  })

  it.each([
    ['MTLS_PORT without TLS files', { MTLS_PORT: '3443' }, /MTLS_PORT needs TLS_CERT_FILE/],
    ['TLS_CLIENT_CA_FILE without MTLS_PORT', { TLS_CLIENT_CA_FILE: 'cert' }, /and there is no MTLS_PORT/],
    ['a header without proxies', { CLIENT_CERTIFICATE_HEADER: 'Client-Cert' }, /CLIENT_CERTIFICATE_HEADER is believed/],
    [
      'a header and a number of proxies',
      { CLIENT_CERTIFICATE_HEADER: 'Client-Cert', TRUST_PROXY: '1' },
      /their number is not enough/,
    ],
    ['a header with a blank', { CLIENT_CERTIFICATE_HEADER: 'Client Cert' }, /must be the name of a header/],
  ])('given %s, then it does not start', (_what, env, problem) => {
    const given = 'TLS_CLIENT_CA_FILE' in env ? { TLS_CLIENT_CA_FILE: files.TLS_CERT_FILE } : env
    expect(() => readConfig(given)).toThrow(problem)
  })

  it.each([
    ['an http issuer', { ISSUER: 'http://localhost:3000' }, /ISSUER must be https when TLS_CERT_FILE is set/],
    ['one port for both', { PORT: '3443', MTLS_PORT: '3443' }, /MTLS_PORT must be a port of its own/],
    ['a port that nobody knows', { MTLS_PORT: '0' }, /MTLS_PORT must be a port of its own/],
    ['PORT 0', { PORT: '0' }, /ISSUER is required when PORT is 0/],
  ])('given TLS files and %s, then it does not start', (_what, env, problem) => {
    expect(() => readConfig({ ...files, ...env })).toThrow(problem)
  })

  it('given production, then a certificate of its own is enough, and one of development is not', async () => {
    const own = await makeCertificate('as.example')
    const TLS_CERT_FILE = path.join(folder, 'own.pem')
    const TLS_KEY_FILE = path.join(folder, 'own.key')
    await writeFile(TLS_CERT_FILE, own.cert)
    await writeFile(TLS_KEY_FILE, own.key)
    const production = {
      NODE_ENV: 'production',
      ISSUER: 'https://as.example',
      ENGINE_ACCESS_TOKEN: 'made-for-this-front-end',
      SESSION_SECRET: 'an example secret that is long enough',
    }
    expect(readConfig({ ...production, TLS_CERT_FILE, TLS_KEY_FILE }).production).toBe(true)
    // Under another name as well: the certificate says whose it is.
    await copyFile(files.TLS_CERT_FILE, path.join(folder, 'copy.pem'))
    const copied = { ...production, ...files, TLS_CERT_FILE: path.join(folder, 'copy.pem') }
    expect(() => readConfig(copied)).toThrow(/TLS_CERT_FILE is a certificate of `npm run start:tls`/)
    const withoutTls = { ...production, ISSUER: 'http://localhost:3000' }
    expect(() => readConfig(withoutTls)).toThrow(/ISSUER must be https in production/)
  })
})
