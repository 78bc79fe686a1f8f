import { randomUUID } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Client } from '../../../sdk/types.ts'
import type { RegisteredTestClient } from '../conversation.ts'
import type { TestEngine } from '../engine-under-test.ts'
import { testIssuer } from '../engine-under-test.ts'

/** A client's key for private_key_jwt. */
export interface AssertionKey {
  /** The settings of a client that authenticates with it. */
  settings: Client
  /** RFC 7523 §2.2: the parameters that prove that the client has the key. */
  assert(client: Pick<RegisteredTestClient, 'clientId'>, claims?: Record<string, unknown>): Promise<AssertionParameters>
}

/** The settings of a client that names no algorithm: its key decides, and a profile finds out when it is used. */
export function ofAnyAlgorithm({ settings: { clientType, tokenAuthMethod, jwks } }: AssertionKey): Client {
  return { ...(clientType && { clientType }), ...(tokenAuthMethod && { tokenAuthMethod }), ...(jwks && { jwks }) }
}

export type AssertionParameters = { client_id: string; client_assertion_type: string; client_assertion: string }

export async function makeAssertionKey(
  alg: 'ES256' | 'PS256' | 'RS256' | 'EdDSA',
  { clock }: Pick<TestEngine, 'clock'>,
): Promise<AssertionKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: `the ${alg} key`, alg, use: 'sig' }
  return {
    settings: {
      clientType: 'CONFIDENTIAL',
      tokenAuthMethod: 'PRIVATE_KEY_JWT',
      tokenAuthSignAlg: alg,
      jwks: JSON.stringify({ keys: [jwk] }),
    },
    assert: async ({ clientId }, claims = {}) => ({
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await sign({ clientId, alg, privateKey, now: clock.now(), claims }),
    }),
  }
}

function sign({
  clientId,
  alg,
  privateKey,
  now,
  claims,
}: {
  clientId: string
  alg: string
  privateKey: CryptoKey
  now: Date
  claims: Record<string, unknown>
}): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000)
  const standard = { iss: clientId, sub: clientId, aud: testIssuer, jti: randomUUID(), iat: seconds, exp: seconds + 60 }
  return new SignJWT({ ...standard, ...claims }).setProtectedHeader({ alg, kid: `the ${alg} key` }).sign(privateKey)
}
