import type { Client } from '../../../sdk/types.ts'
import type { EncryptedAnswer } from '../client-encryption.ts'
import {
  contentEncryptionAlgorithms,
  encryptionAlgorithms,
  registeredName,
  withUnderscores,
} from '../protocol/encryption.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import type { RegisteredService } from '../registry.ts'
import { checkClientKeys } from './key-sets.ts'
import { settingFault } from './setting-fault.ts'

const answers = ['authorization', 'idToken', 'userInfo'] as const satisfies readonly EncryptedAnswer[]

/** OIDC Registration §2, JARM §3: the content encryption of a client that names only how the key is encrypted. */
export function withContentEncryption(given: Client): Client {
  const settings = { ...given }
  for (const answer of answers) {
    if (settings[`${answer}EncryptionAlg`] !== undefined) settings[`${answer}EncryptionEnc`] ??= 'A128CBC_HS256'
  }
  return settings
}

/** OIDC Registration §2, JARM §3: an answer that nobody can sign or encrypt is refused at registration, not at the first sign-in. */
export async function checkResponseProtection(settings: Client, { signingKeys }: RegisteredService): Promise<void> {
  for (const answer of answers) {
    const member = `${answer}SignAlg` as const
    const alg = settings[member]
    if (alg === undefined) continue
    if (!signingAlgorithms.some((name) => name === alg)) {
      throw settingFault(
        member,
        `this engine offers ${signingAlgorithms.join(', ')}; never NONE, nor a secret that is shared`,
      )
    }
    if (!signingKeys.some((key) => key.alg === alg)) throw settingFault(member, `the service has no key for ${alg}`)
  }
  checkResponseModes(settings)
  for (const answer of answers) await checkEncryption(settings, answer)
}

/** JARM §3: a response is signed, whatever else is done to it. */
function checkResponseModes({ responseModes = [], authorizationSignAlg, authorizationEncryptionAlg }: Client): void {
  if (authorizationSignAlg !== undefined) return
  if (responseModes.some((mode) => mode.endsWith('JWT'))) {
    throw settingFault(
      'responseModes',
      'JWT, QUERY_JWT, FRAGMENT_JWT and FORM_POST_JWT go with authorizationSignAlg only',
    )
  }
  if (authorizationEncryptionAlg !== undefined) {
    throw settingFault('authorizationEncryptionAlg', 'it goes with authorizationSignAlg only')
  }
}

/** RFC 7518 §4.1 and §5.1: the algorithms, and a key of the client for them. */
async function checkEncryption(settings: Client, answer: EncryptedAnswer): Promise<void> {
  const [algMember, encMember] = [`${answer}EncryptionAlg`, `${answer}EncryptionEnc`] as const
  const { [algMember]: alg, [encMember]: enc, jwks, jwksUri } = settings
  if (alg === undefined) {
    if (enc !== undefined) throw settingFault(encMember, `it goes with ${algMember} only`)
    return
  }
  const name = registeredName(encryptionAlgorithms, alg)
  if (name === undefined) {
    throw settingFault(
      algMember,
      `this engine offers ${offer(encryptionAlgorithms)}; RSA1_5 is broken, and no key is shared`,
    )
  }
  if (enc !== undefined && registeredName(contentEncryptionAlgorithms, enc) === undefined) {
    throw settingFault(encMember, `this engine offers ${offer(contentEncryptionAlgorithms)}`)
  }
  // What stands at jwksUri now may be something else tomorrow: it is read when it is needed.
  if (jwksUri !== undefined) return
  const algorithms = jwks === undefined ? [] : await checkClientKeys(jwks)
  if (!algorithms.includes(name)) {
    throw settingFault('jwks', `${algMember} needs a public key of the client for ${name}, here or at jwksUri`)
  }
}

function offer(names: readonly string[]): string {
  return names.map(withUnderscores).join(', ')
}
