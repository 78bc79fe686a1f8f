import { contentEncryptionAlgorithms, encryptionAlgorithms, registeredName } from '../protocol/encryption.ts'
import type { RequestObjectPolicy } from '../protocol/request-object.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'

/** Where a request object arrives: `authorization` is what passes through the browser, by value or by reference. */
export type RequestObjectEndpoint = 'authorization' | 'pushed'

/**
 * RFC 9101 §10.5: what this service and this client demand of a request object; the stricter of the two wins. What is pushed follows
 * RFC 9101 whatever the service does with other requests, RFC 9126 §3, and needs no encryption: no browser sees it.
 */
export function requestObjectPolicyOf(
  { settings: client }: RegisteredClient,
  { settings: service }: RegisteredService,
  endpoint: RequestObjectEndpoint,
): RequestObjectPolicy {
  const both = [service, client]
  const merged = endpoint === 'authorization' && service.traditionalRequestObjectProcessingApplied === true
  const { requestSignAlg, requestEncryptionAlg, requestEncryptionEnc } = client
  const encryptionAlg =
    requestEncryptionAlg && both.some(({ requestObjectEncryptionAlgMatchRequired: required }) => required)
      ? registeredName(encryptionAlgorithms, requestEncryptionAlg)
      : undefined
  // OIDC Registration §2: who names an alg and no enc means A128CBC-HS256.
  const enc = requestEncryptionEnc ?? (requestEncryptionAlg && 'A128CBC_HS256')
  const encryptionEnc =
    enc && both.some(({ requestObjectEncryptionEncMatchRequired: required }) => required)
      ? registeredName(contentEncryptionAlgorithms, enc)
      : undefined
  return {
    merged,
    unsignedAccepted: merged,
    ...(requestSignAlg && { signAlg: requestSignAlg }),
    encryptionRequired:
      endpoint === 'authorization' &&
      both.some(({ frontChannelRequestObjectEncryptionRequired: required }) => required),
    ...(encryptionAlg && { encryptionAlg }),
    ...(encryptionEnc && { encryptionEnc }),
    audienceChecked: service.requestObjectAudienceChecked !== false,
  }
}

/** RFC 9101 §10.5: whether a request without a request object is refused. */
export function isRequestObjectRequired(client: RegisteredClient, service: RegisteredService): boolean {
  return [service.settings, client.settings].some(({ requestObjectRequired }) => requestObjectRequired)
}
