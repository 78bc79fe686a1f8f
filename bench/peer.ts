/**
 * `npm --prefix bench/peer ci && npx tsx bench/peer.ts`: this server against node-oidc-provider, which keeps its tokens as durably, or in
 * memory. The same load from the same program, in turns: CPU time of the server per operation, rates, and how long clients wait.
 *
 * --load <name> … measures these loads only, --rounds <number> so often; --cpu-prof <folder> writes a profile of this server.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { freePort } from '../test/free-port.ts'
import { person, type Page, type Person } from '../test/flows/person.ts'
import type { MeasuredServer, Operation, Round } from './measured.ts'
import {
  circumstances,
  connections,
  formFrom,
  measure,
  median,
  quantile,
  quieterHalf,
  root,
  startMeasured,
  table,
} from './measured.ts'
import { build, machine, startOurs } from './ours.ts'

/** A server, and how it wants to be asked. */
interface Candidate {
  name: string
  server: MeasuredServer
  paths: Record<'authorize' | 'token' | 'par' | 'userinfo' | 'introspect' | 'jwks', string>
  web: { clientId: string; headers: Headers }
  opaque: Headers
  signed: Headers
  api: Headers
  /** From the login page to the answer of the authorization endpoint. */
  signInAndAllow: (john: Person, page: Page) => Promise<Page>
}

type Headers = Record<string, string>

const tokenAnswer = z.object({ access_token: z.string(), refresh_token: z.string().exactOptional() })

type Tokens = z.infer<typeof tokenAnswer>

interface Load {
  name: string
  operations: number
  /** How many times the CPU time of ours the peer should at least take: durable, and in memory. */
  goals: { durable: number; inMemory: number }
  prepare: (candidate: Candidate) => Promise<Operation>
}

const redirectUri = 'http://localhost:1/callback'
const scope = 'openid profile email notes:read'

// RFC 7636 appendix B.
const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')

const loads: Load[] = [
  { name: 'discovery', operations: 2_000, goals: { durable: 1.8, inMemory: 1.5 }, prepare: discovery },
  { name: 'jwks', operations: 2_000, goals: { durable: 1.2, inMemory: 1.1 }, prepare: jwks },
  { name: 'client_credentials', operations: 1_500, goals: { durable: 2, inMemory: 1.5 }, prepare: opaqueTokens },
  { name: 'client_credentials, JWT', operations: 1_000, goals: { durable: 1.5, inMemory: 1.4 }, prepare: signedTokens },
  { name: 'introspection', operations: 1_000, goals: { durable: 1.5, inMemory: 1.3 }, prepare: introspection },
  { name: 'userinfo', operations: 1_000, goals: { durable: 1.8, inMemory: 1.4 }, prepare: userinfo },
  { name: 'PAR', operations: 800, goals: { durable: 2, inMemory: 1.6 }, prepare: pushedRequests },
  { name: 'refresh, rotation', operations: 600, goals: { durable: 2, inMemory: 1.2 }, prepare: refresh },
  { name: 'flow, session exists', operations: 300, goals: { durable: 2.2, inMemory: 1.2 }, prepare: flow },
]

/** §6 of the goals: of the peer's p99, ours may be so much. */
const latencyGoal = 0.6

const { values } = parseArgs({
  options: {
    load: { type: 'string', multiple: true, default: loads.map(({ name }) => name) },
    rounds: { type: 'string', default: '9' },
    'cpu-prof': { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const profile = values['cpu-prof']

if (!existsSync(join(root, 'bench/peer/node_modules'))) {
  throw new Error('The peer is not installed. Run: npm --prefix bench/peer ci')
}
await build()
const candidates = await Promise.all([ours(), peer('durable'), peer('in memory')])
try {
  await compare()
} finally {
  await Promise.all(candidates.map(({ server }) => server.stop()))
}

async function compare(): Promise<void> {
  const rows: string[][] = []
  for (const load of loads.filter(({ name }) => values.load.includes(name))) {
    console.error(`${load.name} …`)
    rows.push(rowOf(load, await inTurns(load)))
  }
  console.log(`CPU time of the server per operation, ${connections} connections: ${circumstances()}\n`)
  const head = ['', 'ours', 'peer', 'times', 'peer in memory', 'times']
  console.log(table([...head, 'requests/s', 'p50 / p99 ms', 'p99 of the peer’s'], rows))
}

async function inTurns({ operations, prepare }: Load): Promise<Round[][]> {
  const prepared = []
  for (const candidate of candidates) prepared.push({ ...candidate, operate: await prepare(candidate) })
  const measured = prepared.map((): Round[] => [])
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { server, operate }] of prepared.entries()) {
      const one = await measure(server, operations, operate)
      // The first one warms up.
      if (round > 0) measured[index]?.push(one)
    }
  }
  return measured
}

function rowOf({ name, goals }: Load, measured: readonly Round[][]): string[] {
  const [us, durable, inMemory] = measured.map(summaryOf)
  if (!us || !durable || !inMemory) return [name]
  const times = (than: Summary, goal: number) => judged(than.microseconds / us.microseconds, goal, (is) => is >= goal)
  const both = (number: (of: Summary) => string) => `${number(us)} : ${number(durable)}`
  return [
    name,
    `${us.microseconds.toFixed(0)} µs`,
    `${durable.microseconds.toFixed(0)} µs`,
    times(durable, goals.durable),
    `${inMemory.microseconds.toFixed(0)} µs`,
    times(inMemory, goals.inMemory),
    both(({ perSecond }) => perSecond.toFixed(0)),
    both(({ p50, p99 }) => `${p50.toFixed(0)} / ${p99.toFixed(0)}`),
    judged(us.p99 / durable.p99, latencyGoal, (is) => is <= latencyGoal),
  ]
}

function judged(ratio: number, goal: number, isReached: (ratio: number) => boolean): string {
  return `${isReached(ratio) ? '' : 'NOT '}${ratio.toFixed(2)} (goal ${goal.toFixed(1)})`
}

interface Summary {
  microseconds: number
  perSecond: number
  p50: number
  p99: number
}

function summaryOf(all: readonly Round[]): Summary {
  const quiet = quieterHalf(all)
  const milliseconds = quiet.flatMap((round) => round.milliseconds)
  return {
    microseconds: median(quiet.map((round) => round.microseconds)),
    perSecond: median(quiet.map((round) => round.perSecond)),
    p50: quantile(milliseconds, 0.5),
    p99: quantile(milliseconds, 0.99),
  }
}

async function ours(): Promise<Candidate> {
  const server = await startOurs(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])
  const web = await server.register({
    redirectUris: [redirectUri],
    responseTypes: ['CODE'],
    grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
    idTokenSignAlg: 'ES256',
  })
  const [opaque, signed] = await Promise.all([server.register(machine()), server.register(machine('ES256'))])
  const names = { authorize: '/oauth/authorize', token: '/oauth/token', par: '/oauth/par', userinfo: '/oauth/userinfo' }
  return {
    name: 'ours',
    server,
    paths: { ...names, introspect: '/oauth/introspect', jwks: '/oauth/jwks' },
    web,
    opaque: opaque.headers,
    signed: signed.headers,
    api: formFrom('demo-api', 'demo-api-secret'),
    async signInAndAllow(john, page) {
      const next = await john.signIn(page)
      // Who has agreed to it all before is not asked again.
      return next.sentTo ? next : john.decide(next, 'allow', ['profile', 'email', 'notes:read'])
    },
  }
}

async function peer(memory: 'durable' | 'in memory'): Promise<Candidate> {
  const port = String(await freePort())
  const file = memory === 'durable' ? ['peer.sqlite'] : []
  const server = await startMeasured(`http://localhost:${port}`, {
    args: [join(root, 'bench/peer/server.js'), port, ...file],
    environment: { NODE_ENV: 'production' },
  })
  return {
    name: `peer, ${memory}`,
    server,
    paths: {
      authorize: '/auth',
      token: '/token',
      par: '/request',
      userinfo: '/me',
      introspect: '/token/introspection',
      jwks: '/jwks',
    },
    web: { clientId: 'web', headers: formFrom('web', 'web-secret') },
    opaque: formFrom('opaque', 'opaque-secret'),
    signed: formFrom('signed', 'signed-secret'),
    api: formFrom('api', 'api-secret'),
    signInAndAllow: async (john, page) => john.submit(await john.submit(page, { login: 'john', password: 'john' }), {}),
  }
}

function discovery({ server }: Candidate): Promise<Operation> {
  return Promise.resolve(() => server.request('/.well-known/openid-configuration'))
}

function jwks({ server, paths }: Candidate): Promise<Operation> {
  return Promise.resolve(() => server.request(paths.jwks))
}

function opaqueTokens(candidate: Candidate): Promise<Operation> {
  return Promise.resolve(() => issue(candidate, candidate.opaque))
}

function signedTokens(candidate: Candidate): Promise<Operation> {
  return Promise.resolve(() => issue(candidate, candidate.signed))
}

/** RFC 6749 §4.4. */
function issue({ server, paths }: Candidate, headers: Headers): Promise<Tokens> {
  return tokens(server, paths.token, headers, { grant_type: 'client_credentials', scope: 'notes:read' })
}

/** RFC 7662, about an opaque token. */
async function introspection(candidate: Candidate): Promise<Operation> {
  const { server, paths, api: headers } = candidate
  const { access_token: token } = await issue(candidate, candidate.opaque)
  return async () => {
    const { body } = await server.request(paths.introspect, post(headers, { token }))
    if (!z.object({ active: z.boolean() }).parse(body).active) throw new Error('The token is not active')
  }
}

async function userinfo(candidate: Candidate): Promise<Operation> {
  const { server, paths } = candidate
  const sessions = await signInEverywhere(candidate)
  const headers = await Promise.all(
    sessions.map(async (cookie) => {
      const { access_token: token } = await signInAgain(candidate, cookie)
      return { authorization: `Bearer ${token}` }
    }),
  )
  return (connection) => server.request(paths.userinfo, { headers: headers[connection] ?? {} })
}

/** RFC 9126. */
function pushedRequests({ server, paths, web }: Candidate): Promise<Operation> {
  return Promise.resolve(() => server.request(paths.par, post(web.headers, authorizationRequest(web.clientId))))
}

/** RFC 6749 §6: each connection uses its refresh token once, and then the one that came back. */
async function refresh(candidate: Candidate): Promise<Operation> {
  const { server, paths, web } = candidate
  const sessions = await signInEverywhere(candidate)
  const newest = await Promise.all(sessions.map((cookie) => signInAgain(candidate, cookie)))
  return async (connection) => {
    const refreshToken = newest[connection]?.refresh_token
    if (refreshToken === undefined) throw new Error('There was no refresh token')
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
    newest[connection] = await tokens(server, paths.token, web.headers, form)
    if (newest[connection].refresh_token === refreshToken) throw new Error('The refresh token was not rotated')
  }
}

/** RFC 6749 §4.1: authorization request and token request of somebody who is signed in and has agreed before. */
async function flow(candidate: Candidate): Promise<Operation> {
  const sessions = await signInEverywhere(candidate)
  return (connection) => signInAgain(candidate, sessions[connection] ?? '')
}

/** Signs in once for each connection, and agrees to everything; answers with the cookies. */
async function signInEverywhere({ server, paths, web, signInAndAllow }: Candidate): Promise<string[]> {
  const cookies: string[] = []
  for (let connection = 0; connection < connections; connection += 1) {
    const john = person(server.issuer)
    const request = new URLSearchParams(authorizationRequest(web.clientId))
    let page = await john.visit(`${server.issuer}${paths.authorize}?${request.toString()}`)
    page = await signInAndAllow(john, page)
    if (!page.sentTo?.searchParams.has('code')) throw new Error(`No code came of signing in: ${page.url.href}`)
    cookies.push([...john.cookies].map(([name, value]) => `${name}=${value}`).join('; '))
  }
  return cookies
}

async function signInAgain({ server, paths, web }: Candidate, cookie: string): Promise<Tokens> {
  const request = new URLSearchParams(authorizationRequest(web.clientId))
  const { headers } = await server.request(`${paths.authorize}?${request.toString()}`, { headers: { cookie } })
  const code = new URL(String(headers['location']), server.issuer).searchParams.get('code')
  if (code === null) throw new Error(`There was something to ask the person: ${String(headers['location'])}`)
  const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: codeVerifier }
  return tokens(server, paths.token, web.headers, grant)
}

function authorizationRequest(clientId: string): Record<string, string> {
  return {
    ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope, state: 'state', nonce: 'nonce' },
    ...{ code_challenge: codeChallenge, code_challenge_method: 'S256' },
  }
}

async function tokens(
  server: MeasuredServer,
  path: string,
  headers: Headers,
  form: Record<string, string>,
): Promise<Tokens> {
  return tokenAnswer.parse((await server.request(path, post(headers, form))).body)
}

function post(headers: Headers, form: Record<string, string>) {
  return { method: 'POST', headers, body: new URLSearchParams(form).toString() } as const
}
