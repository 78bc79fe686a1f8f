import { tokenIntrospection, type IntrospectionResponse } from 'openid-client'
import { ApiRefusal, BearerRefusal } from './api-refusal.ts'
import { isOutage, type AuthorizationServer } from './authorization-server.ts'
import { readGrantedDetails, type GrantedDetail } from './granted-details.ts'

/** Who called, as far as the access token says. */
export interface Caller {
  /** One notebook belongs to each owner: a person (`sub`), or a client that acts for itself. */
  owner: string
  /** Absent when a client acts for itself. */
  subject: string | undefined
  scopes: readonly string[]
  authorizationDetails: readonly GrantedDetail[]
  /** The whole answer of the authorization server. The token is not in it. */
  introspection: IntrospectionResponse
}

/** RFC 9449 §7.1: the scheme of the Authorization header; Bearer, unless it is DPoP. */
export function schemeOf(authorization: string | undefined): 'Bearer' | 'DPoP' {
  return /^dpop( |$)/i.test(authorization ?? '') ? 'DPoP' : 'Bearer'
}

/**
 * RFC 6750 §2.1, RFC 9449 §7.1: the access token of the Authorization header. The ways of RFC 6750 §2.2 and §2.3 leak tokens, so they
 * are not read.
 */
export function parseAccessToken(authorization: string | undefined): string {
  // §3.1: no credentials, or credentials of another kind, are answered without an error code.
  if (authorization === undefined || !/^(bearer|dpop)( |$)/i.test(authorization)) {
    throw new BearerRefusal(401, undefined, 'Send an access token: Authorization: Bearer …')
  }
  const token = /^(?:bearer|dpop) +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1]
  if (token === undefined) throw new BearerRefusal(400, 'invalid_request', 'The Authorization header is malformed')
  return token
}

/** Says what a token is good for, in the words of RFC 7662 §2.2. */
export type ReadToken = (token: string) => Promise<IntrospectionResponse>

/**
 * RFC 7662 §2: asks the authorization server what a token is good for. Every call asks again, so that a token stops working in the
 * moment it is revoked.
 */
export function introspectionBy(findServer: AuthorizationServer): ReadToken {
  return async (token) => {
    try {
      return await tokenIntrospection(await findServer(), token, { token_type_hint: 'access_token' })
    } catch (error) {
      throw isOutage(error) ? unreachable() : error
    }
  }
}

/** Who a token speaks for, if it opens anything at this resource. */
export async function readCaller(token: string, resource: string, readToken: ReadToken): Promise<Caller> {
  const introspection = await readToken(token)
  if (!introspection.active) {
    throw new BearerRefusal(401, 'invalid_token', 'The access token is unknown, expired, revoked or for another API')
  }
  // RFC 8707 §2: a token that is limited to certain resources opens nothing anywhere else.
  if (introspection.aud !== undefined && ![introspection.aud].flat().includes(resource)) {
    throw new BearerRefusal(401, 'invalid_token', 'The access token is for another API')
  }
  const { sub, client_id: clientId, scope, authorization_details: authorizationDetails } = introspection
  return {
    owner: sub === undefined ? `client:${clientId ?? ''}` : `sub:${sub}`,
    subject: sub,
    scopes: scope?.split(' ') ?? [],
    authorizationDetails: readGrantedDetails(authorizationDetails),
    introspection,
  }
}

/** It passes; the caller is told to come back. */
export function unreachable(): ApiRefusal {
  return new ApiRefusal(503, 'temporarily_unavailable', 'The authorization server that checks tokens cannot be reached')
}

/** RFC 6750 §3.1: a token without the scope is refused with insufficient_scope, and told which scope it takes. */
export function checkScope(caller: Pick<Caller, 'scopes'>, scope: string): void {
  if (caller.scopes.includes(scope)) return
  throw new BearerRefusal(403, 'insufficient_scope', `The access token does not carry the scope ${scope}`, scope)
}

/** RFC 9396 §9: instead of a scope, an element of this type may open an endpoint. */
export function carriesDetail({ authorizationDetails }: Caller, type: GrantedDetail['type']): boolean {
  return authorizationDetails.some((detail) => detail.type === type)
}
