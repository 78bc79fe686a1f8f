import type { JWK } from 'jose'
import { CompactEncrypt, CompactSign, calculateJwkThumbprint, compactDecrypt, compactVerify, importJWK } from 'jose'
import { ApiFault } from '../api-fault.ts'
import { hasPrivatePart, parseJwks, publicPartOf } from '../keys.ts'
import { phasesOf, withoutPhase, withPhaseOf } from '../keys/phases.ts'
import { encryptionAlgorithms, encryptionAlgorithmsFor, withoutOperations } from '../protocol/encryption.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import { settingFault } from './setting-fault.ts'

/** Bits. NIST SP 800-131A and FAPI 2.0 §5.4: shorter RSA keys are not safe; much longer ones only cost time. */
const rsaBits = { least: 2_048, most: 8_192 }

const algorithmsOfCurves: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' }

/** The least that a service can sign with: clients that name no algorithm get ES256. */
const indispensable = 'ES256'

/**
 * OIDC Core §10.1: the keys of a service, as JSON text. A key that comes back without its private part, as service/get shows it,
 * keeps the private part that is known, and a known key stands where it stood. Others are used as they are.
 */
export async function settleServiceKeys(jwks: string, known: string | undefined, now: Date): Promise<string> {
  const given = parseKeySet(jwks)
  const keys = await Promise.all(given.map((key) => asKnown(withoutPhase(key), parseJwks(known))))
  checkNames(keys)
  for (const [index, key] of keys.entries()) await checkServiceKey(`jwks/keys/${index}`, key)
  const signing = phasesOf(keys, now).flatMap(({ jwk, phase }) => (phase === 'current' ? [jwk] : []))
  if (!signing.some((key) => key.alg === indispensable && hasPrivatePart(key))) {
    throw settingFault('jwks', `at least one private key for ${indispensable} is expected`)
  }
  return JSON.stringify({ keys })
}

/** RFC 7591 §2: the public keys of a client, as JSON text. Answers the algorithms that they can verify, and those that they can be encrypted to with. */
export async function checkClientKeys(jwks: string): Promise<string[]> {
  const keys = parseKeySet(jwks)
  if (keys.length > 1) checkNames(keys)
  const algorithms: string[] = []
  for (const [index, key] of keys.entries()) algorithms.push(...(await checkClientKey(`jwks/keys/${index}`, key)))
  return algorithms
}

async function checkClientKey(member: string, key: JWK): Promise<string[]> {
  if (hasPrivatePart(key)) throw settingFault(member, 'only the public part of a key is taken')
  checkStrength(member, key)
  const algorithms = algorithmsOf(member, key)
  await importKey(member, key, algorithms[0])
  return algorithms
}

/** More keys than this are no client's: each of them is looked at. */
const mostPublishedKeys = 100

/**
 * RFC 7517 §5: of a set that a client publishes, the keys that its signatures can be verified with. Those for other purposes or of unknown kinds
 * belong there too, and are passed over; so is a private key, which proves nothing once it is published.
 */
export async function readPublishedKeys(jwks: string): Promise<JWK[]> {
  const keys = parseKeySet(jwks)
  if (keys.length > mostPublishedKeys) throw settingFault('jwks', `at most ${mostPublishedKeys} keys are expected`)
  const fit = await Promise.all(keys.map(canVerify))
  return keys.filter((_, index) => fit[index])
}

/** RFC 7517 §5: of such a set, the keys that something can be encrypted to; none of a text that is no set. */
export async function readEncryptionKeys(jwks: string): Promise<JWK[]> {
  const keys = parseKeySet(jwks).slice(0, mostPublishedKeys)
  const fit = await Promise.all(
    keys.map(async (key) => encryptionAlgorithmsFor(key).length > 0 && (await isSound(key))),
  )
  return keys.filter((_, index) => fit[index])
}

async function canVerify(key: JWK): Promise<boolean> {
  return (key.use === undefined || key.use === 'sig') && signatureAlgorithmsFor(key).length > 0 && (await isSound(key))
}

async function isSound(key: JWK): Promise<boolean> {
  try {
    await checkClientKey('', key)
    return true
  } catch (error) {
    if (error instanceof ApiFault) return false
    throw error
  }
}

function parseKeySet(jwks: string): JWK[] {
  const count = keyCountOf(jwks)
  const keys = count === undefined ? [] : parseJwks(jwks)
  if (keys.length !== count) throw settingFault('jwks', 'a JWK Set as JSON text is expected, RFC 7517 §5')
  return keys
}

/** How many entries the set has, well-formed or not; undefined when the text is no set. */
function keyCountOf(jwks: string): number | undefined {
  try {
    const set: unknown = JSON.parse(jwks)
    return typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys)
      ? set.keys.length
      : undefined
  } catch {
    return undefined
  }
}

async function asKnown(key: JWK, known: readonly JWK[]): Promise<JWK> {
  const same = known.find(({ kid }) => kid !== undefined && kid === key.kid)
  if (!same || !hasPrivatePart(same)) return key
  const [given, kept] = await Promise.all([thumbprintOf(publicPartOf(key)), thumbprintOf(publicPartOf(same))])
  if (given === undefined || given !== kept) return key
  return withPhaseOf(hasPrivatePart(key) ? key : { ...same, ...key }, same)
}

async function thumbprintOf(key: JWK): Promise<string | undefined> {
  try {
    return await calculateJwkThumbprint(key)
  } catch {
    // A key that lacks its members is refused where it is imported.
    return undefined
  }
}

/** RFC 7517 §4.5: every key has a name, and no two have the same. */
function checkNames(keys: readonly JWK[]): void {
  const names = keys.map(({ kid }) => kid)
  if (names.some((kid) => typeof kid !== 'string' || kid === '') || new Set(names).size < names.length) {
    throw settingFault('jwks', 'every key needs a kid of its own')
  }
}

async function checkServiceKey(member: string, key: JWK): Promise<void> {
  checkStrength(member, key)
  if (key.use === 'enc') {
    await checkDecryptionKey(member, key)
    return
  }
  const { alg } = key
  if (key.use !== 'sig' || typeof alg !== 'string' || !algorithmsOf(member, key).includes(alg)) {
    throw settingFault(member, 'use "sig" or "enc" and the alg that the key is for are expected')
  }
  const publicKey = await importKey(member, publicPartOf(key), alg)
  if (!hasPrivatePart(key)) return
  if (!signingAlgorithms.some((name) => name === alg)) {
    throw settingFault(member, `this engine signs with ${signingAlgorithms.join(' and ')}`)
  }
  // What the private part signs, the published part must verify; otherwise every token would be worthless.
  const privateKey = await importKey(member, key, alg)
  try {
    const probe = await new CompactSign(Buffer.from(member)).setProtectedHeader({ alg }).sign(privateKey)
    await compactVerify(probe, publicKey)
  } catch {
    throw settingFault(member, 'the private and the public part do not belong together')
  }
}

/** RFC 7517 §4.2: a key that others encrypt to. Its private part is there, or what they send could not be read. */
async function checkDecryptionKey(member: string, key: JWK): Promise<void> {
  const alg = encryptionAlgorithms.find((name) => name === key.alg)
  if (alg === undefined || !hasPrivatePart(key)) {
    throw settingFault(member, `use "enc" goes with an alg of ${encryptionAlgorithms.join(', ')}, and a private part`)
  }
  const [publicKey, privateKey] = [await importKey(member, publicPartOf(key), alg), await importKey(member, key, alg)]
  try {
    const probe = new CompactEncrypt(Buffer.from(member)).setProtectedHeader({ alg, enc: 'A256GCM' })
    await compactDecrypt(await probe.encrypt(publicKey), privateKey)
  } catch {
    throw settingFault(member, 'the private and the public part do not belong together')
  }
}

function checkStrength(member: string, key: JWK): void {
  if (key.kty !== 'RSA') return
  const bits = bitLengthOf(key.n)
  if (bits < rsaBits.least || bits > rsaBits.most) {
    throw settingFault(member, `an RSA key has ${rsaBits.least} to ${rsaBits.most} bits`)
  }
}

function bitLengthOf(base64url: unknown): number {
  if (typeof base64url !== 'string') return 0
  const hex = Buffer.from(base64url, 'base64url').toString('hex').replace(/^0+/, '')
  const [first] = hex
  return first === undefined ? 0 : (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(first, 16)))
}

/** The algorithms that a key is for: the one it names, else all that fit it. RFC 7518 §3.1 and §4.1. */
function algorithmsOf(member: string, key: JWK): string[] {
  const named = [...signatureAlgorithmsFor(key), ...encryptionAlgorithmsFor(key)]
  if (named.length > 0) return named
  throw settingFault(
    member,
    'RSA, EC with P-256, P-384 or P-521, or OKP with Ed25519 or X25519 is expected, and an alg and a use that fit',
  )
}

/** RFC 7517 §4.2: a key that is for encryption verifies nothing. */
function signatureAlgorithmsFor(key: JWK): string[] {
  if (key.use === 'enc' || (key.key_ops && !key.key_ops.some((name) => name === 'verify' || name === 'sign'))) return []
  const fitting = fittingAlgorithms(key)
  return key.alg === undefined ? fitting : fitting.filter((alg) => alg === key.alg)
}

function fittingAlgorithms({ kty, crv }: JWK): string[] {
  if (kty === 'RSA') return ['RS256', 'PS256', 'RS384', 'PS384', 'RS512', 'PS512']
  if (kty === 'OKP' && crv === 'Ed25519') return ['EdDSA']
  const alg = kty === 'EC' && typeof crv === 'string' ? algorithmsOfCurves[crv] : undefined
  return alg === undefined ? [] : [alg]
}

async function importKey(member: string, key: JWK, alg: string | undefined) {
  try {
    const imported = await importJWK(withoutOperations(key), alg ?? '')
    if (!(imported instanceof Uint8Array)) return imported
  } catch {
    // Points off the curve, missing members and broken base64url end here alike.
  }
  throw settingFault(member, 'the key cannot be used: its members do not fit together')
}
