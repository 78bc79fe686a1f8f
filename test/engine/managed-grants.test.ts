import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeHandle } from '../../server/engine/handle.ts'
import type { CodeOptions, Conversation, RegisteredTestClient } from './conversation.ts'
import {
  authorizationParameters,
  codeParameters,
  converse,
  jsonOf,
  responseOf,
  testScopes,
  tokensOf,
} from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

const managing = ['grant_management_query', 'grant_management_revoke']
const detail = { type: 'accounts', actions: ['balance'] }

let under: TestEngine
let engine: Conversation
let client: RegisteredTestClient

beforeAll(async () => {
  under = await openTestEngine({
    supportedScopes: [...testScopes, ...managing.map((name) => ({ name }))],
    supportedAuthorizationDetailsTypes: ['accounts'],
    grantManagementEndpoint: 'https://as.example/oauth/gm',
  })
  engine = converse(under)
  client = await engine.registerClient({ authorizationDetailsTypes: ['accounts'] })
})

afterAll(async () => {
  expect(under.failures).toEqual([])
  await under.close()
})

/** From a request with a grant management action to its tokens. */
async function change(
  action: 'create' | 'merge' | 'replace',
  { grantId, scope = 'openid email notes:read', ...options }: CodeOptions & { grantId?: string; scope?: string } = {},
) {
  const parameters = {
    ...{ scope, grant_management_action: action, ...(grantId !== undefined && { grant_id: grantId }) },
    ...options.parameters,
  }
  const { code, codeVerifier } = await engine.obtainCode(client, { ...options, parameters })
  const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
  return { answer, json: jsonOf(answer), ...tokensOf(answer), grantId: String(jsonOf(answer)['grant_id']) }
}

/** A token that a client has for itself, to manage its grants with. */
async function managerToken(scope = managing.join(' '), of = client): Promise<string> {
  return tokensOf(await engine.token({ grant_type: 'client_credentials', scope }, of)).access_token
}

const query = async (grantId: string, accessToken?: string) =>
  engine.manageGrant({ gmAction: 'QUERY', grantId, accessToken: accessToken ?? (await managerToken()) })
const revoke = async (grantId: string, accessToken?: string) =>
  engine.manageGrant({ gmAction: 'REVOKE', grantId, accessToken: accessToken ?? (await managerToken()) })

describe('Grant Management for OAuth 2.0 §5.2: what becomes of a grant', () => {
  it('create: the token response names it, behind the ID token, and introspection shows what it holds', async () => {
    const claims = JSON.stringify({ userinfo: { name: null, nickname: null } })
    const { answer, json, access_token, grantId } = await change('create', {
      parameters: { claims, authorization_details: JSON.stringify([detail]) },
      resources: ['https://api.example'],
      issue: { consentedClaims: ['name', 'email', 'never_requested'] },
    })
    expect(Object.keys(json).slice(-3)).toEqual(['id_token', 'grant_id', 'authorization_details'])
    expect(answer).toMatchObject({ grantId })
    expect(await engine.introspect(access_token)).toMatchObject({ grant_id: grantId })
    expect(await engine.inspect({ token: access_token })).toMatchObject({
      grantId,
      grant: {
        scopes: [{ scope: 'openid email notes:read', resource: ['https://api.example'] }],
        claims: ['email', 'name'],
        authorizationDetails: { elements: [detail] },
      },
    })
  })

  it('the answer that issues the code says which grant it is, unless the grant belongs to somebody else', async () => {
    const issueFor = async (subject: string, parameters: Record<string, string>) => {
      const request = { ...authorizationParameters(client, 'v'.repeat(43)), scope: 'openid', ...parameters }
      const accepted = await engine.authorize(request)
      if (accepted.action !== 'INTERACTION') throw new Error(accepted.resultMessage)
      return engine.issue({ ticket: accepted.ticket, subject })
    }
    const { grantId } = await change('create', { subject: 'told' })
    const replace = { grant_management_action: 'replace', grant_id: grantId }
    expect(await issueFor('told', replace)).toMatchObject({ action: 'LOCATION', grantId })
    expect(await issueFor('somebody else', replace)).not.toHaveProperty('grantId')
    expect(await issueFor('told', {})).not.toHaveProperty('grantId')
    expect(await issueFor('told', { grant_management_action: 'create' })).toHaveProperty('grantId')
  })

  it('no action: there is no managed grant', async () => {
    const { code, codeVerifier } = await engine.obtainCode(client)
    const answer = await engine.token(codeParameters(client, code, codeVerifier), client)
    expect(jsonOf(answer)).not.toHaveProperty('grant_id')
    expect(answer).not.toHaveProperty('grantId')
  })

  it('merge: the new tokens can do what all have granted, and open the claims of all', async () => {
    const claims = JSON.stringify({ userinfo: { name: null } })
    const first = await change('create', { parameters: { claims }, subject: 'merging' })
    const second = await change('merge', { grantId: first.grantId, scope: 'openid notes:write', subject: 'merging' })
    expect(second.grantId).toBe(first.grantId)
    expect(second.scope.split(' ').sort()).toEqual(['email', 'notes:read', 'notes:write', 'openid'])
    const { claims: opened } = { claims: [], ...(await engine.userinfo(second.access_token)) }
    expect(opened).toEqual(['email', 'email_verified', 'name'])
    // §5.2: refresh tokens of the grant that there were end.
    const refresh = (refresh_token = '') => engine.token({ grant_type: 'refresh_token', refresh_token }, client)
    expect((await refresh(first.refresh_token)).resultCode).toBe('A053305')
    expect(tokensOf(await refresh(second.refresh_token)).scope).toBe(second.scope)
  })

  it('merge: a claim that was declined stays declined, whatever scopes come', async () => {
    const declining = { consentedClaims: ['email'] }
    const first = await change('create', { scope: 'openid email profile', issue: declining, subject: 'declining' })
    const second = await change('merge', { grantId: first.grantId, scope: 'openid notes:read', subject: 'declining' })
    expect(await engine.userinfo(second.access_token)).toMatchObject({ claims: ['email'] })
  })

  it('merge: what was granted before and is declined now is in no new token, and not in the grant', async () => {
    const subject = 'taking-back'
    const parameters = { authorization_details: JSON.stringify([detail]) }
    const { grantId } = await change('create', { subject, scope: 'openid notes:read email', parameters })
    const second = await change('merge', {
      ...{ grantId, subject, scope: 'openid notes:read notes:write email', parameters },
      scopes: ['openid', 'notes:write'],
      issue: { consentedClaims: [], authorizationDetails: { elements: [] } },
    })
    expect(second.scope.split(' ').sort()).toEqual(['notes:write', 'openid'])
    expect(second.json['authorization_details']).toEqual([])
    expect(await engine.userinfo(second.access_token)).toMatchObject({ claims: [] })
    expect(jsonOf(await query(grantId))).toEqual({ scopes: [{ scope: 'openid notes:write' }], claims: [] })
    // Asked about nothing of it, a third one brings nothing of it back.
    const third = await change('merge', { grantId, subject, scope: 'openid' })
    expect(third.scope.split(' ').sort()).toEqual(['notes:write', 'openid'])
  })

  it('merge, OIDC Core §5.5: a claim that was asked for the ID token alone is not released by userinfo', async () => {
    const subject = 'id-token-only'
    const claims = JSON.stringify({ id_token: { email: null }, userinfo: { name: null } })
    const { grantId } = await change('create', {
      ...{ subject, scope: 'openid', parameters: { claims } },
      issue: { consentedClaims: ['email', 'name'] },
    })
    const second = await change('merge', { grantId, subject, scope: 'openid', issue: { consentedClaims: [] } })
    expect(await engine.userinfo(second.access_token)).toMatchObject({ claims: ['name'] })
    expect(jsonOf(await query(grantId))).toMatchObject({ claims: ['email', 'name'] })
  })

  it('merge: an older code that is redeemed later brings no refresh token', async () => {
    const subject = 'late'
    const { grantId } = await change('create', { subject })
    const merging = { scope: 'notes:read', grant_management_action: 'merge', grant_id: grantId }
    const older = await engine.obtainCode(client, { subject, parameters: merging })
    const newer = await change('merge', { grantId, subject, scope: 'notes:write' })
    const late = tokensOf(await engine.token(codeParameters(client, older.code, older.codeVerifier), client))
    expect(late.refresh_token).toBeUndefined()
    expect(await engine.introspect(late.access_token)).toMatchObject({ active: true })
    const refreshed = await engine.token(
      { grant_type: 'refresh_token', refresh_token: newer.refresh_token ?? '' },
      client,
    )
    expect(refreshed.action).toBe('OK')
  })

  it('merge: what was granted for one resource is shown with it, and no token for another has it', async () => {
    const [x, y] = ['https://x.example', 'https://y.example']
    const subject = 'limiting'
    const first = await change('create', {
      ...{ subject, scope: 'openid email notes:read', resources: [x] },
      parameters: { authorization_details: JSON.stringify([detail]) },
    })
    const { grantId } = first
    const wide = await change('merge', { grantId, subject, scope: 'openid notes:write' })
    expect(wide.scope).toBe('openid notes:write')
    expect(wide.json).not.toHaveProperty('authorization_details')
    expect(await engine.introspect(wide.access_token)).not.toHaveProperty('authorization_details')
    expect(await engine.userinfo(wide.access_token)).toMatchObject({ claims: [] })
    const again = await change('merge', { grantId, subject, scope: 'openid profile', resources: [x] })
    expect(again.scope.split(' ').sort()).toEqual(['email', 'notes:read', 'notes:write', 'openid', 'profile'])
    expect(again.json['authorization_details']).toEqual([detail])
    const { scope } = await change('merge', { grantId, subject, scope: 'notes:read', resources: [x, y] })
    expect(scope.split(' ').sort()).toEqual(['notes:read', 'notes:write', 'openid'])
    const scopes = [
      { scope: 'openid email notes:read profile', resource: [x] },
      { scope: 'openid notes:write' },
      { scope: 'notes:read', resource: [x, y] },
    ]
    expect(jsonOf(await query(grantId))).toMatchObject({ scopes, authorization_details: [detail] })
    const begun = await engine.authorize({
      ...authorizationParameters(client, 'v'.repeat(43)),
      ...{ grant_management_action: 'merge', grant_id: grantId },
    })
    expect(begun).toMatchObject({ grantId, grantSubject: subject, grant: { scopes } })
    expect(await engine.inspect({ token: again.access_token })).toMatchObject({ grant: { scopes } })
  })

  it('given a grant whose time is over, then it is there and holds nothing, until a merge fills it again', async () => {
    const subject = 'for-an-hour'
    const { grantId } = await change('create', { subject, issue: { refreshTokenDuration: 3_600 } })
    const endsAt = Math.floor(under.clock.now().getTime() / 1000) + 3_600
    const merging = { grant_management_action: 'merge', grant_id: grantId }
    const begin = () => engine.authorize({ ...authorizationParameters(client, 'v'.repeat(43)), ...merging })
    under.clock.advance(3_599)
    expect(await begin()).toMatchObject({ grantId, grantSubject: subject, grant: { scopes: [{}] } })
    under.clock.advance(1)
    const begun = await begin()
    expect(begun).toMatchObject({ grantId, grantSubject: subject })
    expect(begun).not.toHaveProperty('grant')
    expect(jsonOf(await query(grantId))).toEqual({ scopes: [], claims: [], expires_at: endsAt })
    const merged = await change('merge', { grantId, subject, scope: 'notes:write' })
    expect(jsonOf(await query(grantId))).toEqual({ scopes: [{ scope: 'notes:write' }], claims: [] })
    expect(await engine.inspect({ token: merged.access_token })).toMatchObject({
      grant: { scopes: [{ scope: 'notes:write' }] },
    })
  })

  it('merge: a claim goes with its scope, out of all tokens that have it', async () => {
    const subject = 'withdrawing'
    const resources = ['https://x.example', testIssuer]
    const { grantId } = await change('create', { subject, scope: 'openid email', resources })
    const claimsOf = async (token: string) => ({ claims: [], ...(await engine.userinfo(token)) }).claims
    const wide = await change('merge', { grantId, subject, scope: 'openid profile' })
    const both = await change('merge', { grantId, subject, scope: 'openid', resources })
    expect(await claimsOf(wide.access_token)).not.toContain('email')
    expect(await claimsOf(both.access_token)).toEqual(expect.arrayContaining(['email', 'name']))
    await engine.narrow(client, { subject, scopes: ['openid', 'profile'] })
    for (const { access_token } of [wide, both]) {
      const claims = await claimsOf(access_token)
      expect(claims).toContain('name')
      expect(claims).not.toContain('email')
    }
  })

  it('replace: it holds what is granted now, and the tokens of before are dead', async () => {
    const first = await change('create')
    const second = await change('replace', { grantId: first.grantId, scope: 'notes:write' })
    expect(second).toMatchObject({ grantId: first.grantId, scope: 'notes:write' })
    expect(await engine.introspect(first.access_token)).toEqual({ active: false })
    expect(jsonOf(await query(first.grantId))).toEqual({ scopes: [{ scope: 'notes:write' }], claims: [] })
  })

  it('another person than the one who gave it: the grant stays, and the tokens do not name it', async () => {
    const { grantId } = await change('create', { subject: 'owner' })
    const before = jsonOf(await query(grantId))
    for (const action of ['merge', 'replace'] as const) {
      const { json } = await change(action, { grantId, scope: 'notes:write', subject: 'somebody else' })
      expect(json).not.toHaveProperty('grant_id')
      expect(json['scope']).toBe('notes:write')
    }
    expect(jsonOf(await query(grantId))).toEqual(before)
  })

  it('a grant that is revoked while the person decides: invalid_grant_id', async () => {
    const { grantId } = await change('create')
    const begun = await engine.authorize({
      ...authorizationParameters(client, 'v'.repeat(43)),
      ...{ grant_management_action: 'merge', grant_id: grantId },
    })
    if (begun.action !== 'INTERACTION') throw new Error(begun.resultMessage)
    await revoke(grantId)
    const answer = await engine.issue({ ticket: begun.ticket, subject: 'subject-1' })
    expect(responseOf(answer)).toMatchObject({ error: 'invalid_grant_id', state: 'af0ifjsldkj' })
    expect((await engine.issue({ ticket: begun.ticket, subject: 'subject-1' })).resultCode).toBe('A940201')
  })
})

describe('Grant Management for OAuth 2.0 §6: asking about a grant, and giving it back', () => {
  it('§6.4: what it holds; members without a value are left out', async () => {
    const { grantId } = await change('create')
    const answer = await query(grantId)
    expect(answer).toMatchObject({ action: 'OK', resultCode: 'A277001' })
    expect(jsonOf(answer)).toEqual({
      scopes: [{ scope: 'openid email notes:read' }],
      claims: ['email', 'email_verified'],
    })
  })

  it('§6.4: details, resources, and when it ends', async () => {
    const { grantId } = await change('create', {
      scope: 'notes:read',
      parameters: { authorization_details: JSON.stringify([detail]) },
      resources: ['https://x.example', 'https://y.example'],
      issue: { refreshTokenDuration: 3_600 },
    })
    expect(jsonOf(await query(grantId))).toEqual({
      scopes: [{ scope: 'notes:read', resource: ['https://x.example', 'https://y.example'] }],
      claims: [],
      authorization_details: [detail],
      expires_at: under.clock.now().getTime() / 1000 + 3_600,
    })
  })

  it('§6.5: revoked, its access and refresh tokens are dead, and its id is not found', async () => {
    const { grantId, access_token, refresh_token = '' } = await change('create')
    expect(await revoke(grantId)).toMatchObject({ action: 'NO_CONTENT' })
    expect(await engine.introspect(access_token)).toEqual({ active: false })
    expect((await engine.token({ grant_type: 'refresh_token', refresh_token }, client)).action).toBe('BAD_REQUEST')
    for (const again of [await query(grantId), await revoke(grantId)]) {
      expect(again.action).toBe('NOT_FOUND')
      expect(jsonOf(again)['error']).toBe('invalid_grant_id')
    }
  })

  it('what the person takes back is not in it any more; ended, it is gone', async () => {
    const { grantId } = await change('create', { subject: 'taker' })
    await engine.narrow(client, { subject: 'taker', scopes: ['openid', 'notes:read'] })
    expect(jsonOf(await query(grantId))).toEqual({ scopes: [{ scope: 'openid notes:read' }], claims: [] })
    await under.call('POST', `/${under.serviceId}/client/authorization/delete/${client.clientId}`, {
      body: { subject: 'taker' },
    })
    expect((await query(grantId)).action).toBe('NOT_FOUND')
  })

  it('of 16 who revoke it at once, one does', async () => {
    const { grantId } = await change('create')
    const token = await managerToken()
    const answers = await Promise.all(Array.from({ length: 16 }, () => revoke(grantId, token)))
    expect(answers.filter(({ action }) => action === 'NO_CONTENT')).toHaveLength(1)
    expect(answers.filter(({ action }) => action === 'NOT_FOUND')).toHaveLength(15)
  })

  it('§6.1: each action needs its scope', async () => {
    const { grantId, access_token } = await change('create')
    const [toQuery, toRevoke] = await Promise.all(managing.map((scope) => managerToken(scope)))
    for (const answer of [
      await query(grantId, toRevoke),
      await revoke(grantId, toQuery),
      await query(grantId, access_token),
    ]) {
      expect(answer).toMatchObject({ action: 'FORBIDDEN', resultCode: 'A977301' })
      expect('responseContent' in answer && answer.responseContent).toMatch(/^Bearer error="insufficient_scope",/)
    }
    expect((await query(grantId, toQuery)).action).toBe('OK')
    expect((await revoke(grantId, toRevoke)).action).toBe('NO_CONTENT')
  })

  it('§6.6: without a living token 401, and nothing happens', async () => {
    const { grantId, refresh_token } = await change('create')
    const dead = await managerToken()
    await engine.revoke({ token: dead }, client)
    for (const token of ['x', dead, refresh_token ?? '', makeHandle(under.clock.now()).handle]) {
      const answer = await revoke(grantId, token)
      expect(answer.action).toBe('UNAUTHORIZED')
      expect('responseContent' in answer && answer.responseContent).toMatch(/^Bearer error="invalid_token",/)
    }
    expect((await query(grantId)).action).toBe('OK')
  })

  it('RFC 8707 §2.2: a token that is limited to others than the issuer manages nothing', async () => {
    const { grantId } = await change('create', { subject: 'john' })
    const tokenFor = async (...resources: string[]) =>
      (await engine.obtainTokens(client, { subject: 'john', resources, parameters: { scope: managing.join(' ') } }))
        .access_token
    const elsewhere = await tokenFor('https://x.example')
    for (const answer of [await query(grantId, elsewhere), await revoke(grantId, elsewhere)]) {
      expect(answer).toMatchObject({ action: 'UNAUTHORIZED', resultCode: 'A988301' })
    }
    const here = await tokenFor('https://x.example', testIssuer)
    expect((await query(grantId, here)).action).toBe('OK')
    expect((await revoke(grantId, here)).action).toBe('NO_CONTENT')
  })

  it('a grant belongs to its client', async () => {
    const { grantId } = await change('create')
    const other = await engine.registerClient()
    const token = await managerToken(undefined, other)
    for (const answer of [await query(grantId, token), await revoke(grantId, token)]) {
      expect(answer).toMatchObject({ action: 'FORBIDDEN', resultCode: 'A977302' })
    }
    expect((await query(grantId)).action).toBe('OK')
  })

  it('a token about a person opens the grants of that person', async () => {
    const { grantId } = await change('create', { subject: 'john' })
    const tokenOf = async (subject: string) =>
      (await engine.obtainTokens(client, { subject, parameters: { scope: managing.join(' ') } })).access_token
    expect((await query(grantId, await tokenOf('john'))).action).toBe('OK')
    expect(await revoke(grantId, await tokenOf('jane'))).toMatchObject({ action: 'FORBIDDEN', resultCode: 'A977302' })
  })

  it('§5.1: public clients do not manage grants', async () => {
    const { grantId } = await change('create')
    const spa = await engine.registerClient({
      ...{ clientType: 'PUBLIC', tokenAuthMethod: 'NONE', grantTypes: ['AUTHORIZATION_CODE'] },
    })
    const { code, codeVerifier } = await engine.obtainCode(spa, { parameters: { scope: managing.join(' ') } })
    const parameters = { ...codeParameters(spa, code, codeVerifier), client_id: spa.clientId }
    const { access_token } = tokensOf(await engine.token(parameters))
    expect(await query(grantId, access_token)).toMatchObject({ action: 'FORBIDDEN', resultCode: 'A285311' })
  })

  it('an action that is none of this API: the caller is at fault', async () => {
    const accessToken = await managerToken()
    for (const gmAction of ['CREATE', 'MERGE', 'REPLACE'] as const) {
      const answer = await engine.manageGrant({ gmAction, grantId: 'x', accessToken })
      expect(answer).toMatchObject({ action: 'CALLER_ERROR', resultCode: 'A977201' })
    }
  })
})
