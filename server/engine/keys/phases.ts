import type { JWK } from 'jose'
import { after } from '../protocol/lifetime.ts'

/**
 * Where a key stands, OIDC Core §10.1.1. A key that signs is published while it is announced, signs while it is current, and verifies
 * what it signed while it is retired. A key that others encrypt to decrypts all the time, and is published while it is current: who takes
 * it from the published set finds every process ready for it.
 */
export type Phase = 'announced' | 'current' | 'retired'

/** A stored key, and where it stands. */
export interface PhasedKey {
  jwk: JWK
  phase: Phase
  /** Absent for a key that was current from its beginning. */
  takesOverAt?: Date
  /** When its successor takes over; absent while it has none. */
  retiresAt?: Date
}

/** In the stored key alone, never in a published one: from when it is current, in seconds since 1970. A key without it always was. */
const takesOverAt = 'takes_over_at'
type StoredJwk = JWK & { [takesOverAt]?: number }

/** OIDC Core §10.1.1: marks a key to take over at a time. */
export function announce(jwk: JWK, at: Date): StoredJwk {
  return { ...jwk, [takesOverAt]: at.getTime() / 1000 }
}

/** RFC 7517 §4: the key as it was made, without our own note about it. */
export function withoutPhase(jwk: JWK): JWK {
  return Object.fromEntries(Object.entries(jwk).filter(([member]) => member !== takesOverAt))
}

/** OIDC Core §10.1.1: a key with the note of a stored one, which is the same key. */
export function withPhaseOf(jwk: JWK, stored: JWK): StoredJwk {
  const begin = beginOf(stored)
  return { ...withoutPhase(jwk), ...(begin > 0 && { [takesOverAt]: begin }) }
}

const order: readonly Phase[] = ['current', 'retired', 'announced']

/** OIDC Core §10.1.1: where each key stands at a time; the current ones come first. Time alone decides, so all processes agree. */
export function phasesOf(keys: readonly JWK[], now: Date): PhasedKey[] {
  const phased = keys.map((jwk): PhasedKey => {
    const [own, next] = [beginOf(jwk), beginOfSuccessor(jwk, keys)]
    const dates = { ...(own > 0 && { takesOverAt: after(epoch, own) }), ...(next && { retiresAt: after(epoch, next) }) }
    const seconds = now.getTime() / 1000
    if (own > seconds) return { jwk, phase: 'announced', ...dates }
    return { jwk, phase: next !== undefined && next <= seconds ? 'retired' : 'current', ...dates }
  })
  return order.flatMap((phase) => phased.filter((key) => key.phase === phase))
}

/** OIDC Core §10.1.1: when the next key takes over; undefined when none is announced. */
export function nextTakeover(keys: readonly JWK[], now: Date): Date | undefined {
  const next = Math.min(...keys.map(beginOf).filter((begin) => begin > now.getTime() / 1000))
  return Number.isFinite(next) ? after(epoch, next) : undefined
}

/** RFC 7517 §5: the keys of the service that everybody is shown. */
export function publishedKeys(keys: readonly JWK[], now: Date): JWK[] {
  return phasesOf(keys, now)
    .filter(({ jwk, phase }) => jwk.use !== 'enc' || phase === 'current')
    .map(({ jwk }) => jwk)
}

/** RFC 7517 §4.2 and §4.4: whether one key can take the place of another. */
export function isSameKind(one: JWK, other: JWK): boolean {
  return one.use === other.use && one.alg === other.alg
}

const epoch = new Date(0)

function beginOf(jwk: JWK): number {
  return takesOverAt in jwk && typeof jwk[takesOverAt] === 'number' ? jwk[takesOverAt] : 0
}

function beginOfSuccessor(jwk: JWK, keys: readonly JWK[]): number | undefined {
  const later = keys.filter((other) => isSameKind(other, jwk) && beginOf(other) > beginOf(jwk))
  return later.length === 0 ? undefined : Math.min(...later.map(beginOf))
}
