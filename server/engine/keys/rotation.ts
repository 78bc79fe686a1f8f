import type { JWK } from 'jose'
import { generateKey, hasPrivatePart, parseJwks } from '../keys.ts'
import type { EncryptionAlgorithm } from '../protocol/encryption.ts'
import { encryptionAlgorithms } from '../protocol/encryption.ts'
import { after, hasExpired } from '../protocol/lifetime.ts'
import type { SigningAlgorithm } from '../protocol/signing-algorithms.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import type { Storage, StoredService } from '../storage/storage.ts'
import { followKeyChoices } from './key-choices.ts'
import { announce, isSameKind, phasesOf } from './phases.ts'
import { keyRulesOf } from './rules.ts'

/** Algorithms of keys that this engine can make. */
export type KeyAlgorithm = SigningAlgorithm | EncryptionAlgorithm

interface RotationParts {
  storage: Pick<Storage, 'findService' | 'replaceService'>
  now: () => Date
}

/** Says which algorithms get a new key. Is asked again when somebody else changed the service meanwhile. */
export type ChooseAlgorithms = (service: StoredService, now: Date) => readonly KeyAlgorithm[]

/** A rotation that is refused, and why. */
export class RotationRefused extends Error {}

/**
 * OIDC Core §10.1.1: publishes a new key for each of the algorithms, which takes over later, and removes the keys that nothing needs any more.
 * Of several processes that do it at once, one does: a change is made to the version of the service that was read, or not at all.
 */
export async function rotateKeys(serviceId: number, choose: ChooseAlgorithms, parts: RotationParts): Promise<JWK[]> {
  const { storage, now } = parts
  for (;;) {
    const service = await storage.findService(serviceId)
    if (!service) throw new RotationRefused(`There is no service ${serviceId}.`)
    const keys = parseJwks(service.settings.jwks)
    const made = await Promise.all(
      choose(service, now()).map((alg) =>
        generateKey(
          alg,
          keys.find((key) => key.alg === alg),
        ),
      ),
    )
    // Begins when the keys are there: to make some takes a while.
    const at = now()
    const takeover = after(wholeSecond(at), keyRulesOf(service.settings).publishAhead)
    const added = made.map((key) => announce(key, takeover))
    const left = keysInUse(service, at)
    if (added.length === 0 && left.length === keys.length) return []
    const settings = {
      // A key that goes is no longer chosen by anybody.
      ...followKeyChoices(service.settings, phasesOf(keys, at)),
      jwks: JSON.stringify({ keys: [...left, ...added] }),
    }
    if (await storage.replaceService(serviceId, settings, at, service.version)) return added
  }
}

/** OIDC Core §10.1.1: the algorithms whose keys are old enough, by the rules of the service. */
export function algorithmsDue({ settings, createdAt }: StoredService, now: Date): KeyAlgorithm[] {
  const { rotateEvery, publishAhead } = keyRulesOf(settings)
  if (rotateEvery === undefined) return []
  const takeover = after(now, publishAhead)
  const keys = phasesOf(parseJwks(settings.jwks), now)
  return algorithmsOf(settings.jwks).filter((alg) => {
    const begins = keys.filter(({ jwk }) => jwk.alg === alg).map(({ takesOverAt = createdAt }) => takesOverAt.getTime())
    return hasExpired(after(new Date(Math.max(...begins)), rotateEvery), takeover)
  })
}

/** OIDC Core §10.1.1: chooses the named algorithms, or all that the service has keys for. One change at a time. */
export function chooseAlgorithms(names: readonly string[]): ChooseAlgorithms {
  return ({ settings: { jwks } }, now) => {
    const own = algorithmsOf(jwks)
    const chosen = names.length === 0 ? own : names.map((name) => knownAlgorithm(name, own))
    const keys = phasesOf(parseJwks(jwks), now)
    for (const alg of chosen) {
      const announced = keys.find(({ jwk, phase }) => phase === 'announced' && jwk.alg === alg)
      if (!announced) continue
      const until = announced.takesOverAt?.toISOString() ?? ''
      throw new RotationRefused(`A new key for ${alg} is published already and takes over at ${until}.`)
    }
    return [...new Set(chosen)]
  }
}

function knownAlgorithm(name: string, own: readonly KeyAlgorithm[]): KeyAlgorithm {
  const alg = signingAlgorithms.find((each) => each === name) ?? own.find((each) => each === name)
  if (alg) return alg
  throw new RotationRefused(
    `${name} cannot be rotated: one of ${signingAlgorithms.join(', ')} is expected, or an algorithm that the service has an encryption key for.`,
  )
}

/** The algorithms that a service has a private key for. */
function algorithmsOf(jwks: string | undefined): KeyAlgorithm[] {
  const names = new Set(parseJwks(jwks).flatMap((key) => (hasPrivatePart(key) ? [key.alg] : [])))
  return [...signingAlgorithms, ...encryptionAlgorithms].filter((alg) => names.has(alg))
}

/** The keys without those that are retired for so long that no token can need them. */
function keysInUse({ settings }: StoredService, now: Date): JWK[] {
  const keys = parseJwks(settings.jwks)
  const { keep } = keyRulesOf(settings)
  const outlived = phasesOf(keys, now).filter(
    ({ phase, retiresAt }) => phase === 'retired' && retiresAt && hasExpired(after(retiresAt, keep), now),
  )
  return keys.filter((key) => !outlived.some(({ jwk }) => jwk.kid === key.kid && isSameKind(jwk, key)))
}

function wholeSecond(time: Date): Date {
  return new Date(Math.ceil(time.getTime() / 1000) * 1000)
}
