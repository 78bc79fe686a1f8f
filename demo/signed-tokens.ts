import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { BearerRefusal } from './api-refusal.ts'
import { isOutage, type AuthorizationServer } from './authorization-server.ts'
import { unreachable, type ReadToken } from './bearer.ts'

/** RFC 8725 §3.1: what an access token may be signed with. Never a secret that is shared, nor nothing. */
const algorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'EdDSA']

/** RFC 9068 §2.2. */
const accessToken = z
  .object({
    sub: z.string(),
    client_id: z.string(),
    exp: z.number(),
    aud: z.union([z.string(), z.array(z.string())]),
    scope: z.string().exactOptional(),
    cnf: z
      .object({ jkt: z.string().exactOptional(), 'x5t#S256': z.string().exactOptional() })
      .catchall(z.json())
      .exactOptional(),
    authorization_details: z.array(z.object({ type: z.string() }).catchall(z.json())).exactOptional(),
  })
  .catchall(z.json())

/**
 * RFC 9068 §4: reads access tokens with nothing but the keys of the authorization server. Nobody is asked, so nobody says that one was
 * revoked: it opens things until it expires.
 */
export function signedTokenReader(
  { resource, issuer, now }: { resource: string; issuer: string; now: () => Date },
  findServer: AuthorizationServer,
): ReadToken {
  let keys: JWTVerifyGetKey | undefined

  return async (token) => {
    const { sub, aud, ...claims } = await read(token)
    return {
      active: true,
      ...claims,
      // §2.2: of a client that acts for itself, the subject is the client.
      ...(sub !== claims.client_id && { sub }),
      // §3: the default audience is everybody who trusts this server.
      ...([aud].flat().includes(resource) && { aud }),
    }
  }

  async function read(token: string): Promise<z.infer<typeof accessToken>> {
    try {
      keys ??= await findKeys(findServer)
      const { payload } = await jwtVerify(token, keys, {
        ...{ algorithms, typ: 'at+jwt', issuer },
        audience: [resource, issuer],
        requiredClaims: ['iat', 'jti'],
        currentDate: now(),
      })
      return accessToken.parse(payload)
    } catch (error) {
      if (isOutage(error) || isAboutKeys(error)) throw unreachable()
      if (!(error instanceof errors.JOSEError || error instanceof z.ZodError)) throw error
      throw new BearerRefusal(401, 'invalid_token', 'The access token is no JWT that is good here, or has expired')
    }
  }
}

async function findKeys(findServer: AuthorizationServer): Promise<JWTVerifyGetKey> {
  const { jwks_uri: address } = (await findServer()).serverMetadata()
  if (address === undefined) throw new Error('the authorization server publishes no keys')
  return createRemoteJWKSet(new URL(address))
}

/** jose could not read the keys: that says nothing about the token. */
function isAboutKeys(error: unknown): boolean {
  const codes: readonly string[] = [errors.JWKSTimeout.code, errors.JWKSInvalid.code, errors.JOSEError.code]
  return error instanceof errors.JOSEError && codes.includes(error.code)
}
