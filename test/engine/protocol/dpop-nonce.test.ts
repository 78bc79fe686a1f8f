import { describe, expect, it } from 'vitest'
import { currentDpopNonce, dpopNonceKeys, isDpopNonce } from '../../../server/engine/protocol/dpop-nonce.ts'

const keys = dpopNonceKeys([{ kty: 'RSA' }, { kty: 'EC', d: 'private' }])
const at = (seconds: number, more: object = {}) => ({ keys, duration: 300, now: new Date(seconds * 1000), ...more })

describe('RFC 9449 §8: nonces that follow from a key and the time', () => {
  it('given the same key and the same window, then the same nonce; else another', () => {
    expect(currentDpopNonce(at(600))).toBe(currentDpopNonce(at(899.9)))
    expect(currentDpopNonce(at(600))).not.toBe(currentDpopNonce(at(900)))
    expect(currentDpopNonce(at(600))).not.toBe(
      currentDpopNonce(at(600, { keys: dpopNonceKeys([{ kty: 'EC', d: 'x' }]) })),
    )
    expect(currentDpopNonce(at(600))).toMatch(/^[\w-]{43}$/)
  })

  it.each([0, 300, 599, -5])('given one that is %d s old, then it is good', (age) => {
    expect(isDpopNonce(currentDpopNonce(at(600)), at(600 + age))).toBe(true)
  })

  it.each([600, 3600, -301])('given one that is %d s old, then it is not', (age) => {
    expect(isDpopNonce(currentDpopNonce(at(600)), at(600 + age))).toBe(false)
  })

  it('given one of another key or of another duration, or any text, then it is not', () => {
    const foreign = dpopNonceKeys([{ kty: 'EC', d: 'x' }])
    expect(isDpopNonce(currentDpopNonce(at(600, { keys: foreign })), at(600))).toBe(false)
    expect(isDpopNonce(currentDpopNonce(at(600, { duration: 60 })), at(600))).toBe(false)
    expect(isDpopNonce('', at(600))).toBe(false)
  })

  it('given a new first key, then the nonces of the one before are still good', () => {
    const rotated = {
      keys: dpopNonceKeys([
        { kty: 'EC', d: 'new' },
        { kty: 'EC', d: 'private' },
      ]),
    }
    expect(isDpopNonce(currentDpopNonce(at(600)), at(600, rotated))).toBe(true)
    expect(currentDpopNonce(at(600, rotated))).not.toBe(currentDpopNonce(at(600)))
  })

  it('given no private key, then nothing is derived from what everybody knows', () => {
    expect(() => dpopNonceKeys([{ kty: 'EC', x: 'public' }])).toThrow('private key')
  })
})
