import type { Service } from '../../../sdk/types.ts'
import { after, startOfSecond } from '../protocol/lifetime.ts'
import { settingFault } from '../settings/setting-fault.ts'

/** How a service changes its keys, in seconds. */
export interface KeyRules {
  /** From one takeover to the next; undefined where nothing changes by itself. */
  rotateEvery?: number
  /** From publication to takeover. */
  publishAhead: number
  /** From retirement to removal. */
  keep: number
}

const day = 86_400

/**
 * Seconds. Everybody must know a key before it signs: whoever reads the set may keep it for 60 seconds, as our own endpoint says, another
 * process may be a second behind, and clocks differ. The usual day covers verifiers that keep it longer than they are told to.
 */
const ahead = { least: 90, usual: day, most: 30 * day }

/** Seconds. No access token lives longer than the usual; an ID token may come back as a hint until its key is gone. */
const keep = { usual: 30 * day, most: 3_650 * day }

/** Seconds by which the last token may have been signed late: by a process whose clock is behind, or that was busy. */
const late = 60

const mostBetween = 3_650 * day

const names = { rotateEvery: 'keys.rotate_every', publishAhead: 'keys.publish_ahead', keep: 'keys.keep' } as const

/** OIDC Core §10.1.1: the rules in the attributes of a service, and the usual ones for the rest. */
export function keyRulesOf(settings: Service): KeyRules {
  const rotateEvery = secondsOf(settings, names.rotateEvery)
  return {
    ...(rotateEvery !== undefined && { rotateEvery }),
    publishAhead: secondsOf(settings, names.publishAhead) ?? ahead.usual,
    keep: secondsOf(settings, names.keep) ?? keep.usual + late,
  }
}

/** OIDC Core §10.1.1: refuses rules under which a token could not be verified. */
export function checkKeyRules(settings: Service): void {
  const { publishAhead } = keyRulesOf(settings)
  const longest = Math.max(settings.accessTokenDuration || keep.usual, settings.idTokenDuration || day)
  checkSeconds(settings, names.publishAhead, ahead)
  checkSeconds(settings, names.rotateEvery, { least: publishAhead, most: mostBetween })
  checkSeconds(settings, names.keep, { least: longest + late, most: keep.most })
}

/** OIDC Core §10.1.1: until when a token that is signed at some time may live: then, at the earliest, its key is removed. */
export function verifiableUntil(signedAt: Date, settings: Service): Date {
  return startOfSecond(after(signedAt, keyRulesOf(settings).keep - late))
}

function checkSeconds(settings: Service, name: string, { least, most }: { least: number; most: number }): void {
  const seconds = secondsOf(settings, name)
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= least && seconds <= most)) return
  const index = settings.attributes?.findIndex(({ key }) => key === name) ?? 0
  throw settingFault(
    `attributes/${index}`,
    `${name}: ${least} to ${most} seconds are expected, with the other settings`,
  )
}

/** NaN for what is no number of seconds. */
function secondsOf({ attributes = [] }: Service, name: string): number | undefined {
  const value = attributes.find(({ key }) => key === name)?.value
  if (value === undefined) return undefined
  return /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
}
