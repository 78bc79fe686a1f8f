import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, Service } from '../../../sdk/types.ts'
import { checkGrantManagement } from '../../../server/engine/authorization-request/grant-management.ts'
import { parseParameters } from '../../../server/engine/protocol/parameters.ts'
import type { ManagedGrant } from '../../../server/engine/storage/storage.ts'
import type { Conversation, RegisteredTestClient } from '../conversation.ts'
import { authorizationParameters, converse, responseOf } from '../conversation.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { openTestEngine, testIssuer } from '../engine-under-test.ts'
import { clientWith, serviceWith } from '../protocol/registered.ts'

const now = new Date('2026-11-21T10:00:00Z')
const grantManagementEndpoint = `${testIssuer}/gm`

const client = clientWith({ clientType: 'CONFIDENTIAL' })
const ours: ManagedGrant = {
  grantId: 'ours',
  clientId: client.clientId,
  subject: 'subject-1',
  permissions: [{ scopes: ['openid'], claims: { idToken: [], userinfo: [] }, details: [] }],
  createdAt: now,
  modifiedAt: now,
}
const grants = [ours, { ...ours, grantId: 'theirs', clientId: client.clientId + 1 }]

/** What the check says to these parameters. */
function check(
  parameters: Record<string, string>,
  settings: { service?: Service; client?: Client } = {},
): ReturnType<typeof checkGrantManagement> {
  return checkGrantManagement({
    parameters: parseParameters(new URLSearchParams(parameters).toString()),
    client: settings.client ? clientWith(settings.client) : client,
    clientIdAliasUsed: true,
    service: serviceWith({ grantManagementEndpoint, ...settings.service }),
    storage: { findManagedGrant: (_, grantId) => Promise.resolve(grants.find((grant) => grant.grantId === grantId)) },
    now,
  })
}

describe('Grant Management for OAuth 2.0: grant_management_action and grant_id', () => {
  it('given neither, then nothing', async () => {
    expect(await check({})).toBeUndefined()
    expect(await check({ grant_management_action: '', grant_id: '' })).toBeUndefined()
  })

  it('given create, then a new grant', async () => {
    expect(await check({ grant_management_action: 'create' })).toEqual({ grantManagement: { action: 'create' } })
  })

  it.each(['merge', 'replace'])('given %s and a grant of the client, then that grant', async (action) => {
    expect(await check({ grant_management_action: action, grant_id: 'ours' })).toEqual({
      grantManagement: { action, grantId: 'ours' },
      managedGrant: ours,
    })
  })

  it.each<[string, Record<string, string>, string]>([
    ['another action', { grant_management_action: 'update', grant_id: 'ours' }, 'A985302'],
    ['an action of the other endpoint', { grant_management_action: 'revoke', grant_id: 'ours' }, 'A985302'],
    ['an action in capitals', { grant_management_action: 'CREATE' }, 'A985302'],
    ['create with a grant', { grant_management_action: 'create', grant_id: 'ours' }, 'A985303'],
    ['merge without a grant', { grant_management_action: 'merge' }, 'A985304'],
    ['replace without a grant', { grant_management_action: 'replace', grant_id: '' }, 'A985304'],
    ['a grant without an action', { grant_id: 'ours' }, 'A985301'],
  ])('given %s, then invalid_request', async (_, parameters, resultCode) => {
    await expect(check(parameters)).rejects.toMatchObject({ error: 'invalid_request', resultCode })
  })

  it.each(['nobodys', 'theirs'])('given the grant %s, then invalid_grant_id', async (grantId) => {
    const attempt = check({ grant_management_action: 'merge', grant_id: grantId })
    await expect(attempt).rejects.toMatchObject({ error: 'invalid_grant_id', resultCode: 'A985305' })
  })

  it('given a public client, then invalid_request; and nothing when it asks for nothing', async () => {
    const settings = { client: { clientType: 'PUBLIC' } } as const
    const attempt = check({ grant_management_action: 'create' }, settings)
    await expect(attempt).rejects.toMatchObject({ error: 'invalid_request', resultCode: 'A285311' })
    expect(await check({}, settings)).toBeUndefined()
  })

  it('given a service that requires an action, when there is none, then invalid_request', async () => {
    const attempt = check({}, { service: { grantManagementActionRequired: true } })
    await expect(attempt).rejects.toMatchObject({ error: 'invalid_request', resultCode: 'A985301' })
  })

  it('given a service without the endpoint, then the parameters are ignored', async () => {
    const parameters = parseParameters('grant_management_action=nonsense&grant_id=x')
    const service = serviceWith({})
    const storage = { findManagedGrant: () => Promise.resolve(undefined) }
    const sent = { parameters, client, clientIdAliasUsed: true, service, storage, now }
    expect(await checkGrantManagement(sent)).toBeUndefined()
  })
})

describe('Grant Management for OAuth 2.0: what the pages are told', () => {
  let under: TestEngine
  let engine: Conversation
  let registered: RegisteredTestClient

  beforeAll(async () => {
    under = await openTestEngine({ grantManagementEndpoint })
    engine = converse(under)
    registered = await engine.registerClient()
  })

  afterAll(async () => {
    expect(under.failures).toEqual([])
    await under.close()
  })

  const authorize = (parameters: Record<string, string>) =>
    engine.authorize({ ...authorizationParameters(registered, 'v'.repeat(43)), ...parameters })

  it('given create, then the action', async () => {
    const answer = await authorize({ grant_management_action: 'create' })
    expect(answer).toMatchObject({ action: 'INTERACTION', gmAction: 'CREATE' })
    expect(answer).not.toHaveProperty('grantId')
  })

  it('given merge of a grant that was made, then what it holds and whose it is, which demands nobody', async () => {
    const grantId = await makeGrant()
    const answer = await authorize({ grant_management_action: 'merge', grant_id: grantId })
    expect(answer).toMatchObject({
      action: 'INTERACTION',
      gmAction: 'MERGE',
      grantId,
      grant: { scopes: [{ scope: 'openid notes:read' }] },
      grantSubject: 'subject-1',
    })
    expect(answer).not.toHaveProperty('subject')
  })

  it('given an unknown grant, then the client is told, pushed or not', async () => {
    const parameters = { grant_management_action: 'replace', grant_id: 'unknown' }
    expect(responseOf(await authorize(parameters))).toMatchObject({ error: 'invalid_grant_id', iss: testIssuer })
    const good = authorizationParameters(registered, 'v'.repeat(43))
    expect(await engine.push({ ...good, ...parameters }, registered)).toMatchObject({
      action: 'BAD_REQUEST',
      resultCode: 'A985305',
    })
  })

  it('given a pushed request, then its action is kept', async () => {
    const good = authorizationParameters(registered, 'v'.repeat(43))
    const pushed = await engine.push({ ...good, grant_management_action: 'create' }, registered)
    if (pushed.action !== 'CREATED') throw new Error(pushed.resultMessage)
    const answer = await engine.authorize({ client_id: registered.clientId, request_uri: pushed.requestUri })
    expect(answer).toMatchObject({ gmAction: 'CREATE' })
  })

  it('given the endpoint, then the metadata names it and the actions', async () => {
    const { json } = await under.call('GET', `/${under.serviceId}/service/configuration`)
    expect(json).toMatchObject({
      grant_management_endpoint: grantManagementEndpoint,
      grant_management_actions_supported: ['query', 'revoke', 'merge', 'replace', 'create'],
      grant_management_action_required: false,
    })
  })

  it('given no endpoint, then the metadata says nothing about grants', async () => {
    const { json } = await under.call('POST', '/service/create', { body: { issuer: testIssuer } })
    const { text } = await under.call('GET', `/${String(json['apiKey'])}/service/configuration`)
    expect(text).not.toContain('grant_management')
  })

  async function makeGrant(): Promise<string> {
    const { code, codeVerifier } = await engine.obtainCode(registered, {
      parameters: { grant_management_action: 'create' },
      scopes: ['openid', 'notes:read'],
    })
    const parameters = { grant_type: 'authorization_code', code, code_verifier: codeVerifier }
    const answer = await engine.token({ ...parameters, redirect_uri: registered.redirectUri }, registered)
    if (answer.action !== 'OK' || answer.grantId === undefined) throw new Error(answer.resultMessage)
    return answer.grantId
  }
})
