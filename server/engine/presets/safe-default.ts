import { claimsOf } from '../protocol/scope.ts'
import type { Preset } from './preset.ts'
import { exactly, exactlyOrAbsent, oneOf, within } from './preset.ts'

/**
 * What a service is when nothing else is said: the strict side of every choice that leaves ordinary clients their ways. RFC 9700 is the
 * measure. Whoever needs less says so.
 */
export const safeDefault = {
  title: 'Safe default',
  service: {
    supportedGrantTypes: {
      value: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'],
      because: 'RFC 9700 §2.1.2 and §2.4: neither the implicit nor the password grant.',
    },
    supportedResponseTypes: { value: ['CODE'], because: 'RFC 9700 §2.1.2: no token passes through the browser.' },
    supportedTokenAuthMethods: {
      value: ['NONE', 'CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT'],
      because: 'RFC 6749 §2.3: what clients of today use.',
    },
    supportedRevocationAuthMethods: {
      value: ['NONE', 'CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT'],
      because: 'RFC 7009 §2.1: as at the token endpoint.',
    },
    supportedIntrospectionAuthMethods: {
      value: ['CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT'],
      because: 'RFC 7662 §2.1: who may look into tokens must say who it is.',
    },
    clientAssertionAudRestrictedToIssuer: {
      ...exactly(true),
      because: 'An assertion that names several servers can be used at another one.',
    },
    mutualTlsValidatePkiCertChain: {
      ...exactly(true),
      because: 'RFC 8705 §2.1: a name proves nothing until somebody has verified who vouches for it.',
    },

    pkceRequired: { ...exactly(true), because: 'RFC 9700 §2.1.1: a stolen code is worth nothing.' },
    pkceS256Required: { ...exactly(true), because: 'RFC 9700 §2.1.1: the challenge must not give the verifier away.' },
    scopeRequired: { value: true, because: 'RFC 6749 §3.3: whoever asks says what for.' },
    issSuppressed: { ...exactlyOrAbsent(false), because: 'RFC 9207 §2: a client can tell servers apart.' },
    dpopNonceRequired: { value: false, because: 'RFC 9449 §8: proofs live a minute without them, too.' },
    supportedDisplays: { value: ['PAGE'], because: 'OIDC Core §3.1.2.1.' },
    supportedPromptValues: {
      value: ['NONE', 'LOGIN', 'CONSENT', 'SELECT_ACCOUNT'],
      because: 'OIDC Core §3.1.2.1: all that the front-end does.',
    },
    loopbackRedirectionUriVariable: { value: false, because: 'RFC 8252 §7.3 is for services with native clients.' },
    requestObjectAudienceChecked: {
      ...exactlyOrAbsent(true),
      because: 'RFC 9101 §4: a request object is for one server.',
    },
    requestObjectRequired: { value: false, because: 'RFC 9101 §10.5: ordinary clients sign nothing.' },
    traditionalRequestObjectProcessingApplied: {
      ...exactly(false),
      because: 'RFC 9101 §6.3: what is not signed does not count.',
    },
    parRequired: { value: false, because: 'RFC 9126 §5: ordinary clients come through the front door.' },
    pushedAuthReqDuration: { ...within(90, { least: 5, most: 600 }), because: 'RFC 9126 §2.2: a short life.' },

    accessTokenType: { value: 'Bearer', because: 'RFC 6750; with a proof it says DPoP, RFC 9449 §5.' },
    accessTokenDuration: { ...within(600, { most: 3_600 }), because: 'RFC 9700 §4.9: what leaks, ends soon.' },
    refreshTokenDuration: { value: 2_592_000, because: 'Thirty days; a refresh begins them anew.' },
    refreshTokenKept: { value: false, because: 'RFC 9700 §4.14.2: rotation shows that a token was stolen.' },
    refreshTokenDurationKept: { value: false, because: 'Who comes back regularly stays signed in.' },
    refreshTokenDurationReset: { value: false, because: 'A token that is kept ends when it was said to.' },
    authorizationResponseDuration: {
      ...within(600, { most: 600 }),
      because: 'JARM §2.1: at most ten minutes.',
    },
    idTokenDuration: { value: 600, because: 'OIDC Core §2: it is read once, at sign-in.' },
    idTokenAudType: { value: 'array', because: 'OIDC Core §2 allows both.' },
    allowableClockSkew: { value: 0, because: 'Ten seconds are accepted in any case.' },
    dpopNonceDuration: { value: 300, because: 'RFC 9449 §8.' },

    supportedScopes: {
      value: [
        { name: 'openid', description: 'Sign you in.' },
        { name: 'profile', description: 'See your name and the rest of your profile.' },
        { name: 'email', description: 'See your e-mail address.' },
        { name: 'phone', description: 'See your phone number.' },
        { name: 'address', description: 'See your postal address.' },
        { name: 'offline_access', description: 'Keep access when you are not using the app.' },
      ],
      because: 'OIDC Core §5.4 and §11.',
    },
    supportedClaimTypes: { value: ['NORMAL'], because: 'OIDC Core §5.6.' },
    supportedClaims: {
      value: ['sub', ...claimsOf(['profile', 'email', 'phone', 'address'])],
      because: 'OIDC Core §5.1, in the words of the scopes that ask for them.',
    },
    claimShortcutRestrictive: { value: true, because: 'OIDC Core §5.4: claims go to userinfo, not into the ID token.' },
    errorDescriptionOmitted: { value: false, because: 'Who has to mend it must know what is wrong.' },
    errorUriOmitted: { value: false, because: 'It opens the section that was broken.' },
    httpAliasProhibited: { value: true, because: 'A client id that is an address means something of its own.' },

    // What is not done yet begins strict when it comes.
    dcrScopeUsedAsRequestable: { value: true, because: 'RFC 7591 §2: a registered scope is a limit.' },
    dcrDuplicateSoftwareIdBlocked: { value: false, because: 'RFC 7591 §2: the same software runs in many places.' },
    tokenExchangeByIdentifiableClientsOnly: { ...exactlyOrAbsent(true), because: 'RFC 8693 §2.1.' },
    tokenExchangeByConfidentialClientsOnly: { ...exactlyOrAbsent(true), because: 'RFC 8693 §5.' },
    tokenExchangeByPermittedClientsOnly: { ...exactlyOrAbsent(true), because: 'RFC 8693 §5.' },
    tokenExchangeEncryptedJwtRejected: { ...exactlyOrAbsent(true), because: 'RFC 8693 §5.' },
    tokenExchangeUnsignedJwtRejected: { ...exactlyOrAbsent(true), because: 'RFC 8725 §3.2.' },
    jwtGrantByIdentifiableClientsOnly: { ...exactlyOrAbsent(true), because: 'RFC 7523 §3.1.' },
    jwtGrantEncryptedJwtRejected: { ...exactlyOrAbsent(true), because: 'RFC 7523 §3.' },
    jwtGrantUnsignedJwtRejected: { ...exactlyOrAbsent(true), because: 'RFC 8725 §3.2.' },
  },
  client: {
    clientType: { value: 'CONFIDENTIAL', because: 'RFC 6749 §2.1.' },
    tokenAuthMethod: { value: 'CLIENT_SECRET_BASIC', because: 'RFC 6749 §2.3.1: not in the body.' },
    idTokenSignAlg: {
      ...oneOf('ES256', 'PS256', 'EdDSA', 'RS256', 'ES384', 'ES512', 'PS384', 'PS512', 'RS384', 'RS512'),
      because: 'RFC 8725 §3.1.',
    },
  },
} as const satisfies Preset
