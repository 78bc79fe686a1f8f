import type { JWK } from 'jose'
import type { ServiceContext } from './context.ts'
import { OAuthError } from './oauth-error.ts'
import type { Encryption } from './protocol/encryption.ts'
import {
  chooseKey,
  contentEncryptionAlgorithms,
  encryptionAlgorithms,
  encryptionTo,
  registeredName,
} from './protocol/encryption.ts'
import type { RegisteredClient } from './registry.ts'
import { readEncryptionKeys } from './settings/key-sets.ts'

/** What can be encrypted to a client, as its settings call it. */
export type EncryptedAnswer = 'authorization' | 'idToken' | 'userInfo'

/**
 * OIDC Core §10.2, JARM §3: how an answer is encrypted to the client; undefined where it registered no encryption. Asked before anything is
 * spent, for a client without a key gets nothing.
 */
export async function findEncryption(
  answer: EncryptedAnswer,
  client: RegisteredClient,
  { publishedKeys, now }: Pick<ServiceContext, 'publishedKeys' | 'now'>,
): Promise<Encryption | undefined> {
  const written = client.settings[`${answer}EncryptionAlg`]
  if (written === undefined) return undefined
  const alg = registeredName(encryptionAlgorithms, written)
  const enc = registeredName(contentEncryptionAlgorithms, client.settings[`${answer}EncryptionEnc`] ?? defaultEnc)
  if (alg === undefined || enc === undefined) throw noKey(written)
  const choose = (keys: readonly JWK[]) => chooseKey(keys, alg)
  const { jwksUri } = client.settings
  // RFC 7591 §2: where there are both, the address knows of the latest change.
  const jwk =
    jwksUri === undefined ? choose(await registeredKeys(client)) : await publishedKeys.toEncrypt(jwksUri, now, choose)
  const encryption = jwk && (await encryptionTo(jwk, alg, enc))
  if (!encryption) throw noKey(alg)
  return encryption
}

/** OIDC Registration §2 and JARM §3. */
const defaultEnc = contentEncryptionAlgorithms[0]

const remembered = new WeakMap<RegisteredClient, Promise<JWK[]>>()

/** The keys of the registration, looked at once for as long as that is remembered. */
function registeredKeys(client: RegisteredClient): Promise<JWK[]> {
  const known = remembered.get(client) ?? readEncryptionKeys(client.settings.jwks ?? '{"keys":[]}')
  remembered.set(client, known)
  return known
}

function noKey(alg: string): OAuthError {
  return new OAuthError(
    'server_error',
    'A951202',
    `The client is registered for answers that are encrypted with ${alg}, and no key for that was found at its jwks_uri or in its jwks.`,
    'oidc-core#Encryption',
  )
}
