import { createHash } from 'node:crypto'
import { equalInConstantTime } from '../constant-time.ts'
import { OAuthError } from '../oauth-error.ts'

export type CodeChallengeMethod = 'S256' | 'plain'

/** RFC 7636 §4.1 and §4.2: 43 to 128 unreserved characters. */
const syntax = /^[A-Za-z0-9\-._~]{43,128}$/

/** RFC 7636 §4.3: reads `code_challenge` and `code_challenge_method`; a challenge without a method is `plain`. */
export function parseCodeChallenge(
  codeChallenge: string | undefined,
  codeChallengeMethod: string | undefined,
): { codeChallenge: string; codeChallengeMethod: CodeChallengeMethod } | undefined {
  if (codeChallenge === undefined) {
    if (codeChallengeMethod === undefined) return undefined
    throw new OAuthError(
      'invalid_request',
      'A924301',
      'code_challenge_method is sent without code_challenge.',
      'rfc7636#section-4.3',
    )
  }
  if (!syntax.test(codeChallenge)) {
    throw new OAuthError(
      'invalid_request',
      'A924302',
      'code_challenge is malformed: 43 to 128 unreserved characters are expected.',
      'rfc7636#section-4.2',
    )
  }
  if (codeChallengeMethod === undefined || codeChallengeMethod === 'plain')
    return { codeChallenge, codeChallengeMethod: 'plain' }
  if (codeChallengeMethod === 'S256') return { codeChallenge, codeChallengeMethod }
  throw new OAuthError(
    'invalid_request',
    'A924303',
    'code_challenge_method must be S256 or plain.',
    'rfc7636#section-4.4.1',
  )
}

/** RFC 7636 §4.6: the server verifies code_verifier before it returns tokens. */
export function verifyCodeVerifier(
  codeVerifier: string | undefined,
  codeChallenge: string | undefined,
  codeChallengeMethod: CodeChallengeMethod = 'plain',
): void {
  if (codeChallenge === undefined) {
    if (codeVerifier === undefined) return
    // RFC 9700 §4.8.2: a verifier without a challenge is the mark of a downgrade.
    throw new OAuthError(
      'invalid_grant',
      'A050317',
      'code_verifier is sent, but the code was issued without code_challenge.',
      'rfc9700#section-4.8.2',
    )
  }
  if (codeVerifier === undefined) {
    throw new OAuthError('invalid_grant', 'A050312', 'code_verifier is missing.', 'rfc7636#section-4.6')
  }
  if (!syntax.test(codeVerifier)) {
    throw new OAuthError(
      'invalid_grant',
      'A950301',
      'code_verifier is malformed: 43 to 128 unreserved characters are expected.',
      'rfc7636#section-4.1',
    )
  }
  // §4.2: the method was fixed when the code was issued; the token request cannot choose it.
  const expected =
    codeChallengeMethod === 'S256'
      ? createHash('sha256').update(codeVerifier, 'ascii').digest('base64url')
      : codeVerifier
  if (!equalInConstantTime(expected, codeChallenge)) {
    throw new OAuthError(
      'invalid_grant',
      'A050315',
      'code_verifier does not match code_challenge.',
      'rfc7636#section-4.6',
    )
  }
}
