/**
 * `npx tsx bench/token-kinds.ts`: what the kinds of access tokens cost, to issue and to find out about. CPU time per operation on this
 * machine, in one run; everything is measured in turns, so that a busy machine slows all of it. For docs/access-tokens.md.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Client } from '../sdk/types.ts'
import type { Child } from './measured.ts'
import { circumstances, formFrom, measure, median, quieterHalf, repeat, root, startChild, table } from './measured.ts'
import type { OurServer } from './ours.ts'
import { build, machine, quietEnvironment, startOurs } from './ours.ts'

const kinds = { opaque: machine(), 'JWT, ES256': machine('ES256'), 'JWT, RS256': machine('RS256') }

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

/** Does something so often, and answers how many microseconds each time has cost. */
type Cost = (operations: number) => Promise<number>

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } })
const rounds = Number(values.rounds)
const operations = 1_000

await build()
const engine = await startChild({
  args: [join(root, 'bench/lone-engine.js')],
  readyLine: 'ready',
  environment: await quietEnvironment(),
})
const ours = await startOurs()
try {
  await compare()
} finally {
  await Promise.all([ours.stop(), engine.stop()])
}

async function compare(): Promise<void> {
  const rows: { name: string; cells: string[] }[] = []
  const costsByKind = await Promise.all(Object.values(kinds).map((client) => costsOf(client)))
  for (const name of Object.keys(costsByKind[0] ?? {})) {
    console.error(`${name} …`)
    rows.push({ name, cells: await row(costsByKind.map((costs) => costs[name])) })
  }
  console.log(`CPU time per operation, and how many times that of an opaque token: ${circumstances()}\n`)
  console.log(
    table(
      ['', ...Object.keys(kinds)],
      rows.map(({ name, cells }) => [name, ...cells]),
    ),
  )
}

/** The kinds in turns. What an API spends on verifying is compared with nothing. */
async function row(costs: readonly (Cost | undefined)[]): Promise<string[]> {
  const measured = costs.map((): { microseconds: number }[] => [])
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, cost] of costs.entries()) {
      const microseconds = (await cost?.(operations)) ?? NaN
      // The first one warms up.
      if (round > 0) measured[index]?.push({ microseconds })
    }
  }
  const [opaque = NaN, ...others] = measured.map((each) => median(quieterHalf(each).map((one) => one.microseconds)))
  return [opaque, ...others].map((microseconds) => {
    const ratio = microseconds / opaque
    return Number.isNaN(microseconds)
      ? '–'
      : `${microseconds.toFixed(0)} µs${Number.isNaN(ratio) ? '' : ` (× ${ratio.toFixed(1)})`}`
  })
}

async function costsOf(client: Client): Promise<Record<string, Cost | undefined>> {
  const isJwt = client.attributes !== undefined
  const { headers } = await ours.register(client)
  const issue = () => issueOver(ours, headers)
  return {
    'to issue': (count) => overHttp(count, issue),
    'to issue, engine alone': (count) => alone(engine, client, 'issue', count),
    'to introspect (RFC 7662)': async (count) => {
      const token = await issue()
      const form = { method: 'POST', headers: formFrom('demo-api', 'demo-api-secret'), body: `token=${token}` } as const
      return overHttp(count, () => ours.request('/oauth/introspect', form))
    },
    'to introspect, engine alone': (count) => alone(engine, client, 'introspect', count),
    'to verify, at the API': isJwt ? async (count) => verify(await issue(), count) : undefined,
  }
}

async function overHttp(count: number, operate: () => Promise<unknown>): Promise<number> {
  const { microseconds } = await measure(ours, count, operate)
  return microseconds
}

async function issueOver(server: OurServer, headers: Record<string, string>): Promise<string> {
  const form = { method: 'POST', headers, body: 'grant_type=client_credentials&scope=notes:read' } as const
  const { body } = await server.request('/oauth/token', form)
  return z.object({ access_token: z.string() }).parse(body).access_token
}

async function alone(child: Child, client: Client, operation: string, count: number): Promise<number> {
  const answer = await child.ask({ client, operation, operations: count })
  return z.object({ microseconds: z.number() }).parse(answer).microseconds
}

/** RFC 9068 §4, as demo/signed-tokens.ts does it, with the keys at hand. Nothing else runs in this process meanwhile. */
async function verify(token: string, count: number): Promise<number> {
  const { body } = await ours.request('/oauth/jwks')
  const keys = createLocalJWKSet(keySet.parse(body))
  const expected = { typ: 'at+jwt', issuer: ours.issuer, audience: ours.issuer, requiredClaims: ['iat', 'jti'] }
  const before = process.cpuUsage()
  await repeat(count, () => jwtVerify(token, keys, expected))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}
