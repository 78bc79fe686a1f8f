import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issueCertificate } from '../certificates.ts'
import { person } from '../flows/person.ts'
import type { Fetch, Page, Person } from '../flows/person.ts'
import { freePort } from '../free-port.ts'
import type { ProofKey } from '../dpop-proof.ts'
import { makeProofKey } from '../dpop-proof.ts'
import type { ServerProcess } from '../server-process.ts'
import { startServer } from '../server-process.ts'
import { makeRequestKey, signRequest } from '../request-object.ts'
import type { TlsServer } from '../tls-server.ts'
import { startTlsServer } from '../tls-server.ts'
import type { AssertionKey } from './fapi/key-client.ts'
import { makeAssertionKey } from './fapi/key-client.ts'

/** A fenced block of the document: its language, what stands behind it, and the lines. */
interface Block {
  language: string
  info: string
  text: string
}

const root = resolve(import.meta.dirname, '../..')

/** The documents, and what the server is started with that each tells its readers to start. */
const documents = [
  {
    name: 'docs/fapi2.md',
    chapters: [
      "The engine's API",
      'Through the front-end',
      'The same with mutual TLS and a self-signed certificate',
      'Mutual TLS through the front-end',
      'FAPI 1.0 Advanced with JARM',
    ],
    env: {},
  },
  {
    name: 'docs/access-tokens.md',
    chapters: ['Tried', 'Tokens from another server, and tokens without an end', 'When the login is too old: step-up'],
    env: { DEMO_API_TOKENS: 'verify' },
  },
]

const read = (name: string) => readFile(join(root, name), 'utf8')

async function chaptersOf(name: string): Promise<{ title: string; blocks: Block[] }[]> {
  return (await read(name))
    .split(/^## /m)
    .map((chapter) => ({ title: chapter.split('\n', 1)[0] ?? '', blocks: blocksOf(chapter) }))
    .filter(({ blocks }) => blocks.some(({ language }) => language === 'json'))
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(([, language = '', info = '', text = '']) => ({
    language,
    info,
    text: text.trim(),
  }))
}

let server: ServerProcess
let engineUrl: string
let tlsServer: TlsServer

/** The documents name the ports of `npm start` and `npm run start:tls`; those of this run are others. */
function atThisServer(text: string): string {
  return text
    .replaceAll('http://localhost:3000', server.issuer)
    .replaceAll('http://localhost:3002', server.demoApiUrl)
    .replaceAll('https://localhost:3000', tlsServer.issuer)
    .replaceAll('https://localhost:3443', tlsServer.mutualTlsOrigin)
    .replaceAll('https://localhost:3002', tlsServer.demoApiUrl)
}

describe.each(documents)('$name, as it is printed', ({ name, chapters, env }) => {
  beforeAll(async () => {
    const enginePort = await freePort()
    engineUrl = `http://127.0.0.1:${enginePort}`
    server = await startServer(join(root, 'server/engine/main.ts'), { ENGINE_PORT: String(enginePort), ...env })
    tlsServer = await startTlsServer()
  })

  afterAll(() => Promise.all([server.stop(), tlsServer.stop()]))

  it('has its chapters', async () => {
    expect((await chaptersOf(name)).map(({ title }) => title)).toEqual(chapters)
  })

  it('quotes what is in the files', async () => {
    for (const { info, text } of blocksOf(await read(name)).filter(isQuote)) {
      expect(withoutIndent(await read(info))).toContain(withoutIndent(text))
    }
  })

  it.each(chapters)('%s', async (title) => {
    const found = (await chaptersOf(name)).find((chapter) => chapter.title === title)
    const blocks = found?.blocks ?? []
    const reader = await startReading(blocks.some(({ text }) => text.includes('https://localhost:3')))
    let answer: Answer | undefined
    for (const block of blocks) {
      if (isQuote(block) || block.language === 'sh') continue
      if (block.language === 'browser') {
        await reader.browse(atThisServer(block.text).split('\n'))
      } else if (block.info === 'request object') {
        await reader.sign(block)
      } else if (block.info.startsWith('claims of ')) {
        await reader.verify(block)
      } else if (/^(\d{3})\b/.test(block.info || block.text)) {
        if (!answer) throw new Error(`There was no request before:\n${block.text}`)
        reader.expect(block, answer)
        answer = undefined
      } else {
        expect(answer).toBeUndefined()
        answer = await reader.send(block)
      }
    }
  })
})

const isQuote = ({ language }: Block): boolean => language === 'ts'

/** A quotation begins at the left margin. */
function withoutIndent(text: string): string {
  return text.replaceAll(/^ +/gm, '')
}

interface Answer {
  status: number
  headers: Headers
  body: unknown
}

/** Somebody who reads a chapter and does what it says. */
interface Reader {
  send(block: Block): Promise<Answer>
  expect(block: Block, answer: Answer): void
  browse(steps: readonly string[]): Promise<void>
  /** RFC 9101 §4: makes a request object of the claims. */
  sign(block: Block): Promise<void>
  /** JARM §2.4: holds the claims of an answer against what is printed. */
  verify(block: Block): Promise<void>
}

async function startReading(isOverTls: boolean): Promise<Reader> {
  const clock = { now: () => new Date(), advance: () => undefined }
  const assertionKey = await makeAssertionKey('ES256', { clock })
  const proofKey = await makeProofKey()
  const requestKey = await makeRequestKey()
  const valid = { validFrom: new Date(Date.now() - 60_000), validTo: new Date(Date.now() + 3_600_000) }
  const [certificate, otherCertificate] = await Promise.all([issueCertificate(valid), issueCertificate(valid)])
  const certificateJwk = { ...certificate.jwk, kid: 'certificate' }
  const verifier = randomBytes(32).toString('base64url')
  const names = new Map([
    ['jwks', assertionKey.settings.jwks ?? ''],
    ['certificate', certificate.pem],
    ['certificate_jwks', JSON.stringify({ keys: [certificateJwk] })],
    ['other_certificate', otherCertificate.pem],
    ['all_jwks', JSON.stringify({ keys: [requestKey.publicJwk, certificateJwk] })],
    ['code_verifier', verifier],
    ['code_challenge', createHash('sha256').update(verifier).digest('base64url')],
  ])
  const fill = (text: string) => fillText(atThisServer(text), names, assertionKey, proofKey)
  const browserFetch: Fetch = isOverTls ? tlsServer.fetchAs() : fetch
  const jane = person(isOverTls ? tlsServer.issuer : server.issuer, browserFetch)
  const engine = isOverTls ? tlsServer.engineUrl : engineUrl

  return {
    async send({ language, info, text }) {
      const request = language === 'json' ? await engineCall(engine, info, text, fill) : await httpRequest(text, fill)
      const { url, ...init } = request
      const identity = info === 'with another certificate' ? otherCertificate : certificate
      const send: Fetch = url.startsWith('https:') ? tlsServer.fetchAs(identity) : fetch
      const response = await send(url, { ...init, redirect: 'manual' })
      const content = await response.text()
      return { status: response.status, headers: response.headers, body: parsed(content) }
    },
    expect({ language, info, text }, { status, headers, body }) {
      const [head, printed] = language === 'json' ? [info, text] : splitMessage(text)
      const [code, ...lines] = head.split('\n')
      expect([status, body]).toEqual([Number(code), body])
      for (const line of lines) {
        const [name, value] = splitOnce(line, ': ')
        match(value, headers.get(name), names)
      }
      if (printed !== undefined) match(JSON.parse(printed), body, names)
    },
    async browse(steps) {
      let page: Page | undefined
      for (const step of steps) page = await browse(step, page, jane, names)
    },
    async sign({ text }) {
      const claims: unknown = await filled(JSON.parse(text), fill)
      const iat = Math.floor(Date.now() / 1000)
      const times = { iat, nbf: iat, exp: iat + 60 }
      names.set('request_object', await signRequest(requestKey, Object.assign(times, claims)))
    },
    async verify({ info, text }) {
      const jwks = createRemoteJWKSet(new URL(`${tlsServer.issuer}/oauth/jwks`), { [customFetch]: browserFetch })
      const jwt = names.get(info.replace('claims of ', '')) ?? ''
      match(JSON.parse(text), (await jwtVerify(jwt, jwks)).payload, names)
    },
  }
}

interface HttpRequest {
  url: string
  method: string
  headers: Record<string, string>
  body?: string
}

type Fill = (text: string) => Promise<string>

/** `POST /api/…` and the JSON that it sends. */
async function engineCall(engine: string, info: string, text: string, fill: Fill): Promise<HttpRequest> {
  const [method = '', path = ''] = (await fill(info)).split(' ')
  const printed: unknown = JSON.parse(text)
  const body = JSON.stringify(await filled(printed, fill))
  const headers = { Authorization: 'Bearer dev-engine-token', 'Content-Type': 'application/json' }
  return { url: `${engine}${path}`, method, headers, body }
}

/** The JSON with its placeholders filled, and `parameters` as a form. */
async function filled(value: unknown, fill: Fill): Promise<unknown> {
  if (typeof value === 'string') return fill(value)
  if (Array.isArray(value)) return Promise.all(value.map((entry: unknown) => filled(entry, fill)))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(async ([name, member]: [string, unknown]): Promise<[string, unknown]> => {
    const content = await filled(member, fill)
    return [name, name === 'parameters' ? new URLSearchParams(Object.entries(content ?? {})).toString() : content]
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** A request line, headers, and a form of which each line is a parameter. */
async function httpRequest(text: string, fill: Fill): Promise<HttpRequest> {
  const [head, form] = splitMessage(text)
  const [requestLine = '', ...lines] = head.split('\n')
  const [method = '', url = ''] = (await fill(requestLine)).split(' ')
  const headers = await Promise.all(lines.map(async (line) => splitOnce(await fill(line), ': ')))
  if (form === undefined) return { url, method, headers: Object.fromEntries(headers) }
  const parameters = await Promise.all(form.split('\n').map(async (line) => splitOnce(await fill(line), '=')))
  return { url, method, headers: Object.fromEntries(headers), body: new URLSearchParams(parameters).toString() }
}

async function browse(step: string, page: Page | undefined, jane: Person, names: Map<string, string>): Promise<Page> {
  const [verb, rest] = /^(open|sign in as|allow|arrive at) (.*)$/.exec(step)?.slice(1) ?? []
  if (verb === 'open') return jane.visit(known(rest ?? '', names))
  if (!page || rest === undefined) throw new Error(`Nobody can do this here: ${step}`)
  if (verb === 'sign in as') return jane.signIn(page, rest)
  if (verb === 'allow') return jane.decide(page, 'allow', rest.split(' '))
  match(rest, page.sentTo?.href, names)
  return page
}

async function fillText(
  text: string,
  names: ReadonlyMap<string, string>,
  assertionKey: AssertionKey,
  proofKey: ProofKey,
): Promise<string> {
  const [placeholder, what = ''] = /\{((?:assertion|proof) [^}]+)\}/.exec(text) ?? []
  if (placeholder === undefined) return known(text, names)
  const [kind, first = '', second = '', , name] = what.split(' ')
  const value =
    kind === 'assertion'
      ? (await assertionKey.assert({ clientId: first }, { aud: second })).client_assertion
      : await proofKey.prove({
          htm: first,
          htu: second,
          ...(name !== undefined && { accessToken: names.get(name) ?? '' }),
        })
  return fillText(text.replace(placeholder, value), names, assertionKey, proofKey)
}

/** The text with the values of the names that are known. */
function known(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => names.get(name) ?? placeholder)
}

/** Whether what came back is what is printed; new names get their values. */
function match(printed: unknown, came: unknown, names: Map<string, string>): void {
  if (typeof printed === 'string') {
    matchText(atThisServer(printed), came, names)
  } else if (Array.isArray(printed)) {
    expect(came).toEqual(printed)
  } else if (typeof printed === 'object' && printed !== null) {
    const members = typeof came === 'string' ? parsed(came) : came
    for (const [name, value] of Object.entries(printed)) {
      match(value, typeof members === 'object' && members !== null ? Reflect.get(members, name) : undefined, names)
    }
  } else {
    expect(came).toBe(printed)
  }
}

function matchText(printed: string, came: unknown, names: Map<string, string>): void {
  const fresh: string[] = []
  const pattern = known(printed, names)
    .split(/(\{\w+\}|…)/)
    .map((part) => {
      if (part === '…') return '[^]*'
      const [, name] = /^\{(\w+)\}$/.exec(part) ?? []
      if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      fresh.push(name)
      return '([^&\\s]+)'
    })
    .join('')
  expect(String(came)).toMatch(new RegExp(`^${pattern}$`))
  const values = new RegExp(`^${pattern}$`).exec(String(came))?.slice(1) ?? []
  for (const [index, name] of fresh.entries()) names.set(name, values[index] ?? '')
}

function splitMessage(text: string): [head: string, body: string | undefined] {
  const [head, body] = splitOnce(text, '\n\n')
  return [head, text.includes('\n\n') ? body : undefined]
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
