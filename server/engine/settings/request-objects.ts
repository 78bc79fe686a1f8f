import type { Client, Service } from '../../../sdk/types.ts'
import type { DecryptionKey } from '../keys.ts'
import {
  contentEncryptionAlgorithms,
  encryptionAlgorithms,
  registeredName,
  withUnderscores,
} from '../protocol/encryption.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import type { RegisteredService } from '../registry.ts'
import { settingFault } from './setting-fault.ts'
import { checkUnique } from './texts.ts'
import { checkWebAddress } from './web-address.ts'

/** OIDC Core §6.2: characters of a request URI. */
const longestRequestUri = 512

/** RFC 9101 §10.5: what a service demands of request objects, it can read. */
export function checkServiceRequestObjects(settings: Service, decryptionKeys: readonly DecryptionKey[]): void {
  if (settings.frontChannelRequestObjectEncryptionRequired && decryptionKeys.length === 0) {
    throw settingFault('frontChannelRequestObjectEncryptionRequired', 'it needs a key in jwks with use "enc"')
  }
}

/** RFC 9101 §9 and OIDC Registration §2: how a client signs, encrypts and publishes its request objects. `algorithms` are those of its keys. */
export function checkClientRequestObjects(
  settings: Client,
  algorithms: readonly string[],
  service: RegisteredService,
): void {
  checkSigning(settings, algorithms)
  checkEncryption(settings, service)
  for (const [index, uri] of (settings.requestUris ?? []).entries()) checkRequestUri(`requestUris/${index}`, uri)
  checkUnique('requestUris', settings.requestUris ?? [])
}

function checkSigning({ requestSignAlg, jwksUri }: Client, algorithms: readonly string[]): void {
  if (requestSignAlg === undefined) return
  if (!signingAlgorithms.some((name) => name === requestSignAlg)) {
    throw settingFault('requestSignAlg', `this engine offers ${signingAlgorithms.join(', ')}`)
  }
  if (jwksUri === undefined && !algorithms.includes(requestSignAlg)) {
    throw settingFault('jwks', `a key for ${requestSignAlg} is expected, which requestSignAlg names`)
  }
}

function checkEncryption(settings: Client, { decryptionKeys }: RegisteredService): void {
  const { requestEncryptionAlg, requestEncryptionEnc } = settings
  if (settings.frontChannelRequestObjectEncryptionRequired && decryptionKeys.length === 0) {
    throw settingFault('frontChannelRequestObjectEncryptionRequired', 'the service has no key with use "enc"')
  }
  if (requestEncryptionEnc !== undefined) {
    if (requestEncryptionAlg === undefined)
      throw settingFault('requestEncryptionEnc', 'it goes with a requestEncryptionAlg')
    if (registeredName(contentEncryptionAlgorithms, requestEncryptionEnc) === undefined) {
      throw settingFault(
        'requestEncryptionEnc',
        `this engine offers ${contentEncryptionAlgorithms.map(withUnderscores).join(', ')}`,
      )
    }
  }
  if (requestEncryptionAlg === undefined) return
  const alg = registeredName(encryptionAlgorithms, requestEncryptionAlg)
  if (alg === undefined) {
    throw settingFault(
      'requestEncryptionAlg',
      `this engine offers ${encryptionAlgorithms.map(withUnderscores).join(', ')}`,
    )
  }
  if (!decryptionKeys.some(({ algs }) => algs.includes(alg))) {
    throw settingFault('requestEncryptionAlg', `the service has no key for ${alg}`)
  }
}

/** RFC 9101 §5.2: an address, and perhaps the hash of what stands there as its fragment, OIDC Registration §2. */
function checkRequestUri(member: string, uri: string): void {
  const [address = '', fragment, ...others] = uri.split('#')
  if (uri.length > longestRequestUri) throw settingFault(member, `at most ${longestRequestUri} characters are expected`)
  checkWebAddress(member, address)
  if (others.length > 0 || (fragment !== undefined && !/^[\w-]+$/.test(fragment))) {
    throw settingFault(member, 'the one fragment that is taken is a hash, base64url')
  }
}
