import type { Client } from '../../sdk/types.ts'
import type { SigningKey } from './keys.ts'
import { registeredKeyFor } from './keys.ts'
import type { RegisteredClient, RegisteredService } from './registry.ts'

/** The attribute of a client that makes its access tokens JWTs: the contract has a member for that in services only. */
export const signAlgAttribute = 'access_token.sign_alg'

/** RFC 9068 §2.1: the algorithm that a client asks for in an attribute, and which one of its attributes that is. */
export function requestedSignAlg({ attributes = [] }: Client): { alg: string; index: number } | undefined {
  const index = attributes.findIndex(({ key }) => key === signAlgAttribute)
  const attribute = attributes[index]
  return attribute && { alg: attribute.value, index }
}

/** RFC 9068 §2.1: the key that signs the access tokens of a client; undefined where they are opaque. What the client says counts first. */
export function accessTokenKeyFor(client: RegisteredClient, service: RegisteredService): SigningKey | undefined {
  const { accessTokenSignAlg, accessTokenSignatureKeyId: kid } = service.settings
  const alg = requestedSignAlg(client.settings)?.alg ?? accessTokenSignAlg
  return alg ? registeredKeyFor(service.signingKeys, alg, kid) : undefined
}
