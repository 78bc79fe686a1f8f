import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../sdk/engine.ts'
import type { Question } from '../../sdk/types.ts'
import type { Conversation, RegisteredTestClient } from './conversation.ts'
import { converse, errorOf, tokensOf } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testScopes } from './engine-under-test.ts'

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({ accessTokenDuration: 600, supportedScopes: testScopes })
  engine = converse(under)
})

beforeEach(async () => {
  client = await engine.registerClient()
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

const params = () => ({ path: { serviceId: String(under.serviceId) } })

const create = (body: Question<'auth_token_create_api'>) =>
  ask(under.engine.POST('/api/{serviceId}/auth/token/create', { params: params(), body }))
const update = (body: Question<'auth_token_update_api'>) =>
  ask(under.engine.POST('/api/{serviceId}/auth/token/update', { params: params(), body }))
const revoke = (body: Question<'auth_token_revoke_api'>) =>
  ask(under.engine.POST('/api/{serviceId}/auth/token/revoke', { params: params(), body }))
const remove = (identifier: string) => under.call('DELETE', `/${under.serviceId}/auth/token/delete/${identifier}`)
const list = (query: string) => under.call('GET', `/${under.serviceId}/auth/token/get/list?${query}`)

const refresh = (refresh_token = '', of = client) => engine.token({ grant_type: 'refresh_token', refresh_token }, of)
const own = async (of = client) =>
  tokensOf(await engine.token({ grant_type: 'client_credentials', scope: 'notes:read' }, of)).access_token
const isActive = async (token: string) => (await engine.introspect(token))['active']

async function hashesOf(subject: string): Promise<{ accessTokenHash: string; refreshTokenHash: string }> {
  const query = { subject }
  const { accessTokens } = await ask(
    under.engine.GET('/api/{serviceId}/auth/token/get/list', { params: { ...params(), query } }),
  )
  const [token] = accessTokens
  return { accessTokenHash: token?.accessTokenHash ?? '', refreshTokenHash: token?.refreshTokenHash ?? '' }
}

describe('auth/token/create', () => {
  const forSubject = () => ({
    grantType: 'AUTHORIZATION_CODE' as const,
    clientId: client.numericId,
    subject: 'subject-9',
    scopes: ['notes:read', 'notes:write'],
  })

  it('given a subject, then an access token and a refresh token that work like all others', async () => {
    const properties = [{ key: 'batch', value: '7' }]
    const created = await create({ ...forSubject(), properties, acr: 'gold', authTime: 5, accessTokenDuration: 60 })
    if (created.action !== 'OK') throw new Error(created.resultMessage)
    expect(created).toMatchObject({ resultCode: 'A109001', expiresIn: 60, tokenType: 'Bearer', properties })
    expect(await engine.introspect(created.accessToken)).toMatchObject({
      active: true,
      scope: 'notes:read notes:write',
      sub: 'subject-9',
      acr: 'gold',
      auth_time: 5,
      batch: '7',
    })
    const refreshed = tokensOf(await refresh(created.refreshToken))
    expect([await isActive(created.accessToken), await isActive(refreshed.access_token)]).toEqual([false, true])
  })

  it('given client credentials or implicit, then no refresh token; given a key, then the token is bound to it', async () => {
    const { subject, ...machine } = { ...forSubject(), grantType: 'CLIENT_CREDENTIALS' as const }
    expect(subject).toBeDefined()
    expect(await create(machine)).not.toHaveProperty('refreshToken')
    expect(await create({ ...forSubject(), grantType: 'IMPLICIT' })).not.toHaveProperty('refreshToken')
    const bound = await create({ ...machine, dpopKeyThumbprint: 'k'.repeat(43) })
    if (bound.action !== 'OK') throw new Error(bound.resultMessage)
    expect(bound.tokenType).toBe('DPoP')
    expect(await engine.introspect(bound.accessToken)).toMatchObject({ cnf: { jkt: 'k'.repeat(43) } })
  })

  it.each<[string, Partial<Question<'auth_token_create_api'>>, string]>([
    ['a refresh as its grant', { grantType: 'REFRESH_TOKEN' }, 'A909202'],
    ['a subject for client credentials', { grantType: 'CLIENT_CREDENTIALS' }, 'A909203'],
    ['a reserved property', { properties: [{ key: 'sub', value: 'x' }] }, 'A909204'],
    ['an unknown client', { clientIdentifier: 'nobody' }, 'A909205'],
    ['a scope that the service has not', { scopes: ['notes:read', 'other'] }, 'A909206'],
    ['a resource that is none', { resources: ['here'] }, 'A251307'],
  ])('given %s, then it is told, and there is no token', async (_, change, resultCode) => {
    expect(await create({ ...forSubject(), ...change })).toMatchObject({ action: 'BAD_REQUEST', resultCode })
    expect((await list(`clientIdentifier=${client.clientId}`)).json['totalCount']).toBe(0)
  })

  it('given a caller without the right to run the service, then 403', async () => {
    const accessToken = await under.makeAccessToken(['USE_INTROSPECTION', 'MODIFY_CLIENT'])
    for (const path of ['create', 'update', 'revoke']) {
      const body = { grantType: 'IMPLICIT', subject: 'x' }
      expect((await under.call('POST', `/${under.serviceId}/auth/token/${path}`, { body, accessToken })).status).toBe(
        403,
      )
    }
  })
})

describe('auth/token/update', () => {
  it('given new scopes, properties and an end, then the token has them, and later tokens have the properties', async () => {
    const { access_token, refresh_token } = await engine.obtainTokens(client)
    const end = under.clock.now().getTime() + 90_000
    const properties = [{ key: 'tier', value: 'b' }]
    const change = { scopes: ['notes:read', 'unknown'], properties, accessTokenExpiresAt: end }
    expect(await update({ accessToken: access_token, ...change })).toMatchObject({
      action: 'OK',
      resultCode: 'A135001',
      accessToken: access_token,
      scopes: ['notes:read'],
      properties,
      accessTokenExpiresAt: end,
    })
    const seen = { active: true, scope: 'notes:read', tier: 'b', exp: end / 1000 }
    expect(await engine.introspect(access_token)).toMatchObject(seen)
    const later = tokensOf(await refresh(refresh_token))
    const { tier, scope } = await engine.introspect(later.access_token)
    expect([tier, String(scope).split(' ')]).toEqual(['b', expect.arrayContaining(['openid'])])
  })

  it('given a hash and the wish for a new value, then the old value ends and the new one counts', async () => {
    const { access_token } = await engine.obtainTokens(client, { subject: 'renewed' })
    const { accessTokenHash } = await hashesOf('renewed')
    const answer = await update({ accessTokenHash, accessTokenValueUpdated: true })
    if (answer.action !== 'OK' || answer.accessToken === undefined) throw new Error(answer.resultMessage)
    expect([await isActive(access_token), await isActive(answer.accessToken)]).toEqual([false, true])
    const token = await own()
    expect(await update({ accessToken: token, scopes: [] })).toMatchObject({ action: 'OK', scopes: [] })
  })

  it('given that the person took a scope back, or set an end, then an update gives nothing back', async () => {
    const { access_token } = await engine.obtainTokens(client, { issue: { refreshTokenDuration: 3_600 } })
    await engine.narrow(client, { subject: 'subject-1', scopes: ['openid'] })
    const far = under.clock.now().getTime() + 86_400_000
    await update({ accessToken: access_token, scopes: ['openid', 'notes:write'], accessTokenExpiresAt: far })
    expect(await engine.introspect(access_token)).toMatchObject({
      scope: 'openid',
      exp: Math.floor(under.clock.now().getTime() / 1000) + 3_600,
    })
  })

  it('given new scopes and a new life with them, then the shortest duration counts', async () => {
    const { access_token } = await engine.obtainTokens(client)
    under.clock.advance(300)
    const change = { scopes: ['notes:read'], accessTokenExpiresAtUpdatedOnScopeUpdate: true }
    const end = under.clock.now().getTime() + 600_000
    expect(await update({ accessToken: access_token, ...change })).toMatchObject({ accessTokenExpiresAt: end })
  })

  it('given no token, a bad question or an ended one, then it is told', async () => {
    const { access_token: accessToken, refresh_token } = await engine.obtainTokens(client)
    expect(await update({})).toMatchObject({ action: 'BAD_REQUEST', resultCode: 'A935202' })
    await refresh(refresh_token)
    expect(await update({ accessToken })).toMatchObject({ action: 'NOT_FOUND' })
    expect(await update({ accessTokenHash: 'x'.repeat(43) })).toMatchObject({ action: 'NOT_FOUND' })
  })
})

describe('RFC 7009 §2.1, for the front-end: auth/token/delete and auth/token/revoke', () => {
  it.each(['value', 'hash'])(
    'given the %s of an access token, when it is deleted, then its refresh token ends, too',
    async (by) => {
      const subject = `deleted-by-${by}`
      const tokens = await engine.obtainTokens(client, { subject })
      const identifier = by === 'value' ? tokens.access_token : (await hashesOf(subject)).accessTokenHash
      expect((await remove(identifier)).status).toBe(204)
      expect(await isActive(tokens.access_token)).toBe(false)
      expect(errorOf(await refresh(tokens.refresh_token))).toBe('invalid_grant')
      expect((await remove(identifier)).status).toBe(204)
      expect((await remove('unknown')).status).toBe(204)
    },
  )

  it('given two that revoke one token at once, then one counts it; given only its refresh token is left, then none', async () => {
    const one = await engine.obtainTokens(client, { subject: 'r6' })
    const both = [
      revoke({ accessTokenIdentifier: one.access_token }),
      revoke({ accessTokenIdentifier: one.access_token }),
    ]
    expect((await Promise.all(both)).map(({ count }) => count).toSorted()).toEqual([0, 1])
    const two = await engine.obtainTokens(client, { subject: 'r7', issue: { accessTokenDuration: 60 } })
    under.clock.advance(60)
    expect(await revoke({ refreshTokenIdentifier: two.refresh_token ?? '' })).toMatchObject({ count: 0 })
    expect(errorOf(await refresh(two.refresh_token))).toBe('invalid_grant')
    const three = await engine.obtainTokens(client, { subject: 'r8', issue: { accessTokenDuration: 60 } })
    under.clock.advance(60)
    while (await under.storage.purgeExpired(under.clock.now(), 1_000));
    expect(await revoke({ refreshTokenIdentifier: three.refresh_token ?? '' })).toMatchObject({ count: 0 })
  })

  it('given one token by value or hash, then what goes with it ends, and nothing else', async () => {
    const subjects = ['r1', 'r2', 'r3', 'r4', 'r5']
    const all = await Promise.all(subjects.map((subject) => engine.obtainTokens(client, { subject })))
    const [one, two] = all
    if (!one || !two) throw new Error('no tokens')
    const hash3 = (await hashesOf('r3')).accessTokenHash
    const hash4 = (await hashesOf('r4')).refreshTokenHash
    expect(await revoke({ accessTokenIdentifier: one.access_token })).toMatchObject({ resultCode: 'A312001', count: 1 })
    expect(await revoke({ refreshTokenIdentifier: two.refresh_token ?? '' })).toMatchObject({ count: 1 })
    expect(await revoke({ accessTokenIdentifier: hash3 })).toMatchObject({ count: 1 })
    expect(await revoke({ refreshTokenIdentifier: hash4 })).toMatchObject({ count: 1 })
    expect(await revoke({ accessTokenIdentifier: one.access_token })).toMatchObject({ count: 0 })
    const alive = await Promise.all(all.map(({ access_token }) => isActive(access_token)))
    expect(alive).toEqual([false, false, false, false, true])
  })

  it('given a client, a subject or both, then theirs end, codes that wait included, and no others', async () => {
    const other = await engine.registerClient()
    const make = async () => ({
      mine: await engine.obtainTokens(client, { subject: 'ann' }),
      bobs: await engine.obtainTokens(client, { subject: 'bob' }),
      elsewhere: await engine.obtainTokens(other, { subject: 'ann' }),
      own: { access_token: await own() },
      others: { access_token: await own(other) },
    })
    const left = async (tokens: Awaited<ReturnType<typeof make>>) => {
      const states = Object.entries(tokens).map(async ([name, { access_token }]) => [
        name,
        await isActive(access_token),
      ])
      return (await Promise.all(states)).filter(([, active]) => active).map(([name]) => name)
    }
    const clientIdentifier = client.clientId
    const first = await make()
    expect(await revoke({ clientIdentifier, subject: 'ann' })).toMatchObject({ count: 1 })
    expect(await left(first)).toEqual(['bobs', 'elsewhere', 'own', 'others'])
    const { code, codeVerifier } = await engine.obtainCode(client, { subject: 'ann' })
    expect(await revoke({ subject: 'ann' })).toMatchObject({ count: 1 })
    expect(await left(first)).toEqual(['bobs', 'own', 'others'])
    const late = {
      grant_type: 'authorization_code',
      code,
      code_verifier: codeVerifier,
      redirect_uri: client.redirectUri,
    }
    expect(errorOf(await engine.token(late, client))).toBe('invalid_grant')
    const second = await make()
    expect(await revoke({ clientIdentifier })).toMatchObject({ count: 5 })
    expect([await left(first), await left(second)]).toEqual([['others'], ['elsewhere', 'others']])
    expect(errorOf(await refresh(second.mine.refresh_token))).toBe('invalid_grant')
  })

  it('given nobody, or an unknown client, then 400 and 404', async () => {
    const path = `/${under.serviceId}/auth/token/revoke`
    expect((await under.call('POST', path, { body: {} })).status).toBe(400)
    expect((await under.call('POST', path, { body: { clientIdentifier: 'nobody' } })).status).toBe(404)
  })
})

describe('auth/token/get/list: pages that hold still', () => {
  /** Whose tokens are listed, and behind which place. */
  interface Query {
    subject?: string
    clientIdentifier?: string
    before?: string
  }

  async function page(query: Query, end = 3): Promise<{ shown: string[]; next: string | undefined }> {
    const { accessTokens, next } = await ask(
      under.engine.GET('/api/{serviceId}/auth/token/get/list', { params: { ...params(), query: { ...query, end } } }),
    )
    return { shown: accessTokens.map(({ accessTokenHash }) => accessTokenHash), next }
  }

  /** All pages, with what happens after each. */
  async function readPages(query: Query, between: (page: number) => Promise<unknown>): Promise<string[]> {
    const all: string[] = []
    let { shown, next } = await page(query)
    for (let count = 1; next !== undefined; count += 1) {
      if (count > 100) throw new Error('the pages have no end')
      all.push(...shown)
      await between(count)
      ;({ shown, next } = await page({ ...query, before: next }))
    }
    return all
  }

  /** Eight tokens of one subject and one client, the oldest first. */
  async function obtainEight() {
    const of = await engine.registerClient()
    const subject = `paged-${of.clientId}`
    const obtain = async () => {
      under.clock.advance(1)
      const { access_token, refresh_token } = await engine.obtainTokens(of, { subject })
      const { shown } = await page({ subject }, 1)
      return { access_token, refresh_token, hash: shown[0] }
    }
    const tokens = []
    for (let count = 0; count < 8; count += 1) tokens.push(await obtain())
    return { of, obtain, tokens, queries: { subject: { subject }, client: { clientIdentifier: of.clientId } } }
  }

  it.each(['subject', 'client'] as const)(
    'given tokens that come and go, the one where a page ended too, then those of a %s that live all the time are shown once',
    async (filter) => {
      const { of, obtain, tokens, queries } = await obtainEight()
      const [t1, t2, t3, t4, t5, t6, t7, t8] = tokens
      const happenings = [
        // The first page is t8, t7, t6. One that was shown goes, the last one that was shown goes, one that waits is refreshed, and one comes.
        async () => {
          await engine.revoke({ token: t8?.access_token ?? '' }, of)
          await engine.revoke({ token: t6?.access_token ?? '' }, of)
          await refresh(t4?.refresh_token, of)
          await obtain()
        },
        // The second one is t5, t3, t2. Its last one is refreshed.
        async () => {
          await refresh(t2?.refresh_token, of)
          await obtain()
        },
      ]
      const shown = await readPages(queries[filter], (page) => happenings[page - 1]?.() ?? Promise.resolve())
      expect(shown).toEqual([t8, t7, t6, t5, t3, t2, t1].map((token) => token?.hash))
    },
  )

  it('given one that is refreshed before its page comes, then it is on none, and whoever begins again at the front sees it', async () => {
    const { of, tokens, queries } = await obtainEight()
    const [oldest] = tokens
    under.clock.advance(1)
    const shown = await readPages(queries.subject, (page) =>
      page === 1 ? refresh(oldest?.refresh_token, of) : Promise.resolve(),
    )
    expect(shown).toHaveLength(7)
    expect(shown).not.toContain(oldest?.hash)
    const again = await readPages(queries.subject, () => Promise.resolve())
    expect(again).toHaveLength(8)
    expect(again.filter((hash) => !shown.includes(hash))).toEqual(again.slice(0, 1))
  })

  it('given a place that is none, then 400', async () => {
    expect((await list('before=x')).status).toBe(400)
  })

  it('given tokenStatus, then what is valid, what is over, or both; given another word, then 400', async () => {
    await engine.obtainTokens(client, { subject: 'listed' })
    const count = async (status: string) => (await list(`subject=listed${status}`)).json['totalCount']
    expect([await count(''), await count('&tokenStatus=INVALID'), await count('&tokenStatus=ALL')]).toEqual([1, 0, 1])
    await revoke({ subject: 'listed' })
    expect([await count('&tokenStatus=VALID'), await count('&tokenStatus=INVALID')]).toEqual([0, 1])
    const refused = await list('tokenStatus=valid')
    expect([refused.status, refused.json['resultCode']]).toEqual([400, 'A901207'])
  })
})

describe('RFC 7662 §2.2: what is not active is told from nothing else', () => {
  it('given unknown, expired, revoked, replaced, foreign and locked out, then the same bytes', async () => {
    const [expired, revoked, replaced, foreign, locked] = await Promise.all(
      [1, 2, 3, 4, 5].map(() => engine.obtainTokens(client, { issue: { accessTokenDuration: 300 } })),
    )
    if (!expired || !revoked || !replaced || !foreign || !locked) throw new Error('no tokens')
    await engine.revoke({ token: revoked.access_token }, client)
    await refresh(replaced.refresh_token)
    const elsewhere = await engine.obtainTokens(client, { resources: ['https://a.example'] })
    const ask = async (token: string, rsUri?: string) => {
      const body = { parameters: new URLSearchParams({ token }).toString(), ...(rsUri !== undefined && { rsUri }) }
      return (await under.call('POST', `/${under.serviceId}/auth/introspection/standard`, { body })).text
    }
    const path = `/${under.serviceId}/client/lock_flag/update/${client.clientId}`
    const answers = [await ask('unknown'), await ask(revoked.access_token), await ask(replaced.access_token)]
    answers.push(await ask(elsewhere.access_token, 'https://b.example'), await ask(locked.refresh_token ?? ''))
    await under.call('POST', path, { body: { clientLocked: true } })
    answers.push(await ask(locked.access_token))
    await under.call('POST', path, { body: { clientLocked: false } })
    expect(await isActive(expired.access_token)).toBe(true)
    under.clock.advance(300)
    answers.push(await ask(expired.access_token))
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('{\\"active\\":false}')
  })

  it('I08: given a token with one character changed, cut or longer, then it is not active', async () => {
    const { access_token: token } = await engine.obtainTokens(client)
    const changed = Array.from(token, (character, index) => {
      const other = character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase()
      return [other, 'A', '_']
        .filter((one) => one !== character)
        .map((one) => token.slice(0, index) + one + token.slice(index + 1))
    }).flat()
    for (const text of [...changed, token.slice(0, -1), `${token}A`, ` ${token}`]) {
      expect(await isActive(text)).toBe(false)
    }
    expect(await isActive(token)).toBe(true)
  })
})

describe('RFC 7009: revocation by clients', () => {
  it('I04, I11: given a wrong hint, then the token is found, and both tokens end', async () => {
    for (const name of ['access_token', 'refresh_token'] as const) {
      const tokens = await engine.obtainTokens(client)
      const hint = name === 'access_token' ? 'refresh_token' : 'access_token'
      await engine.revoke({ token: tokens[name] ?? '', token_type_hint: hint }, client)
      expect(await isActive(tokens.access_token)).toBe(false)
      expect(errorOf(await refresh(tokens.refresh_token))).toBe('invalid_grant')
    }
  })

  it('§2.3: given a callback, then it is refused, and the token lives', async () => {
    const { access_token: token } = await engine.obtainTokens(client)
    const answer = await engine.revoke({ token, callback: 'package.revoked' }, client)
    expect([errorOf(answer), answer.resultCode]).toEqual(['invalid_request', 'A916302'])
    expect(await isActive(token)).toBe(true)
  })

  it('I09, I10: given another client’s token, or none such, then OK without effect', async () => {
    const other = await engine.registerClient()
    const tokens = await engine.obtainTokens(client)
    const answers = [
      await engine.revoke({ token: tokens.access_token }, other),
      await engine.revoke({ token: tokens.refresh_token ?? '' }, other),
      await engine.revoke({ token: 'unknown' }, other),
    ]
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]?.action).toBe('OK')
    expect(await isActive(tokens.access_token)).toBe(true)
    expect(errorOf(await engine.revoke({ token: 'x' }, { ...client, clientSecret: 'wrong' }))).toBe('invalid_client')
  })
})

describe('T25: what was taken away is not refreshed', () => {
  it('given a locked client, then nothing is active and nothing is refreshed; deleted, then for good', async () => {
    const tokens = await engine.obtainTokens(client)
    const lock = (clientLocked: boolean) =>
      under.call('POST', `/${under.serviceId}/client/lock_flag/update/${client.clientId}`, { body: { clientLocked } })
    await lock(true)
    expect((await refresh(tokens.refresh_token)).action).toBe('INVALID_CLIENT')
    expect(await isActive(tokens.access_token)).toBe(false)
    await lock(false)
    expect(await isActive(tokens.access_token)).toBe(true)
    await under.call('DELETE', `/${under.serviceId}/client/delete/${client.clientId}`)
    expect(await isActive(tokens.access_token)).toBe(false)
  })

  it('given a withdrawn consent, then the refresh is refused; a removed scope, then it is gone', async () => {
    const tokens = await engine.obtainTokens(client)
    await engine.narrow(client, { subject: 'subject-1', scopes: ['openid'] })
    const next = tokensOf(await refresh(tokens.refresh_token))
    expect(next.scope).toBe('openid')
    await under.call('DELETE', `/${under.serviceId}/client/authorization/delete/${client.clientId}/subject-1`)
    expect(errorOf(await refresh(next.refresh_token))).toBe('invalid_grant')
  })
})

describe('RFC 6749 §6: refreshable says whether a refresh would be served', () => {
  const parameters = { scope: 'openid offline_access notes:read', prompt: 'consent' }
  const ask = async (token: string) => engine.inspect({ token })

  it.each<[string, string[] | undefined, boolean]>([
    ['nothing', undefined, true],
    ['a scope', ['openid', 'offline_access'], true],
    ['access while they are away', ['openid', 'notes:read'], false],
    ['everything', [], false],
  ])('given that the person took back %s, then it is %s', async (_, scopes, refreshable) => {
    const subject = `back ${String(scopes)}`
    const tokens = await engine.obtainTokens(client, { subject, parameters })
    if (scopes) await engine.narrow(client, { subject, scopes })
    expect(await ask(tokens.access_token)).toMatchObject({ action: 'OK', refreshable })
    expect((await refresh(tokens.refresh_token)).action).toBe(refreshable ? 'OK' : 'BAD_REQUEST')
  })

  it('given an access token of fewer scopes than its refresh token, then that one counts', async () => {
    const { refresh_token = '' } = await engine.obtainTokens(client, { subject: 'fewer', parameters })
    const narrow = { grant_type: 'refresh_token', refresh_token, scope: 'notes:read' }
    const { access_token } = tokensOf(await engine.token(narrow, client))
    expect(await ask(access_token)).toMatchObject({ scopes: ['notes:read'], refreshable: true })
    await engine.narrow(client, { subject: 'fewer', scopes: ['notes:read'] })
    expect(await ask(access_token)).toMatchObject({ scopes: ['notes:read'], refreshable: false })
  })
})

describe('RFC 6750 §3.1, RFC 9470 §3: what a resource server may demand of a token', () => {
  const here = 'https://a.example'
  it.each<[string, Omit<Question<'auth_introspection_api'>, 'token'>, string]>([
    ['its scopes', { scopes: ['notes:read', 'openid'] }, 'A056001'],
    ['another scope', { scopes: ['notes:read', 'profile'] }, 'A956303'],
    ['its subject', { subject: 'subject-1' }, 'A056001'],
    ['another subject', { subject: 'subject-2' }, 'A956302'],
    ['its resource', { resources: [here] }, 'A056001'],
    ['another resource beside it', { resources: [here, 'https://b.example'] }, 'A956304'],
    ['one of two contexts', { acrValues: ['gold', 'silver'] }, 'A056001'],
    ['another context', { acrValues: ['platinum'] }, 'A341302'],
    ['a login that is recent enough', { maxAge: 30 }, 'A056001'],
    ['a more recent one', { maxAge: 29 }, 'A340301'],
  ])('given %s', async (_, demands, resultCode) => {
    const authTime = Math.floor(under.clock.now().getTime() / 1000) - 30
    const { access_token: token } = await engine.obtainTokens(client, {
      resources: [here],
      issue: { acr: 'silver', authTime },
    })
    expect(await engine.inspect({ token, ...demands })).toMatchObject({ resultCode })
  })

  it.each<[string, Pick<Question<'auth_introspection_api'>, 'acrValues' | 'maxAge'>, string]>([
    ['another context', { acrValues: ['gold', 'platinum'] }, ',acr_values="gold platinum"'],
    ['a more recent login', { maxAge: 29 }, ',max_age="29"'],
    ['both', { acrValues: ['gold'], maxAge: 29 }, ',acr_values="gold",max_age="29"'],
    ['another context, after a login that is recent enough', { acrValues: ['gold'], maxAge: 30 }, ',acr_values="gold"'],
    ['a recent login of the right context', { acrValues: ['silver'], maxAge: 29 }, ',max_age="29"'],
  ])('RFC 9470 §3: given %s, then the challenge says what would do', async (_, demands, end) => {
    const authTime = Math.floor(under.clock.now().getTime() / 1000) - 30
    const { access_token: token } = await engine.obtainTokens(client, { issue: { acr: 'silver', authTime } })
    const { action, responseContent } = await engine.inspect({ token, ...demands })
    expect(action).toBe('UNAUTHORIZED')
    expect(responseContent).toMatch(/^Bearer error="insufficient_user_authentication",/)
    expect(/(,acr_values=.*|,max_age=.*)$/.exec(responseContent ?? '')?.[0]).toBe(end)
  })

  it('RFC 9470 §5: given a client that acts for itself, then nobody has logged in, however lately', async () => {
    const machine = { grant_type: 'client_credentials', scope: 'notes:read' }
    const { access_token: token } = tokensOf(await engine.token(machine, client))
    expect(await engine.inspect({ token, maxAge: 86_400 })).toMatchObject({ resultCode: 'A340301' })
    expect(await engine.inspect({ token, acrValues: ['silver'] })).toMatchObject({ resultCode: 'A341302' })
  })
})
