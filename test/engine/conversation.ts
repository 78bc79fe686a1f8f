import { createHash, randomBytes } from 'node:crypto'
import { ask } from '../../sdk/engine.ts'
import type { Answer, Client, Question } from '../../sdk/types.ts'
import type { TestEngine } from './engine-under-test.ts'

/** What a front-end says to the engine, call by call, in the words of the protocol. */
export interface Conversation {
  /** Registers a confidential client that authenticates with its secret in the header. */
  registerClient(settings?: Client): Promise<RegisteredTestClient>
  authorize(parameters: Parameters): Promise<Answer<'auth_authorization_api'>>
  issue(question: Question<'auth_authorization_issue_api'>): Promise<Answer<'auth_authorization_issue_api'>>
  fail(question: Question<'auth_authorization_fail_api'>): Promise<Answer<'auth_authorization_fail_api'>>
  push(parameters: Parameters, client?: Credentials, proof?: Proof): Promise<Answer<'pushed_auth_req_api'>>
  token(parameters: Parameters, client?: Credentials, more?: TokenExtras): Promise<Answer<'auth_token_api'>>
  /** RFC 7662, as the resource server that asks. */
  introspect(token: string, rsUri?: string): Promise<Record<string, unknown>>
  /** The engine's own introspection. */
  inspect(question: Question<'auth_introspection_api'>): Promise<Answer<'auth_introspection_api'>>
  manageGrant(question: Question<'grant_m_api'>): Promise<Answer<'grant_m_api'>>
  /** What the subject leaves of what it granted to the client. */
  narrow(
    client: RegisteredTestClient,
    question: Question<'client_authorization_update_api'>,
  ): Promise<Answer<'client_authorization_update_api'>>
  revoke(parameters: Parameters, client?: Credentials): Promise<Answer<'auth_revocation_api'>>
  userinfo(token: string, proof?: Proof): Promise<Answer<'auth_userinfo_api'>>
  /** From the request to the code, as a person who allows it. */
  obtainCode(client: RegisteredTestClient, options?: CodeOptions): Promise<{ code: string; codeVerifier: string }>
  /** From the request to the tokens. */
  obtainTokens(client: RegisteredTestClient, options?: CodeOptions): Promise<TokenResponse>
}

export type Parameters = Record<string, string> | [string, string][]

/** RFC 9449 and RFC 8705: what a front-end passes on of a DPoP header, and of the connection. */
export type Proof = Pick<Question<'auth_token_api'>, 'dpop' | 'htm' | 'htu' | 'dpopNonceRequired' | 'clientCertificate'>

/** What a front-end adds to a token request. */
export type TokenExtras = Omit<Question<'auth_token_api'>, 'parameters' | 'clientId' | 'clientSecret'>

export interface Credentials {
  clientId: string
  clientSecret: string
}

export interface RegisteredTestClient extends Credentials {
  numericId: number
  redirectUri: string
}

export interface CodeOptions {
  subject?: string
  scopes?: string[]
  parameters?: Record<string, string>
  /** RFC 8707: the one parameter that may be repeated. */
  resources?: string[]
  /** Sent with the code. */
  tokenParameters?: [string, string][]
  issue?: Partial<Question<'auth_authorization_issue_api'>>
}

export interface TokenResponse {
  access_token: string
  refresh_token?: string
  id_token?: string
  /** Empty when there is none. */
  scope: string
  expires_in: number
}

export const testRedirectUri = 'https://app.example/cb'

const everyGrant: NonNullable<Client['grantTypes']> = ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS']

export const testScopes = ['openid', 'profile', 'email', 'offline_access', 'notes:read', 'notes:write'].map((name) => ({
  name,
}))

export function converse({ engine, serviceId }: Pick<TestEngine, 'engine' | 'serviceId'>): Conversation {
  const params = { path: { serviceId: String(serviceId) } }
  let clients = 0

  const self: Conversation = {
    async registerClient(settings = {}) {
      clients += 1
      const body = {
        clientName: 'Test client',
        clientIdAlias: `client-${clients}-${randomBytes(3).toString('hex')}`,
        clientType: 'CONFIDENTIAL' as const,
        redirectUris: [testRedirectUri],
        grantTypes: everyGrant,
        ...settings,
      }
      const created = await ask(engine.POST('/api/{serviceId}/client/create', { params, body }))
      return {
        clientId: created.clientIdAlias ?? '',
        clientSecret: created.clientSecret ?? '',
        numericId: created.clientId ?? 0,
        redirectUri: testRedirectUri,
      }
    },
    authorize: (parameters) =>
      ask(engine.POST('/api/{serviceId}/auth/authorization', { params, body: { parameters: encode(parameters) } })),
    issue: (body) => ask(engine.POST('/api/{serviceId}/auth/authorization/issue', { params, body })),
    fail: (body) => ask(engine.POST('/api/{serviceId}/auth/authorization/fail', { params, body })),
    push: (parameters, client, proof) =>
      ask(
        engine.POST('/api/{serviceId}/pushed_auth_req', {
          params,
          body: { ...withCredentials(parameters, client), ...proof },
        }),
      ),
    token: (parameters, client, more) =>
      ask(
        engine.POST('/api/{serviceId}/auth/token', {
          params,
          body: { ...withCredentials(parameters, client), ...more },
        }),
      ),
    async introspect(token, rsUri) {
      const answer = await ask(
        engine.POST('/api/{serviceId}/auth/introspection/standard', {
          params,
          body: { parameters: encode({ token }), ...(rsUri !== undefined && { rsUri }) },
        }),
      )
      if (answer.action !== 'OK') throw new Error(answer.resultMessage)
      return parseObject(answer.responseContent)
    },
    inspect: (body) => ask(engine.POST('/api/{serviceId}/auth/introspection', { params, body })),
    manageGrant: (body) => ask(engine.POST('/api/{serviceId}/gm', { params, body })),
    narrow: ({ clientId }, body) =>
      ask(
        engine.POST('/api/{serviceId}/client/authorization/update/{clientId}', {
          params: { path: { ...params.path, clientId } },
          body,
        }),
      ),
    revoke: (parameters, client) =>
      ask(engine.POST('/api/{serviceId}/auth/revocation', { params, body: withCredentials(parameters, client) })),
    userinfo: (token, proof) =>
      ask(engine.POST('/api/{serviceId}/auth/userinfo', { params, body: { token, ...proof } })),
    async obtainCode(client, { subject = 'subject-1', scopes, parameters = {}, resources = [], issue = {} } = {}) {
      const codeVerifier = randomBytes(32).toString('base64url')
      const once = Object.entries({ ...authorizationParameters(client, codeVerifier), ...parameters })
      const answer = await self.authorize([...once, ...resources.map((uri): [string, string] => ['resource', uri])])
      if (answer.action !== 'INTERACTION') throw new Error(answer.resultMessage)
      const issued = await self.issue({ ticket: answer.ticket, subject, ...(scopes && { scopes }), ...issue })
      if (issued.action !== 'LOCATION' || !issued.authorizationCode) throw new Error(issued.resultMessage)
      return { code: issued.authorizationCode, codeVerifier }
    },
    async obtainTokens(client, options) {
      const { code, codeVerifier } = await self.obtainCode(client, options)
      const parameters = Object.entries(codeParameters(client, code, codeVerifier))
      return tokensOf(await self.token([...parameters, ...(options?.tokenParameters ?? [])], client))
    },
  }
  return self
}

/** A request as a careful client makes it. */
export function authorizationParameters(
  { clientId, redirectUri }: RegisteredTestClient,
  codeVerifier: string,
): Record<string, string> {
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid email notes:read notes:write',
    state: 'af0ifjsldkj',
    nonce: 'n-0S6_WzA2Mj',
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
}

export function codeParameters(
  { redirectUri }: RegisteredTestClient,
  code: string,
  codeVerifier: string,
): Record<string, string> {
  return { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: codeVerifier }
}

export function tokensOf(answer: Answer<'auth_token_api'>): TokenResponse {
  if (answer.action !== 'OK') throw new Error(answer.resultMessage)
  const { access_token, refresh_token, id_token, scope = '', expires_in } = parseObject(answer.responseContent)
  if (typeof access_token !== 'string' || typeof scope !== 'string' || typeof expires_in !== 'number')
    throw new Error('no token response')
  return {
    access_token,
    scope,
    expires_in,
    ...(typeof refresh_token === 'string' && { refresh_token }),
    ...(typeof id_token === 'string' && { id_token }),
  }
}

/** The JSON in an answer. */
export function jsonOf(answer: object): Record<string, unknown> {
  return parseObject(contentOf(answer) ?? '{}')
}

/** The OAuth error in a JSON answer. */
export function errorOf(answer: object): string {
  return String(jsonOf(answer)['error'])
}

/** The parameters of an authorization response in the query. */
export function responseOf(answer: object): Record<string, string> {
  return Object.fromEntries(new URL(contentOf(answer) ?? 'about:blank').searchParams)
}

function contentOf(answer: object): string | undefined {
  return 'responseContent' in answer && typeof answer.responseContent === 'string' ? answer.responseContent : undefined
}

function parseObject(text: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`Not an object: ${text}`)
  return Object.fromEntries(Object.entries(parsed))
}

function encode(parameters: Parameters): string {
  return new URLSearchParams(parameters).toString()
}

function withCredentials(parameters: Parameters, client?: Credentials) {
  const { clientId, clientSecret } = client ?? {}
  return {
    parameters: encode(parameters),
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret }),
  }
}
