import type { CompactVerifyGetKey, JWK } from 'jose'
import { createLocalJWKSet, errors } from 'jose'
import { OAuthError } from './oauth-error.ts'
import type { FetchOutbound, OutboundAnswer } from '../outbound/fetch-outbound.ts'
import { readEncryptionKeys, readPublishedKeys } from './settings/key-sets.ts'

/** RFC 7591 §2: the keys that a client publishes at its `jwks_uri`, read when they are needed. */
export interface FindPublishedKeys {
  /** Those that verify what the client has signed. */
  (jwksUri: string, now: Date): CompactVerifyGetKey
  /** RFC 8705 §2.2: whether one of the keys is right; for certificates, which name no `kid`. */
  has(jwksUri: string, now: Date, isRight: (key: JWK) => Promise<boolean>): Promise<boolean>
  /** Of those that something can be encrypted to, the one that is looked for; undefined when there is none, or the address cannot be read. */
  toEncrypt(jwksUri: string, now: Date, choose: ChooseKey): Promise<JWK | undefined>
}

/** RFC 7517 §5: picks a key of a set. */
export type ChooseKey = (keys: readonly JWK[]) => JWK | undefined

const lifeInSeconds = {
  /** What a client may ask for with `Cache-Control: max-age`. */
  shortest: 60,
  longest: 86_400,
  /** Where it says nothing. */
  usual: 300,
  /** Beyond its life, while the address cannot be read: a withdrawn key must end some day. */
  grace: 86_400,
}

/** Seconds until an address is asked again that failed, or that was asked for a key it did not have. */
const pauseInSeconds = 30

/** Addresses remembered; the one that nobody used for the longest time goes first. */
const mostAddresses = 1_000

/** RFC 7517 §8.5.2, and what most clients say instead. */
const mediaTypes = ['application/jwk-set+json', 'application/json']

/** OIDC Core §10.1.1: makes the memory of published keys. Clients with one address share what was read there, and those who ask at once share one request. */
export function createPublishedKeys(fetchOutbound: FetchOutbound): FindPublishedKeys {
  const remembered = new Map<string, Published>()

  function recall(jwksUri: string): Published {
    const published = remembered.get(jwksUri) ?? {}
    remembered.delete(jwksUri)
    remembered.set(jwksUri, published)
    const [oldest] = remembered.keys()
    if (remembered.size > mostAddresses && oldest !== undefined) remembered.delete(oldest)
    return published
  }

  async function read(published: Published, jwksUri: string, now: Date): Promise<void> {
    const wasFresh = isWithin(published.set, now, 0)
    try {
      const set = await fetchOutbound(jwksUri, { mediaTypes, read: keySetOf })
      if (set) published.set = { ...set, readAt: now }
      if (!set || wasFresh) published.pausedAt = now
    } finally {
      delete published.reading
    }
  }

  /** Whether the address was asked again: not more often than it should be. */
  async function readAgain(published: Published, jwksUri: string, now: Date): Promise<boolean> {
    if (!published.reading) {
      if (published.pausedAt && secondsBetween(published.pausedAt, now) < pauseInSeconds) return false
      published.reading = read(published, jwksUri, now)
    }
    await published.reading
    return true
  }

  const verifying =
    (jwksUri: string, now: Date): CompactVerifyGetKey =>
    async (header, token) => {
      const published = recall(jwksUri)
      const isNew = !isWithin(published.set, now, 0) && (await readAgain(published, jwksUri, now))
      try {
        return await setOf(published, now).findKey(header, token)
      } catch (error) {
        // OIDC Core §10.1.1: a kid that is not known says that the client has changed its keys.
        const isUnknown = error instanceof errors.JWKSNoMatchingKey && !isNew
        if (!isUnknown || !(await readAgain(published, jwksUri, now))) throw error
        return await setOf(published, now).findKey(header, token)
      }
    }

  const has: FindPublishedKeys['has'] = async (jwksUri, now, isRight) => {
    const published = recall(jwksUri)
    const isNew = !isWithin(published.set, now, 0) && (await readAgain(published, jwksUri, now))
    if (await isAmong(setOf(published, now), isRight)) return true
    // As with a kid that is not known: the client may have a new certificate.
    return !isNew && (await readAgain(published, jwksUri, now)) && isAmong(setOf(published, now), isRight)
  }

  // OIDC Core §10.2.1: what is not among the keys that are known may be among those that stand there now.
  const toEncrypt: FindPublishedKeys['toEncrypt'] = async (jwksUri, now, choose) => {
    const published = recall(jwksUri)
    const isNew = !isWithin(published.set, now, 0) && (await readAgain(published, jwksUri, now))
    const find = () => (isWithin(published.set, now, lifeInSeconds.grace) ? choose(published.set.toEncrypt) : undefined)
    return find() ?? (!isNew && (await readAgain(published, jwksUri, now)) ? find() : undefined)
  }

  return Object.assign(verifying, { has, toEncrypt })
}

async function isAmong({ keys }: KeySet, isRight: (key: JWK) => Promise<boolean>): Promise<boolean> {
  for (const key of keys) if (await isRight(key)) return true
  return false
}

interface Published {
  /** The last good one. */
  set?: KeySet & { readAt: Date }
  /** When it was asked for in vain. */
  pausedAt?: Date
  /** Under way, for all who wait. */
  reading?: Promise<void>
}

interface KeySet {
  keys: JWK[]
  findKey: CompactVerifyGetKey
  toEncrypt: JWK[]
  lifeInSeconds: number
}

async function keySetOf({ text, cacheControl }: OutboundAnswer): Promise<KeySet> {
  const [keys, toEncrypt] = await Promise.all([readPublishedKeys(text), readEncryptionKeys(text)])
  return { keys, findKey: createLocalJWKSet({ keys }), toEncrypt, lifeInSeconds: lifeOf(cacheControl) }
}

/** RFC 9111 §5.2.2: how long a set is good for, as the client says within what is sane. */
function lifeOf(cacheControl: string): number {
  if (/\bno-(store|cache)\b/i.test(cacheControl)) return lifeInSeconds.shortest
  const [, maxAge] = /\bmax-age=(\d+)/i.exec(cacheControl) ?? []
  if (maxAge === undefined) return lifeInSeconds.usual
  return Math.min(Math.max(Number(maxAge), lifeInSeconds.shortest), lifeInSeconds.longest)
}

function setOf({ set }: Published, now: Date): KeySet {
  if (set && isWithin(set, now, lifeInSeconds.grace)) return set
  // No more than that: why an address cannot be read is between the log and its operator.
  throw new OAuthError('invalid_client', 'A957330', 'The keys of the client could not be read.', 'rfc7591#section-2')
}

function isWithin(set: Published['set'], now: Date, grace: number): set is NonNullable<Published['set']> {
  return set !== undefined && secondsBetween(set.readAt, now) < set.lifeInSeconds + grace
}

/** A clock that was set back makes nothing last longer. */
function secondsBetween(one: Date, other: Date): number {
  return Math.abs(other.getTime() - one.getTime()) / 1000
}
