import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { request, type OutgoingHttpHeaders } from 'node:http'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type AppUnderTest } from './app-under-test.ts'
import { makeCertificate, type MadeCertificate } from './made-certificate.ts'

let root: MadeCertificate
let middle: MadeCertificate
let leaf: MadeCertificate
beforeAll(async () => {
  root = await makeCertificate('root')
  middle = await makeCertificate('middle', { issuer: root })
  leaf = await makeCertificate('leaf', { issuer: middle })
})

let app: AppUnderTest | undefined
afterEach(() => app?.close())

const proxy = { TRUST_PROXY: '127.0.0.1', CLIENT_CERTIFICATE_HEADER: 'Client-Cert' }
const refused = { responseContent: '{"error":"x"}', resultCode: 'A1', resultMessage: '[A1] No.' }

/** What the token endpoint answers to these headers, and what the engine was asked. */
async function send(headers: OutgoingHttpHeaders, env: Record<string, string> = proxy) {
  app = await startApp(() => ({ action: 'INVALID_CLIENT', ...refused }), { env })
  const { calls, url } = app
  // Not fetch, which would make one line of two headers.
  const req = request(`${url}/oauth/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
  })
  const answered = new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    req.once('error', reject)
    req.once('response', (res) => {
      let body = ''
      res.setEncoding('utf8').on('data', (text: string) => (body += text))
      void once(res, 'end').then(() => {
        resolve({ status: res.statusCode, body })
      })
    })
  })
  req.end('client_id=c')
  return { ...(await answered), questions: calls.map(({ body }) => body) }
}

/** RFC 9440 §2.1. */
function bytes({ cert }: MadeCertificate): string {
  return `:${new X509Certificate(cert).raw.toString('base64')}:`
}

const escaped = ({ cert }: MadeCertificate) => encodeURIComponent(cert)

describe('RFC 8705 §6.5: a certificate in the header of a trusted proxy', () => {
  it('RFC 9440 §2.2: given Client-Cert, then the engine is told of it', async () => {
    const { questions } = await send({ 'Client-Cert': bytes(leaf) })
    expect(questions).toEqual([{ parameters: 'client_id=c', clientCertificate: leaf.cert }])
  })

  it.each([
    ['one line', () => `${bytes(middle)}, ${bytes(root)}`],
    ['two lines', () => [bytes(middle), bytes(root)]],
  ])('RFC 9440 §2.3: given Client-Cert-Chain in %s, then it is the path', async (_lines, chain) => {
    const { questions } = await send({ 'Client-Cert': bytes(leaf), 'Client-Cert-Chain': chain() })
    expect(questions).toEqual([
      expect.objectContaining({ clientCertificate: leaf.cert, clientCertificatePath: [middle.cert, root.cert] }),
    ])
  })

  it('given the percent-encoded PEM of nginx under a name of its own, then the engine is told of it', async () => {
    const env = { ...proxy, CLIENT_CERTIFICATE_HEADER: 'X-SSL-Client-Cert' }
    const { questions } = await send({ 'X-SSL-Client-Cert': escaped(leaf), 'Client-Cert-Chain': bytes(root) }, env)
    expect(questions).toEqual([{ parameters: 'client_id=c', clientCertificate: leaf.cert }])
  })

  it('given a whole chain as percent-encoded PEM, with + as it is, then the rest is the path', async () => {
    const chain = (escaped(leaf) + escaped(middle)).replaceAll('%2B', '+').replaceAll('%2F', '/')
    const { questions } = await send({ 'Client-Cert': chain })
    expect(questions).toEqual([
      expect.objectContaining({ clientCertificate: leaf.cert, clientCertificatePath: [middle.cert] }),
    ])
  })

  it.each([
    ['no header', {}],
    ['an empty one, as proxies send without a certificate', { 'Client-Cert': '' }],
    ['a chain alone', { 'Client-Cert-Chain': ':AAAA:' }],
  ])('given %s, then there is no certificate', async (_what, headers) => {
    const { questions } = await send(headers)
    expect(questions).toEqual([{ parameters: 'client_id=c' }])
  })

  const malformed: [string, () => OutgoingHttpHeaders][] = [
    ['two headers', () => ({ 'Client-Cert': [bytes(leaf), bytes(middle)] })],
    ['two certificates in one', () => ({ 'Client-Cert': `${bytes(leaf)}, ${bytes(middle)}` })],
    ['no closing colon', () => ({ 'Client-Cert': bytes(leaf).slice(0, -1) })],
    ['nothing between the colons', () => ({ 'Client-Cert': '::' })],
    ['other bytes', () => ({ 'Client-Cert': ':AAAA:' })],
    ['base64url', () => ({ 'Client-Cert': ':_-8_:' })],
    ['bytes after the certificate', () => ({ 'Client-Cert': `:${withTail(leaf)}:` })],
    ['part of a certificate', () => ({ 'Client-Cert': `${bytes(leaf).slice(0, 101)}:` })],
    ['base64 without colons', () => ({ 'Client-Cert': bytes(leaf).slice(1, -1) })],
    ['a broken escape', () => ({ 'Client-Cert': `%${escaped(leaf)}` })],
    ['PEM of something else', () => ({ 'Client-Cert': encodeURIComponent(leaf.key) })],
    ['PEM of nothing', () => ({ 'Client-Cert': escaped({ ...leaf, cert: leaf.cert.replace(/\n.*\n/, '\n') }) })],
    ['a chain that is none', () => ({ 'Client-Cert': bytes(leaf), 'Client-Cert-Chain': 'x' })],
    ['a gap in the chain', () => ({ 'Client-Cert': bytes(leaf), 'Client-Cert-Chain': `${bytes(middle)},` })],
  ]
  it.each(malformed)('given %s, then 400, and the engine is not asked', async (_what, headers) => {
    const { status, body, questions } = await send(headers())
    expect([status, JSON.parse(body)]).toMatchObject([400, { error: 'invalid_request' }])
    expect(body).toMatch(/certificate that cannot be read: client-cert/)
    expect(JSON.stringify(JSON.parse(body))).not.toMatch(/BEGIN|MII/)
    expect(questions).toEqual([])
  })

  it('given a header larger than any that Node takes, then 431', async () => {
    expect((await send({ 'Client-Cert': `:${'A'.repeat(17_000)}:` })).status).toBe(431)
  })
})

describe('X-Client-Cert of anybody else', () => {
  it.each([
    ['another proxy is trusted', { ...proxy, TRUST_PROXY: '10.0.0.7' }],
    ['proxies are trusted, but hand over no certificates', { TRUST_PROXY: '127.0.0.1' }],
    ['nobody is trusted', {}],
    ['the certificate is expected elsewhere', { ...proxy, CLIENT_CERTIFICATE_HEADER: 'X-Other' }],
  ])('given that %s, then the header has no effect, not even a malformed one', async (_what, env) => {
    for (const value of [bytes(leaf), escaped(leaf), ':broken']) {
      const { status, questions } = await send({ 'Client-Cert': value, 'X-Client-Cert': value }, env)
      expect([status, questions]).toEqual([401, [{ parameters: 'client_id=c' }]])
      await app?.close()
      app = undefined
    }
  })
})

function withTail({ cert }: MadeCertificate): string {
  return Buffer.concat([new X509Certificate(cert).raw, Buffer.from('tail')]).toString('base64')
}
