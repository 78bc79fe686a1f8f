import { certificateFor } from '../certificate-binding.ts'
import { parseHandle } from '../handle.ts'
import { OAuthError } from '../oauth-error.ts'
import { hasExpired } from '../protocol/lifetime.ts'
import { verifyCodeVerifier } from '../protocol/pkce.ts'
import { withProperties } from '../protocol/properties.ts'
import { grantableScopes } from '../protocol/scope.ts'
import { ClientNotActiveError } from '../storage/active-clients.ts'
import type { Grant } from './grant.ts'
import type { TokensToIssue } from './make-tokens.ts'
import { makeTokens } from './make-tokens.ts'
import { narrowAuthorization } from './narrow-authorization.ts'

/** RFC 6749 §4.1.3. Only a successful exchange uses the code up: after a wrong verifier the rightful client may still try. */
export const authorizationCode: Grant = async (parameters, sender, context) => {
  const { client, jkt, wishes } = sender
  const { storage, service, now } = context
  const sent = parameters.get('code')
  if (sent === undefined)
    throw new OAuthError('invalid_request', 'A950306', 'code is missing.', 'rfc6749#section-4.1.3')
  const key = parseHandle(sent)
  const code = key && (await storage.findAuthorizationCode(service.serviceId, key))
  if (!code || code.clientId !== client.clientId) throw noSuchCode()
  if (code.clientLocked) throw new ClientNotActiveError()
  if (code.redeemedAt) {
    // §10.5: somebody else has the code as well. What the first use brought is no longer to be trusted.
    await storage.revokeGrant(service.serviceId, code.grantId, now)
    throw replayed()
  }
  if (hasExpired(code.expiresAt, now)) throw noSuchCode()
  if (code.redirectUri !== undefined && parameters.get('redirect_uri') !== code.redirectUri) {
    throw new OAuthError(
      'invalid_grant',
      'A050309',
      'redirect_uri is not the one of the authorization request.',
      'rfc6749#section-4.1.3',
    )
  }
  verifyCodeVerifier(parameters.get('code_verifier'), code.codeChallenge, code.codeChallengeMethod)
  const { subject, grantId, scopes } = code
  const authorization = withProperties(code.authorization, wishes.properties)
  if (authorization.dpopJkt !== undefined && authorization.dpopJkt !== jkt) {
    throw new OAuthError(
      'invalid_grant',
      'A050318',
      'The code is bound to a key: send a DPoP proof of the key that the authorization request named.',
      'rfc9449#section-10',
    )
  }
  const plan: TokensToIssue = {
    client,
    grantId,
    grantType: 'AUTHORIZATION_CODE',
    ...(jkt !== undefined && { jkt }),
    ...certificateFor(sender, context),
    ...(wishes.durations && { durations: wishes.durations }),
    ...(wishes.accessToken !== undefined && { accessToken: wishes.accessToken }),
    subject,
    scopes: grantableScopes(scopes, service, client),
    ...narrowAuthorization(authorization, parameters, client, service),
    refreshToken: authorization.refreshable ? { plan: 'new', scopes, authorization } : { plan: 'none' },
  }
  const tokens = await makeTokens(plan, context)
  const { changes } = code
  const { outcome } = await storage.redeemAuthorizationCode(service.serviceId, key, tokens.records, now, changes)
  if (outcome === 'replayed') throw replayed()
  if (outcome === 'redeemed') return { plan, tokens, resultCode: 'A050001' }
  // The person took something back since the code was read, and what was made of it holds that still: it is made anew. Each time there is
  // less of it, so there is an end.
  const again = await storage.findAuthorizationCode(service.serviceId, key)
  if (again && again.changes !== changes) return authorizationCode(parameters, sender, context)
  throw noSuchCode()
}

function noSuchCode(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'A050305',
    'The code is unknown, expired or revoked, or another client received it.',
    'rfc6749#section-5.2',
  )
}

function replayed(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'A950305',
    'The code was used before. What it brought is revoked.',
    'rfc6749#section-4.1.2',
  )
}
