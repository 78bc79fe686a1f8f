import type { Service } from '../../../sdk/types.ts'

/** Seconds of clock difference: FAPI 2.0 §5.3.2.1 wants ten accepted, whatever the service says, and more than sixty refused. */
export const clockSkews = { least: 10, most: 60 }

/** Seconds that the clock of a client may differ from ours. */
export function clockSkewOf({ allowableClockSkew = 0 }: Service): number {
  return Math.min(clockSkews.most, Math.max(clockSkews.least, allowableClockSkew))
}

/** The one place where seconds become an instant. */
export function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000)
}

/** RFC 7519 §2, NumericDate: whole seconds since 1970. */
export function numericDate(time: Date): number {
  return Math.floor(time.getTime() / 1000)
}

/** RFC 7519 §2: the whole second in which a token ends, so that `exp`, `expires_in` and milliseconds all say the same of it. */
export function startOfSecond(time: Date): Date {
  return after(new Date(0), numericDate(time))
}

/** RFC 6749 §5.1, `expires_in`: whole seconds, from `iat` to `exp`. */
export function secondsBetween(now: Date, expiresAt: Date): number {
  return numericDate(expiresAt) - numericDate(now)
}

/** When a token ends that does not expire: later than all other instants that a date can be. */
export const never = new Date(8.64e15)

/** RFC 6749 §5.1: whether a token ends by itself. Of one that does not, no answer says when. */
export function expires(expiresAt: Date): boolean {
  return expiresAt.getTime() < never.getTime()
}

/** The one check of expiry: what expires now has expired. */
export function hasExpired(expiresAt: Date, now: Date): boolean {
  return expiresAt.getTime() <= now.getTime()
}

/** The shortest of the lifetimes that are set, in seconds; 0 and absent ones are not set. */
export function shortestLifetime(...candidates: (number | undefined)[]): number | undefined {
  const set = candidates.filter((seconds) => seconds !== undefined && seconds > 0)
  return set.length === 0 ? undefined : Math.min(...set.map(Number))
}
