import type { CompactVerifyGetKey } from 'jose'
import { compactVerify, decodeProtectedHeader, errors } from 'jose'
import type { DecryptionKey } from '../keys.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Encryption } from './encrypted-request-object.ts'
import { decryptRequestObject, isEncrypted } from './encrypted-request-object.ts'
import { parseJsonObject } from './json.ts'
import { numericDate } from './lifetime.ts'
import { signingAlgorithms } from './signing-algorithms.ts'

/** What a service and a client demand of request objects. */
export interface RequestObjectPolicy {
  /** OIDC Core §6.1 instead of RFC 9101: parameters outside count where the object has none of that name. */
  merged: boolean
  /** OIDC Core §6.1: whether `alg` may be `none`. */
  unsignedAccepted: boolean
  /** The one signature algorithm that the client registered. */
  signAlg?: string
  encryptionRequired: boolean
  /** What an encrypted one must be encrypted with. */
  encryptionAlg?: string
  encryptionEnc?: string
  audienceChecked: boolean
}

/** What a request object is held against. */
export interface ExpectedRequestObject {
  policy: RequestObjectPolicy
  /** The client, as the request names it outside. */
  clientId: string
  issuer: string
  /** The keys of the client; undefined when it registered none. */
  keys: CompactVerifyGetKey | undefined
  decryptionKeys: readonly DecryptionKey[]
  now: Date
  /** Seconds that the clocks may differ. */
  clockSkew: number
}

/** A request object that is good. */
export interface RequestObject {
  claims: Record<string, unknown>
  /** The claims as they came. */
  payload: string
  signed: boolean
  /** Of the signature. */
  alg?: string
}

/** RFC 9101 §6: decrypts and verifies a request object and holds it against every rule that does not concern its parameters. */
export async function verifyRequestObject(text: string, expected: ExpectedRequestObject): Promise<RequestObject> {
  const { policy } = expected
  const opened = isEncrypted(text) ? await decryptRequestObject(text, expected.decryptionKeys) : { text }
  checkEncryption('encryption' in opened ? opened.encryption : undefined, policy)
  const { payload, signed, alg } = await verifySignature(opened.text, expected)
  const claims = parseJsonObject(payload)
  if (!claims) throw refused('A905310', 'The request object does not hold a JSON object.', '4')
  checkClient(claims, expected)
  checkAudience(claims['aud'], signed, expected)
  checkTimes(claims, expected)
  for (const name of ['request', 'request_uri']) {
    if (Object.hasOwn(claims, name)) throw refused('A905311', `A request object must not hold ${name}.`, '4')
  }
  return { claims, payload, signed, ...(alg !== undefined && { alg }) }
}

/** Encrypted alone is not signed: whatever is inside is held against the rules for signatures, RFC 9101 §10.5. */
function checkEncryption(encryption: Encryption | undefined, policy: RequestObjectPolicy): void {
  if (!encryption) {
    if (policy.encryptionRequired) {
      throw refused('A905307', 'A request object at the authorization endpoint must be encrypted.', '6.1')
    }
    return
  }
  const { encryptionAlg = encryption.alg, encryptionEnc = encryption.enc } = policy
  if (encryption.alg !== encryptionAlg) {
    throw refused('A905308', `The JWE alg must be ${encryptionAlg}, which the client registered.`, '6.1')
  }
  if (encryption.enc !== encryptionEnc) {
    throw refused('A905309', `The JWE enc must be ${encryptionEnc}, which the client registered.`, '6.1')
  }
}

/** RFC 9101 §6.2: verifies the signature and `crit`. Header members that name a key or where one stands are not looked at, RFC 8725 §3.10. */
async function verifySignature(
  text: string,
  { keys, policy }: ExpectedRequestObject,
): Promise<Pick<RequestObject, 'payload' | 'signed' | 'alg'>> {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) {
    throw refused('A905312', 'A request object must be a signed JWT, or an encrypted one around it.', '4')
  }
  const { alg, typ } = readHeader(text)
  checkType(typ)
  if (alg === 'none') return { payload: readUnsigned(text, policy), signed: false }
  checkAlgorithm(alg, policy)
  if (!keys) throw refused('A005332', 'The client has registered no key to verify the request object with.', '6.2')
  try {
    const { payload } = await compactVerify(text, keys, { algorithms: [...signingAlgorithms] })
    return { payload: new TextDecoder().decode(payload), signed: true, ...(alg !== undefined && { alg }) }
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
      throw refused(
        'A005332',
        'No single registered key of the client matches kid and alg of the request object.',
        '6.2',
      )
    }
    // The keys at a jwks_uri could not be read: to whoever follows a link, that is no failure of a client to authenticate.
    if (error instanceof OAuthError) throw refused('A005332', error.message, '6.2')
    if (!(error instanceof errors.JOSEError)) throw error
    throw refused('A005328', 'The signature of the request object does not verify.', '6.2')
  }
}

function readHeader(text: string): { alg?: string; typ?: unknown } {
  try {
    return decodeProtectedHeader(text)
  } catch {
    throw refused('A905313', 'The header of the request object cannot be read.', '4')
  }
}

/** RFC 9101 §10.8 and RFC 8725 §3.11: no other kind of JWT passes for a request. Older clients say JWT, or nothing. */
function checkType(typ: unknown): void {
  if (typ === undefined) return
  const name = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : ''
  if (name !== 'oauth-authz-req+jwt' && name !== 'jwt') {
    throw refused('A905314', 'typ of a request object must be oauth-authz-req+jwt.', '10.8')
  }
}

/** OIDC Core §6.1: an unsigned one, where nothing demands a signature. */
function readUnsigned(text: string, { unsignedAccepted, signAlg }: RequestObjectPolicy): string {
  if (!unsignedAccepted || signAlg !== undefined) {
    throw refused(
      'A008311',
      `The request object must be signed${signAlg === undefined ? '' : ` with ${signAlg}`}.`,
      '10.5',
    )
  }
  const [, payload = '', signature] = text.split('.')
  if (signature !== '') throw refused('A905315', 'A request object with alg none must not have a signature.', '4')
  return Buffer.from(payload, 'base64url').toString()
}

function checkAlgorithm(alg: string | undefined, { signAlg }: RequestObjectPolicy): void {
  if (!signingAlgorithms.some((name) => name === alg)) {
    throw refused('A905316', `A request object must be signed with one of ${signingAlgorithms.join(', ')}.`, '6.2')
  }
  if (signAlg !== undefined && alg !== signAlg) {
    throw refused('A005336', `The request object must be signed with ${signAlg}, which the client registered.`, '6.2')
  }
}

/** RFC 9101 §5 and §6.3: the client that asks is the client that signed. OIDC Core §6.1 lets an object leave out what stands outside. */
function checkClient(
  { client_id, iss, sub }: Record<string, unknown>,
  { clientId, policy: { merged } }: ExpectedRequestObject,
): void {
  if (client_id !== clientId && !(merged && client_id === undefined)) {
    throw refused('A905317', 'client_id in the request object must be the client_id outside.', '6.3')
  }
  if (iss !== clientId && !(merged && iss === undefined)) {
    throw refused('A905318', 'iss of the request object must be the client_id.', '4')
  }
  if (sub === clientId) {
    throw refused('A905319', 'sub of the request object is the client_id: that is a client assertion.', '10.8')
  }
}

/** RFC 9101 §4: meant for this server. An unsigned one could say so whoever made it, so it need not. */
function checkAudience(
  aud: unknown,
  signed: boolean,
  { issuer, policy: { audienceChecked } }: ExpectedRequestObject,
): void {
  if (!audienceChecked || (aud === undefined && !signed)) return
  const named: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!named.includes(issuer)) throw refused('A006359', `aud of the request object must contain ${issuer}.`, '4')
}

/** RFC 7519 §4.1.4 to §4.1.6, where they are there. */
function checkTimes({ exp, nbf, iat }: Record<string, unknown>, { now, clockSkew }: ExpectedRequestObject): void {
  const seconds = numericDate(now)
  for (const [name, time] of Object.entries({ exp, nbf, iat })) {
    if (time !== undefined && typeof time !== 'number') {
      throw refused('A905320', `${name} of the request object must be a number of seconds.`, '4')
    }
  }
  if (typeof exp === 'number' && exp <= seconds - clockSkew) {
    throw refused('A905321', 'The request object has expired.', '4')
  }
  if (typeof nbf === 'number' && nbf > seconds + clockSkew) {
    throw refused('A905322', 'The request object is not valid yet: nbf is in the future.', '4')
  }
  if (typeof iat === 'number' && iat > seconds + clockSkew) {
    throw refused('A905323', 'The request object was issued in the future: see iat.', '4')
  }
}

function refused(resultCode: string, description: string, section: string): OAuthError {
  return new OAuthError('invalid_request_object', resultCode, description, `rfc9101#section-${section}`)
}
