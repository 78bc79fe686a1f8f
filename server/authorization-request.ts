import { z } from 'zod'
import type { AnswerWith, Schema, Service } from '../sdk/types.ts'
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

/** RFC 6749 §3.3: a value that matches a parameterized scope. The engine names the scope; what it means is looked up. */
const dynamicScope = scope.extend({ value: z.string() })

/** RFC 9396 §2: members that depend on the type are JSON text in `otherFields`. */
export const authorizationDetail = z.object({
  type: z.string(),
  locations: z.array(z.string()).exactOptional(),
  actions: z.array(z.string()).exactOptional(),
  dataTypes: z.array(z.string()).exactOptional(),
  identifier: z.string().exactOptional(),
  privileges: z.array(z.string()).exactOptional(),
  otherFields: z.string().exactOptional(),
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
  attributes: z.array(pair).default([]),
})

const authorizationRequest = z.object({
  ticket: z.string(),
  client,
  service,
  scopes: z.array(scope).default([]),
  dynamicScopes: z.array(dynamicScope).default([]),
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
  /** RFC 8707 §2: where the access tokens are to be used. */
  resources: z.array(z.string()).default([]),
  authorizationDetails: z.object({ elements: z.array(authorizationDetail).default([]) }).optional(),
  /** Grant Management for OAuth 2.0: CREATE, MERGE or REPLACE. */
  gmAction: z.string().optional(),
  grantId: z.string().optional(),
  /** Who gave the grant that is to be merged or replaced. */
  grantSubject: z.string().optional(),
})

export type AuthorizationRequest = z.infer<typeof authorizationRequest>
export type RequestedScope = AuthorizationRequest['scopes'][number]

/** The client as it is kept for the list of connected apps: as it described itself, and where the answer went. */
export const keptClient = client.extend({ redirectUri: z.string().optional() })

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

/** RFC 6749 §3.3: gives values of parameterized scopes the texts and the policy of their scopes. Without these nobody could decide about them. */
export function describeDynamicScopes(request: AuthorizationRequest, service: Service): AuthorizationRequest {
  const scopes = z.array(scope).parse(service.supportedScopes ?? [])
  const dynamicScopes = request.dynamicScopes.map(({ name, value }) => {
    const described = scopes.find((each) => each.name === name)
    if (described !== undefined) return { ...described, value }
    throw new Error(
      `The engine does not say what the parameterized scope ${name} is. Does the access token of this front-end have the right VIEW_SERVICE?`,
    )
  })
  return { ...request, dynamicScopes }
}

/** RFC 9396 §2: what the request asks for in detail; nothing when it has no `authorization_details`. */
export function detailsOf({ authorizationDetails }: AuthorizationRequest): readonly Schema<'AuthorizationDetail'>[] {
  return authorizationDetails?.elements ?? []
}

/** Reads a request that this front-end kept. */
export function parseAuthorizationRequest(json: string): AuthorizationRequest {
  return authorizationRequest.parse(JSON.parse(json))
}

function onlyOne(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined
}
