import type { JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { hasPrivatePart, publicPartOf } from '../../../server/engine/keys.ts'
import type { Phase } from '../../../server/engine/keys/phases.ts'
import {
  announce,
  nextTakeover,
  phasesOf,
  publishedKeys,
  withoutPhase,
  withPhaseOf,
} from '../../../server/engine/keys/phases.ts'

const at = (seconds: number) => new Date(seconds * 1000)
const key = (kid: string, use = 'sig', alg = 'ES256'): JWK => ({ kty: 'EC', kid, use, alg, d: 'private' })

const first = key('first')
const second = announce(key('second'), at(100))
const third = announce(key('third'), at(200))
const other = key('other', 'sig', 'RS256')

/** kid → phase, in order. */
const standAt = (seconds: number, keys: JWK[]): Record<string, Phase> =>
  Object.fromEntries(phasesOf(keys, at(seconds)).map(({ jwk, phase }): [string, Phase] => [jwk.kid ?? '', phase]))

describe('OIDC Core §10.1.1: where a key stands follows from the time', () => {
  const keys = [first, second, third, other]

  it.each([
    [99.9, { first: 'current', second: 'announced', third: 'announced', other: 'current' }],
    [100, { first: 'retired', second: 'current', third: 'announced', other: 'current' }],
    [200, { first: 'retired', second: 'retired', third: 'current', other: 'current' }],
  ])('at %d s', (seconds, expected) => {
    expect(standAt(seconds, keys)).toEqual(expected)
  })

  it('current keys come first, announced ones last', () => {
    expect(Object.keys(standAt(100, [third, first, second, other]))).toEqual(['second', 'other', 'first', 'third'])
  })

  it('given several keys without a note, as an operator may set them, then all are current', () => {
    expect(standAt(0, [first, key('fourth')])).toEqual({ first: 'current', fourth: 'current' })
  })

  it('a key retires when the next of its kind takes over, and for no other', () => {
    expect(phasesOf(keys, at(0)).map(({ retiresAt }) => retiresAt)).toEqual([
      at(100), // first
      undefined, // other
      at(200), // second
      undefined, // third
    ])
  })

  it('the next takeover is the earliest that is ahead', () => {
    expect([0, 100, 200].map((seconds) => nextTakeover(keys, at(seconds)))).toEqual([at(100), at(200), undefined])
  })
})

describe('RFC 7517 §5: what is published', () => {
  const encryption = [key('old', 'enc', 'ECDH-ES'), announce(key('new', 'enc', 'ECDH-ES'), at(100))]
  const shownAt = (seconds: number, keys: JWK[]) => publishedKeys(keys, at(seconds)).map(({ kid }) => kid)

  it('keys that sign are published before, while and after they do', () => {
    for (const seconds of [0, 100, 200]) expect(shownAt(seconds, [first, second]).sort()).toEqual(['first', 'second'])
  })

  it('keys that others encrypt to are published while they are current: before, not every process has them', () => {
    expect(shownAt(99, encryption)).toEqual(['old'])
    expect(shownAt(100, encryption)).toEqual(['new'])
  })

  it('the note about the takeover is never part of it', () => {
    const [published = second] = publishedKeys([second], at(100)).map(publicPartOf)
    expect(published).toEqual({ kty: 'EC', kid: 'second', use: 'sig', alg: 'ES256' })
    expect(hasPrivatePart(published)).toBe(false)
  })
})

describe('The note about the takeover', () => {
  it('comes from what is stored, never from what is sent', () => {
    const sent = { ...announce(key('second'), at(5)) }
    expect(withPhaseOf(sent, second)).toEqual(second)
    expect(withoutPhase(sent)).toEqual(key('second'))
    expect(withPhaseOf(sent, first)).toEqual(key('second'))
  })
})
