import { describe, expect, it } from 'vitest'
import { authorizationRequestFrom } from '../../server/authorization-request.ts'
import {
  completeWithConsent,
  findConsentMemory,
  ipClassOf,
  liveMemory,
  recordUse,
  type Consent,
  type ConsentMemory,
} from '../../server/consents.ts'
import { query, statement, type Row } from '../../server/database/database.ts'
import { beginInteraction } from '../../server/interactions.ts'
import { describeOnBoth } from './both-databases.ts'

const now = new Date('2026-11-01T12:00:00Z')
const minutes = (count: number) => new Date(now.getTime() + count * 60_000)
const clientId = 4_242_424_242_424

const request = authorizationRequestFrom(
  {
    action: 'INTERACTION',
    resultCode: 'A004001',
    resultMessage: '',
    ticket: 'the-ticket-of-the-engine',
    client: { clientId, clientName: 'Daybook' },
    service: { apiKey: 1 },
    scopes: [{ name: 'openid' }],
    maxAge: 0,
  },
  '',
)

const consent: Consent = {
  subject: 'john',
  client: request.client,
  redirectUri: 'https://app.example/cb',
  requested: ['openid', 'a', 'b'],
  granted: ['openid', 'a'],
  declined: ['b'],
  dynamicScopes: [],
  claims: ['nickname'],
  declinedClaims: ['birthdate'],
  requestedDetails: [],
  details: [],
  replaces: false,
  duration: 'unlimited',
  endsAt: undefined,
  ipClass: 'loopback',
  locale: 'en',
  sentencesHash: Buffer.alloc(32, 1).toString('base64url'),
}

describeOnBoth('what people consented to', (databases) => {
  async function decide(change: Partial<Consent>, at: Date): Promise<void> {
    const { one } = databases()
    const id = await beginInteraction(one, request, 'browser', at)
    expect(await completeWithConsent(one, id, { ...consent, ...change }, at)).toBe(true)
  }

  it('given no decision, then nothing is remembered', async () => {
    expect(await findConsentMemory(databases().one, 'nobody', 1)).toBeUndefined()
  })

  it('given two decisions, then the latest about each scope counts, for this person and this client only', async () => {
    const { one } = databases()
    await decide({}, now)
    await decide({ requested: ['openid', 'b', 'c'], granted: ['openid', 'b'], declined: ['c'], claims: [] }, minutes(5))
    expect(await findConsentMemory(one, 'john', clientId)).toEqual({
      granted: new Map([
        ['a', now],
        ['b', minutes(5)],
        ['openid', minutes(5)],
      ]),
      declined: new Map([['c', minutes(5)]]),
      claims: new Map([['nickname', now]]),
      declinedClaims: new Map([['birthdate', minutes(5)]]),
      endsAt: undefined,
    })
    expect(await findConsentMemory(one, 'jane', clientId)).toBeUndefined()
    expect(await findConsentMemory(one, 'john', 1)).toBeUndefined()
  })

  it('given two decisions, then both stay as evidence, word for word', async () => {
    const { one } = databases()
    await decide({ subject: 'witness' }, now)
    await decide({ subject: 'witness', granted: ['openid'], declined: ['a', 'b'] }, minutes(1))
    const select = statement('', 'SELECT * FROM consents WHERE subject = $1 ORDER BY id')
    expect(await one.read(query(select, 'witness'))).toMatchObject([
      {
        client_id: clientId,
        event: 'decided',
        requested: 'openid a b',
        granted: 'openid a',
        declined: 'b',
        claims: 'nickname',
        declined_claims: 'birthdate',
        details_json: '{"requested":[],"granted":[]}',
        duration: 'unlimited',
        ends_at: null,
        ip_class: 'loopback',
        locale: 'en',
        decided_at: now.getTime(),
      },
      { granted: 'openid', declined: 'a b', decided_at: minutes(1).getTime() },
    ])
  })

  async function rowsOf(table: string, subject: string): Promise<Row[]> {
    return databases().one.read(query(statement('', `SELECT * FROM ${table} WHERE subject = $1`), subject))
  }

  it('given a decision, then the app is connected as it described itself; given a later one, then since the first', async () => {
    await decide({ subject: 'connector' }, now)
    const client = { ...request.client, clientName: 'Diary' }
    await decide({ subject: 'connector', client, duration: 'hour', endsAt: minutes(65) }, minutes(5))
    const [app, ...others] = await rowsOf('connected_apps', 'connector')
    expect(others).toEqual([])
    expect(app).toMatchObject({
      client_id: clientId,
      first_allowed_at: now.getTime(),
      last_used_at: minutes(5).getTime(),
      ends_at: minutes(65).getTime(),
    })
    expect(JSON.parse(String(app?.['client_json']))).toMatchObject({
      clientId,
      clientName: 'Diary',
      redirectUri: 'https://app.example/cb',
    })
    const { one } = databases()
    expect((await findConsentMemory(one, 'connector', clientId))?.endsAt).toEqual(minutes(65))
    await decide({ subject: 'connector' }, minutes(6))
    expect((await findConsentMemory(one, 'connector', clientId))?.endsAt).toBeUndefined()
  })

  it('given a use without a page, then only the time of the last use changes, and only of what is connected', async () => {
    const { one } = databases()
    await decide({ subject: 'returner' }, now)
    await recordUse(one, 'returner', clientId, minutes(9))
    await recordUse(one, 'stranger', clientId, minutes(9))
    expect(await rowsOf('connected_apps', 'returner')).toMatchObject([
      { first_allowed_at: now.getTime(), last_used_at: minutes(9).getTime() },
    ])
    expect(await rowsOf('connected_apps', 'stranger')).toEqual([])
    expect(await rowsOf('consents', 'returner')).toHaveLength(1)
  })

  it('given a value of a parameterized scope, then it is kept as granted, and is no memory', async () => {
    const scopes = { requested: ['pay:1', 'pay:2'], granted: ['pay:1'], declined: ['pay:2'] }
    await decide({ subject: 'payer', ...scopes, dynamicScopes: ['pay:1', 'pay:2'], claims: [] }, now)
    const items = await rowsOf('consented_items', 'payer')
    expect(items.filter(({ name }) => name !== 'birthdate')).toMatchObject([
      { kind: 'dynamic-scope', name: 'pay:1', granted: 1 },
    ])
    expect(await findConsentMemory(databases().one, 'payer', clientId)).toMatchObject({
      granted: new Map(),
      declined: new Map(),
    })
  })

  it('given authorization details, then each is kept once, and those of a replaced grant go', async () => {
    const subject = 'banker'
    const [payment, accounts] = [{ type: 'payment' }, { type: 'accounts', actions: ['list'] }]
    const typesOf = async () => (await rowsOf('consented_details', subject)).map(({ detail_json: json }) => json)
    await decide({ subject, requestedDetails: [payment, accounts], details: [payment] }, now)
    await decide({ subject, requestedDetails: [payment, accounts], details: [accounts, payment] }, minutes(1))
    expect((await typesOf()).sort()).toEqual([JSON.stringify(accounts), JSON.stringify(payment)].sort())
    await decide({ subject, requestedDetails: [accounts], details: [accounts], replaces: true }, minutes(2))
    expect(await typesOf()).toEqual([JSON.stringify(accounts)])
    const [first] = await rowsOf('consents', subject)
    expect(JSON.parse(String(first?.['details_json']))).toEqual({
      requested: [payment, accounts],
      granted: [payment],
    })
  })

  it('given decisions about the same client at once on two connections, then all are kept', async () => {
    const { one, other } = databases()
    const decisions = Array.from({ length: 12 }, async (_, index) => {
      const database = index % 2 === 0 ? one : other
      const id = await beginInteraction(database, request, 'browser', now)
      const names = index % 3 === 0 ? ['a', 'b', 'c'] : ['c', 'b', 'a']
      return completeWithConsent(database, id, { ...consent, subject: 'both', granted: names, declined: [] }, now)
    })
    expect(await Promise.all(decisions)).toEqual(decisions.map(() => true))
    expect(await rowsOf('consents', 'both')).toHaveLength(12)
  })
})

describe('what counts of a memory', () => {
  const memory: ConsentMemory = {
    granted: new Map([
      ['openid', now],
      ['a', now],
    ]),
    declined: new Map([['b', now]]),
    claims: new Map([['nickname', now]]),
    declinedClaims: new Map(),
    endsAt: minutes(60),
  }

  it('given an engine that remembers less, then only what both remember', () => {
    const live = liveMemory(memory, ['openid', 'z'], now)
    expect(live).toEqual({ ...memory, granted: new Map([['openid', now]]) })
  })

  it.each([
    ['an engine that remembers no grant', undefined, now],
    ['a duration that has ended', ['openid', 'a'], minutes(60)],
  ])('given %s, then nothing is granted, and what was declined still is', (_what, engineGrants, at) => {
    expect(liveMemory(memory, engineGrants, at)).toEqual({ ...memory, granted: new Map(), claims: new Map() })
  })
})

describe('where a decision came from', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['::ffff:192.168.1.1', 'private'],
    ['fd00::1', 'private'],
    ['fe80::1', 'private'],
    ['203.0.113.7', 'public'],
    ['2001:db8::1', 'public'],
    ['not an address', ''],
    [undefined, ''],
  ] as const)('given %j, then %j', (address, expected) => {
    expect(ipClassOf(address)).toBe(expected)
  })
})
