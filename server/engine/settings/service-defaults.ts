import { claimsOf } from '../protocol/scope.ts'
import type { Service } from '../../../sdk/types.ts'

/**
 * What a service is when nothing else is said: the strict side of every choice. Whoever needs less says so.
 * RFC 9700 and FAPI 2.0 §5.3 are the measure.
 */
export const serviceDefaults: Service = {
  supportedGrantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'],
  supportedResponseTypes: ['CODE'],
  supportedTokenAuthMethods: ['NONE', 'CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT'],
  supportedRevocationAuthMethods: ['NONE', 'CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT'],
  // RFC 7662 §2.1: who may look into tokens must say who it is.
  supportedIntrospectionAuthMethods: ['CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT'],
  clientAssertionAudRestrictedToIssuer: true,
  // RFC 8705 §2.1: a name proves nothing until somebody has verified who vouches for it.
  mutualTlsValidatePkiCertChain: true,

  pkceRequired: true,
  pkceS256Required: true,
  scopeRequired: true,
  issSuppressed: false,
  dpopNonceRequired: false,
  supportedDisplays: ['PAGE'],
  supportedPromptValues: ['NONE', 'LOGIN', 'CONSENT', 'SELECT_ACCOUNT'],
  loopbackRedirectionUriVariable: false,
  parRequired: false,
  requestObjectRequired: false,
  requestObjectAudienceChecked: true,
  traditionalRequestObjectProcessingApplied: false,
  /** Seconds, as all durations below. */
  pushedAuthReqDuration: 90,

  accessTokenType: 'Bearer',
  accessTokenDuration: 600,
  refreshTokenDuration: 2_592_000,
  refreshTokenKept: false,
  refreshTokenDurationKept: false,
  refreshTokenDurationReset: false,
  authorizationResponseDuration: 600,
  idTokenDuration: 600,
  idTokenAudType: 'array',
  allowableClockSkew: 0,
  dpopNonceDuration: 300,

  supportedScopes: [
    { name: 'openid', description: 'Sign you in.' },
    { name: 'profile', description: 'See your name and the rest of your profile.' },
    { name: 'email', description: 'See your e-mail address.' },
    { name: 'phone', description: 'See your phone number.' },
    { name: 'address', description: 'See your postal address.' },
    { name: 'offline_access', description: 'Keep access when you are not using the app.' },
  ],
  supportedClaimTypes: ['NORMAL'],
  // OIDC Core §5.1, in the words of the scopes that ask for them.
  supportedClaims: ['sub', ...claimsOf(['profile', 'email', 'phone', 'address'])],
  claimShortcutRestrictive: true,
  errorDescriptionOmitted: false,
  errorUriOmitted: false,
  httpAliasProhibited: true,

  // What is not done yet begins strict when it comes.
  dcrScopeUsedAsRequestable: true,
  dcrDuplicateSoftwareIdBlocked: false,
  tokenExchangeByIdentifiableClientsOnly: true,
  tokenExchangeByConfidentialClientsOnly: true,
  tokenExchangeByPermittedClientsOnly: true,
  tokenExchangeEncryptedJwtRejected: true,
  tokenExchangeUnsignedJwtRejected: true,
  jwtGrantByIdentifiableClientsOnly: true,
  jwtGrantEncryptedJwtRejected: true,
  jwtGrantUnsignedJwtRejected: true,
}
