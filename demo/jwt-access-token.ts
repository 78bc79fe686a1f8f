import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { ApiRefusal, BearerRefusal } from './api-refusal.ts'
import { isUnreachable, type AuthorizationServer } from './authorization-server.ts'

/** The claims of an access token that is a JWT; undefined when it is opaque. */
export type JwtVerifier = (accessToken: string, resource: string) => Promise<JWTPayload | undefined>

/** Seconds. */
const clockSkew = 10

/** What an authorization server may sign with: never a key that it shares with somebody. */
const algorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA', 'Ed25519']

/** RFC 9068 §4: the checks of a resource server, with the keys that the authorization server publishes. */
export function jwtVerifier(findServer: AuthorizationServer, now: () => Date): JwtVerifier {
  let known: { uri: string; keys: JWTVerifyGetKey } | undefined

  return async (accessToken, resource) => {
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(accessToken)) return undefined
    const { issuer, jwks_uri: uri } = (await findServer()).serverMetadata()
    if (uri === undefined) throw invalid()
    if (known?.uri !== uri) known = { uri, keys: createRemoteJWKSet(new URL(uri)) }
    try {
      const { payload } = await jwtVerify(accessToken, known.keys, {
        issuer,
        // RFC 9068 §3: a token that was asked for without a resource is for the issuer.
        audience: [resource, issuer],
        typ: 'at+jwt',
        algorithms,
        requiredClaims: ['exp', 'sub', 'client_id', 'iat', 'jti'],
        currentDate: now(),
        clockTolerance: clockSkew,
      })
      return payload
    } catch (error) {
      if (isUnreachable(error)) throw keysUnreachable()
      if (!(error instanceof errors.JOSEError)) throw error
      // jose has no code of its own for an answer that is no key set.
      const isAboutKeys = error.code === 'ERR_JOSE_GENERIC' || error.code === 'ERR_JWKS_TIMEOUT'
      throw isAboutKeys ? keysUnreachable() : invalid()
    }
  }
}

function invalid(): BearerRefusal {
  return new BearerRefusal(401, 'invalid_token', 'The access token is a JWT that is not valid here')
}

function keysUnreachable(): ApiRefusal {
  return new ApiRefusal(503, 'temporarily_unavailable', 'The keys of the authorization server cannot be reached')
}
