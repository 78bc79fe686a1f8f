import { describe, expect, it } from 'vitest'
import { parseCodeChallenge, verifyCodeVerifier } from '../../../server/engine/protocol/pkce.ts'

const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' // RFC 7636 Appendix B
const codeChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

describe('RFC 7636 §4.6: the server verifies code_verifier before it returns tokens', () => {
  it('given the vector of Appendix B, it passes', () => {
    verifyCodeVerifier(codeVerifier, codeChallenge, 'S256')
  })

  it('given an S256 challenge, when one character of the verifier differs, then invalid_grant', () => {
    const attempt = () => {
      verifyCodeVerifier(codeVerifier.replace('d', 'e'), codeChallenge, 'S256')
    }
    expect(attempt).toThrow(expect.objectContaining({ error: 'invalid_grant', resultCode: 'A050315' }))
  })

  it('given an S256 challenge, when the challenge itself is sent as verifier, then invalid_grant: the method was fixed before', () => {
    const attempt = () => {
      verifyCodeVerifier(codeChallenge, codeChallenge, 'S256')
    }
    expect(attempt).toThrow(expect.objectContaining({ error: 'invalid_grant' }))
  })

  it('given a plain challenge, the verifier is the challenge', () => {
    verifyCodeVerifier(codeVerifier, codeVerifier, 'plain')
    expect(() => {
      verifyCodeVerifier(codeVerifier, `${codeVerifier}x`, 'plain')
    }).toThrow()
  })

  it.each([
    ['absent', undefined, 'A050312'],
    ['42 characters', 'a'.repeat(42), 'A950301'],
    ['129 characters', 'a'.repeat(129), 'A950301'],
    ['a character that is not unreserved', `${'a'.repeat(42)}+`, 'A950301'],
  ])('given a challenge, when the verifier is %s, then invalid_grant', (_, verifier, resultCode) => {
    expect(() => {
      verifyCodeVerifier(verifier, codeChallenge, 'S256')
    }).toThrow(expect.objectContaining({ error: 'invalid_grant', resultCode }))
  })

  it('RFC 9700 §4.8.2: given no challenge, when a verifier is sent, then invalid_grant', () => {
    expect(() => {
      verifyCodeVerifier(codeVerifier, undefined)
    }).toThrow(expect.objectContaining({ error: 'invalid_grant', resultCode: 'A050317' }))
    verifyCodeVerifier(undefined, undefined)
  })
})

describe('RFC 7636 §4.3: code_challenge and code_challenge_method', () => {
  it('a challenge without a method is plain', () => {
    expect(parseCodeChallenge(codeChallenge, undefined)).toEqual({ codeChallenge, codeChallengeMethod: 'plain' })
  })

  it.each([
    ['a method without a challenge', undefined, 'S256'],
    ['an unknown method', codeChallenge, 'S512'],
    ['a method in lower case', codeChallenge, 's256'],
    ['a challenge that is too short', 'abc', 'S256'],
    ['a challenge with padding', `${codeChallenge}=`, 'S256'],
  ])('%s is refused with invalid_request', (_, challenge, method) => {
    expect(() => parseCodeChallenge(challenge, method)).toThrow(expect.objectContaining({ error: 'invalid_request' }))
  })
})
