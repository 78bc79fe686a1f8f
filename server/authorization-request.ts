import { z } from 'zod'
import type { AnswerWith } from '../sdk/types.ts'
import { parseParameters } from './form.ts'

/*
 * The facts of an authorization request that the engine accepted, as this front-end keeps them while a person decides. They are
 * read from the engine's answer and, later, from our database; so one schema serves both. Members that only some engines give
 * are optional.
 */

const pair = z.object({ key: z.string(), value: z.string() })
const tagged = z.object({ tag: z.string(), value: z.string() })
const texts = z.array(tagged).default([])

const scope = z.object({
  name: z.string(),
  description: z.string().optional(),
  descriptions: texts,
  attributes: z.array(pair).default([]),
})

const client = z.object({
  clientId: z.number(),
  clientIdAlias: z.string().optional(),
  clientName: z.string().optional(),
  clientNames: texts,
  clientType: z.string().optional(),
  clientSource: z.string().optional(),
  dynamicallyRegistered: z.boolean().default(false),
  discoveredByMetadataDocument: z.boolean().default(false),
  logoUri: z.string().optional(),
  logoUris: texts,
  clientUri: z.string().optional(),
  clientUris: texts,
  policyUri: z.string().optional(),
  policyUris: texts,
  tosUri: z.string().optional(),
  tosUris: texts,
  redirectUris: z.array(z.string()).default([]),
  grantTypes: z.array(z.string()).optional(),
  attributes: z.array(pair).default([]),
})

const service = z.object({
  serviceName: z.string().optional(),
  accessTokenDuration: z.number().optional(),
  refreshTokenDuration: z.number().optional(),
})

const authorizationRequest = z.object({
  ticket: z.string(),
  client,
  service,
  scopes: z.array(scope).default([]),
  dynamicScopes: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  prompts: z.array(z.string()).default([]),
  /** Seconds; 0 is none. */
  maxAge: z.number().default(0),
  acrs: z.array(z.string()).default([]),
  acrEssential: z.boolean().default(false),
  /** The only subject that may answer. */
  subject: z.string().optional(),
  loginHint: z.string().optional(),
  display: z.string().optional(),
  uiLocales: z.array(z.string()).default([]),
  claimsLocales: z.array(z.string()).default([]),
  /** Names of claims for the ID token, from scopes and from the `claims` parameter. */
  claims: z.array(z.string()).default([]),
  /** The members of the `claims` parameter, as JSON. */
  idTokenClaims: z.string().optional(),
  userInfoClaims: z.string().optional(),
  redirectUri: z.string().optional(),
  resources: z.array(z.string()).default([]),
  authorizationDetails: z.unknown().optional(),
})

export type AuthorizationRequest = z.infer<typeof authorizationRequest>
export type RequestedScope = AuthorizationRequest['scopes'][number]

type Accepted = AnswerWith<'auth_authorization_api', 'INTERACTION' | 'NO_INTERACTION'>

/** Keeps what the pages and the decision need of an accepted request; `parameters` is what the engine was asked about. */
export function authorizationRequestFrom(answer: Accepted, parameters: string): AuthorizationRequest {
  const request = authorizationRequest.parse(answer)
  const sent = parseParameters(parameters)
  // RFC 9101 §6.3: beside a request object the query is not what the engine went by, and could name any address.
  const isPlain = !sent.has('request') && !sent.has('request_uri')
  // OIDC Core §3.1.2.1: max_age=0 asks for a fresh login like prompt=login. The answer's maxAge is 0 also when there is none.
  const freshLogin = isPlain && sent.get('max_age') === '0' && !request.prompts.includes('LOGIN')
  const sentRedirectUri = isPlain ? (sent.get('redirect_uri') ?? undefined) : undefined
  const redirectUri = request.redirectUri ?? sentRedirectUri ?? onlyOne(request.client.redirectUris)
  return {
    ...request,
    ...(freshLogin && { prompts: [...request.prompts, 'LOGIN'] }),
    ...(redirectUri !== undefined && { redirectUri }),
  }
}

/** Reads a request that this front-end kept. */
export function parseAuthorizationRequest(json: string): AuthorizationRequest {
  return authorizationRequest.parse(JSON.parse(json))
}

function onlyOne(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined
}
