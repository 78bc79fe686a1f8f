import { describe, expect, it } from 'vitest'
import { authorizationRequestFrom } from '../../server/authorization-request.ts'
import {
  completeWithConsent,
  completeWithDenial,
  findDecisions,
  hasDecided,
  ipClassOf,
  liveMemory,
  recordUse,
  type Consent,
  type ItemDecision,
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
  resources: [],
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

  async function decisionsOf(subject: string) {
    const decisions = await findDecisions(databases().one, subject, clientId)
    return decisions.map(({ kind, name, isGranted, at }) => [kind, name, isGranted, at])
  }

  it('given no decision, then nothing is remembered', async () => {
    expect(await findDecisions(databases().one, 'nobody', 1)).toEqual([])
  })

  it('given two decisions, then the latest about each scope counts, for this person and this client only', async () => {
    const { one } = databases()
    await decide({}, now)
    await decide({ requested: ['openid', 'b', 'c'], granted: ['openid', 'b'], declined: ['c'], claims: [] }, minutes(5))
    expect(await decisionsOf('john')).toEqual([
      ['claim', 'birthdate', false, minutes(5)],
      ['claim', 'nickname', true, now],
      ['scope', 'a', true, now],
      ['scope', 'b', true, minutes(5)],
      ['scope', 'c', false, minutes(5)],
      ['scope', 'openid', true, minutes(5)],
    ])
    expect(await findDecisions(one, 'jane', clientId)).toEqual([])
    expect(await findDecisions(one, 'john', 1)).toEqual([])
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
    await decide({ subject: 'connector', client }, minutes(5))
    const [app, ...others] = await rowsOf('connected_apps', 'connector')
    expect(others).toEqual([])
    expect(app).toMatchObject({
      client_id: clientId,
      first_allowed_at: now.getTime(),
      last_used_at: minutes(5).getTime(),
    })
    expect(JSON.parse(String(app?.['client_json']))).toMatchObject({
      clientId,
      clientName: 'Diary',
      redirectUri: 'https://app.example/cb',
    })
  })

  async function itemsOf(subject: string) {
    const items = await rowsOf('consented_items', subject)
    return new Map(
      items.map(({ name, granted, held, ends_at: end, held_until: until }) => [name, [granted, held, end, until]]),
    )
  }

  it('given ends, then each decision has its own, and what stands granted stands until the later one', async () => {
    const [hour, day] = [minutes(60), minutes(1440)]
    const only = (granted: string[], endsAt: Date | undefined) => ({
      granted,
      endsAt,
      declined: [],
      claims: [],
      declinedClaims: [],
    })
    const subject = 'ender'
    await decide({ subject, ...only(['a', 'b'], hour) }, now)
    await decide({ subject, ...only(['c'], undefined) }, now)
    expect(await itemsOf(subject)).toEqual(
      new Map([
        ['a', [1, 1, hour.getTime(), hour.getTime()]],
        ['b', [1, 1, hour.getTime(), hour.getTime()]],
        ['c', [1, 1, null, null]],
      ]),
    )
    await decide({ subject, ...only(['a', 'c'], day) }, now)
    await decide({ subject, ...only(['a', 'b', 'c'], minutes(10)), declined: ['b'], granted: ['a', 'c'] }, now)
    expect(await itemsOf(subject)).toEqual(
      new Map([
        ['a', [1, 1, minutes(10).getTime(), day.getTime()]],
        ['b', [0, 1, hour.getTime(), hour.getTime()]],
        ['c', [1, 1, minutes(10).getTime(), null]],
      ]),
    )
    await decide({ subject, ...only(['a'], undefined) }, now)
    expect((await itemsOf(subject)).get('a')).toEqual([1, 1, null, null])
  })

  it('given resources, then they are part of the latest yes', async () => {
    const subject = 'sharer'
    const resources = ['https://api.example', 'https://bank.example']
    await decide({ subject, resources, claims: [], declinedClaims: [], declined: [], granted: ['a', 'b'] }, now)
    await decide({ subject, claims: [], declinedClaims: [], declined: [], granted: ['b'] }, now)
    expect(
      (await findDecisions(databases().one, subject, clientId)).map(({ name, resources: kept }) => [name, kept]),
    ).toEqual([
      ['a', resources],
      ['b', []],
    ])
  })

  it('given a grant that is replaced, then earlier yes decisions count no more, no decisions do, and all of it still stands', async () => {
    const subject = 'replacer'
    await decide({ subject }, now)
    await decide(
      { subject, granted: ['openid'], declined: [], claims: [], declinedClaims: [], replaces: true },
      minutes(1),
    )
    expect(await decisionsOf(subject)).toEqual([
      ['claim', 'birthdate', false, now],
      ['scope', 'b', false, now],
      ['scope', 'openid', true, minutes(1)],
    ])
    expect((await itemsOf(subject)).get('a')).toEqual([2, 1, null, null])
  })

  it('given a denial, then it is on record and a decision of the person, and nothing else has changed', async () => {
    const { one } = databases()
    const subject = 'denier'
    const id = await beginInteraction(one, request, 'browser', now)
    const denied = { ...consent, subject, granted: [], declined: ['openid', 'a', 'b'], claims: [], declinedClaims: [] }
    expect(await completeWithDenial(one, id, denied, now)).toBe(true)
    expect(await completeWithDenial(one, id, denied, now)).toBe(false)
    expect(await rowsOf('consents', subject)).toMatchObject([{ event: 'denied', granted: '', declined: 'openid a b' }])
    expect(await hasDecided(one, subject, clientId)).toBe(true)
    expect([await rowsOf('connected_apps', subject), await rowsOf('consented_items', subject)]).toEqual([[], []])
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
    expect(await decisionsOf('payer')).toEqual([['claim', 'birthdate', false, now]])
  })

  it('given authorization details, then each is kept once, until it is taken back: a grant that is replaced is one of several', async () => {
    const subject = 'banker'
    const [payment, accounts] = [{ type: 'payment' }, { type: 'accounts', actions: ['list'] }]
    const typesOf = async () => (await rowsOf('consented_details', subject)).map(({ detail_json: json }) => json)
    await decide({ subject, requestedDetails: [payment, accounts], details: [payment] }, now)
    await decide({ subject, requestedDetails: [payment, accounts], details: [accounts, payment] }, minutes(1))
    expect((await typesOf()).sort()).toEqual([JSON.stringify(accounts), JSON.stringify(payment)].sort())
    await decide({ subject, requestedDetails: [accounts], details: [accounts], replaces: true }, minutes(2))
    expect(await typesOf()).toHaveLength(2)
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
  const yes = (name: string, change: Partial<ItemDecision> = {}): ItemDecision => ({
    ...{ kind: 'scope', name, isGranted: true, at: now, endsAt: undefined, resources: [] },
    ...change,
  })
  const asking = (names: readonly string[], resources: string[] = []) => ({
    ...request,
    scopes: names.map((name) => ({ name, descriptions: [], attributes: [] })),
    resources,
  })
  const all = asking(['openid', 'a', 'b'])
  const decisions = [yes('openid'), yes('a'), yes('b', { isGranted: false }), yes('nickname', { kind: 'claim' })]
  const grantedOf = (memory: ReturnType<typeof liveMemory>) => [
    ...(memory?.granted.keys() ?? []),
    ...(memory?.claims.keys() ?? []),
  ]

  it('given no decision, then there is no memory', () => {
    expect(liveMemory([], 'not-told', all, now)).toBeUndefined()
  })

  it('given an engine that does not tell, then every decision counts', () => {
    expect(liveMemory(decisions, 'not-told', all, now)).toEqual({
      granted: new Map([
        ['openid', now],
        ['a', now],
      ]),
      declined: new Map([['b', now]]),
      claims: new Map([['nickname', now]]),
      declinedClaims: new Map(),
      endsAt: undefined,
    })
  })

  it('given an engine that remembers less, then only what both remember', () => {
    expect(grantedOf(liveMemory(decisions, ['openid', 'z'], all, now))).toEqual(['openid', 'nickname'])
  })

  it('given an engine that remembers no grant, then nothing is granted, and what was declined still is', () => {
    const memory = liveMemory(decisions, undefined, all, now)
    expect([grantedOf(memory), memory?.declined]).toEqual([[], new Map([['b', now]])])
  })

  it('given ends, then what has ended counts no more, and the earliest end of what is asked for counts', () => {
    const timed = [yes('a', { endsAt: minutes(60) }), yes('b', { endsAt: minutes(30) }), yes('c')]
    const at = (time: Date, ...names: string[]) => liveMemory(timed, 'not-told', asking(names), time)
    expect(grantedOf(at(minutes(30), 'a'))).toEqual(['a', 'c'])
    expect(grantedOf(at(minutes(60), 'a'))).toEqual(['c'])
    expect(at(now, 'a', 'b', 'c')?.endsAt).toEqual(minutes(30))
    expect(at(now, 'a', 'c')?.endsAt).toEqual(minutes(60))
    expect(at(now, 'c')?.endsAt).toBeUndefined()
    const claim = [yes('openid'), yes('nickname', { kind: 'claim', endsAt: minutes(5) })]
    expect(liveMemory(claim, 'not-told', { ...all, userInfoClaims: '{"nickname":null}' }, now)?.endsAt).toEqual(
      minutes(5),
    )
  })

  it('RFC 8707: given resources, then a yes counts where it was said, and a no everywhere', () => {
    const [api, bank] = ['https://api.example', 'https://bank.example']
    const placed = [
      yes('a', { resources: [api, bank] }),
      yes('b', { resources: [bank] }),
      yes('c'),
      yes('n', { resources: [bank], isGranted: false }),
      yes('nickname', { kind: 'claim', resources: [bank] }),
    ]
    const at = (...resources: string[]) => liveMemory(placed, 'not-told', asking(['a'], resources), now)
    expect(grantedOf(at(api))).toEqual(['a', 'c'])
    expect(grantedOf(at(bank))).toEqual(['a', 'b', 'c', 'nickname'])
    expect(grantedOf(at(api, bank))).toEqual(['a', 'c'])
    expect(grantedOf(at(api, 'https://evil.example'))).toEqual(['c'])
    expect(grantedOf(at())).toEqual(['c'])
    expect([...(at(api)?.declined.keys() ?? [])]).toEqual(['n'])
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
