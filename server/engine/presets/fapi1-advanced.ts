import { modesOfScope } from '../fapi/modes.ts'
import { fapi2Sp } from './fapi2-sp.ts'
import type { Preset } from './preset.ts'
import { exactly, exactlyOrAbsent, oneOf, oneOfOrAbsent, someOf, usesCertificate, within } from './preset.ts'

const mutualTls = ['TLS_CLIENT_AUTH', 'SELF_SIGNED_TLS_CLIENT_AUTH'] as const

/** FAPI 1.0 Advanced, with the code flow and JARM; tokens are bound to certificates. */
export const fapi1Advanced: Preset = {
  title: 'FAPI 1.0 Advanced',
  service: {
    supportedServiceProfiles: fapi2Sp.service.supportedServiceProfiles,
    fapiModes: {
      value: ['FAPI1_ADVANCED'],
      demands: {
        holds: (given = [], { supportedScopes = [] }) =>
          (given.length > 0 ? given : supportedScopes.flatMap(modesOfScope)).includes('FAPI1_ADVANCED'),
        mend: () => ['FAPI1_ADVANCED'],
      },
      because: 'Every request is held against the profile; with scopes of fapi=rw alone, only those that name one.',
    },
    supportedResponseTypes: {
      ...someOf(['CODE'], 'CODE_ID_TOKEN'),
      because: 'FAPI 1.0 Advanced 5.2.2-2: code with response_mode=jwt.',
    },
    supportedTokenAuthMethods: {
      ...someOf(['PRIVATE_KEY_JWT'], ...mutualTls),
      because: 'FAPI 1.0 Advanced 5.2.2-14: a key or a certificate.',
    },
    supportedRevocationAuthMethods: {
      ...someOf(['PRIVATE_KEY_JWT'], ...mutualTls),
      because: 'FAPI 1.0 Advanced 5.2.2-14.',
    },
    supportedIntrospectionAuthMethods: {
      ...someOf(['PRIVATE_KEY_JWT'], ...mutualTls),
      because: 'FAPI 1.0 Advanced 5.2.2-14, for resource servers as well.',
    },
    clientAssertionAudRestrictedToIssuer: {
      ...exactly(false),
      because: 'RFC 9126 §2: at its PAR endpoint the plan names the issuer, the endpoints, and several in an array.',
    },
    parRequired: {
      ...exactlyOrAbsent(false),
      because: 'FAPI 1.0 Advanced 5.2.2-11 allows PAR; the plan by_value refuses a server that demands it.',
    },
    pkceRequired: {
      value: false,
      because: 'FAPI 1.0 Advanced 5.2.2-18 wants it for pushed requests, and the profile sees to it.',
    },
    pkceS256Required: { ...exactly(true), because: 'FAPI 1.0 Advanced 5.2.2-18.' },
    requestObjectRequired: { ...exactly(true), because: 'FAPI 1.0 Advanced 5.2.2-1.' },
    traditionalRequestObjectProcessingApplied: {
      ...exactlyOrAbsent(false),
      because: 'FAPI 1.0 Advanced 5.2.2-10: only what is signed counts.',
    },
    requestObjectAudienceChecked: { ...exactly(true), because: 'FAPI 1.0 Advanced 5.2.2-15.' },
    nbfOptional: { ...exactlyOrAbsent(false), because: 'FAPI 1.0 Advanced 5.2.2-17.' },
    accessTokenSignAlg: {
      ...oneOfOrAbsent('ES256', 'PS256'),
      because: 'FAPI 1.0 Advanced 8.6, where access tokens are JWTs.',
    },
    authorizationResponseDuration: {
      ...within(600, { least: 10, most: 600 }),
      because: 'JARM §2.1: ten minutes at most.',
    },
    tlsClientCertificateBoundAccessTokens: { ...exactly(true), because: 'FAPI 1.0 Advanced 5.2.2-6.' },
  },
  client: {
    clientType: { ...exactly('CONFIDENTIAL'), because: 'FAPI 1.0 Advanced 5.2.2-16.' },
    tokenAuthMethod: {
      ...oneOf('PRIVATE_KEY_JWT', ...mutualTls),
      because: 'FAPI 1.0 Advanced 5.2.2-14: a key or a certificate.',
    },
    tokenAuthSignAlg: {
      value: 'ES256',
      demands: {
        holds: (given, { tokenAuthMethod }) =>
          usesCertificate(tokenAuthMethod) || ['ES256', 'PS256'].includes(given ?? ''),
        mend: () => 'ES256',
      },
      because: 'FAPI 1.0 Advanced 8.6.',
    },
    idTokenSignAlg: {
      value: 'ES256',
      demands: { holds: (given = 'ES256') => ['ES256', 'PS256'].includes(given), mend: () => 'ES256' },
      because: 'FAPI 1.0 Advanced 8.6.',
    },
    userInfoSignAlg: {
      ...oneOfOrAbsent('ES256', 'PS256'),
      because: 'FAPI 1.0 Advanced 8.6, where userinfo is signed.',
    },
    requestSignAlg: { ...oneOf('ES256', 'PS256'), because: 'FAPI 1.0 Advanced 8.6.' },
    authorizationSignAlg: { ...oneOf('ES256', 'PS256'), because: 'FAPI 1.0 Advanced 8.6, for JARM.' },
    tlsClientCertificateBoundAccessTokens: {
      value: true,
      demands: {
        holds: (given, { dpopRequired }) => given === true || dpopRequired === true,
        mend: () => true,
      },
      because: 'FAPI 1.0 Advanced 5.2.2-5: tokens are sender-constrained.',
    },
    grantTypes: {
      value: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
      because: 'FAPI 1.0 Advanced 5.2.2-2: the code flow.',
    },
    redirectUris: {
      value: ['https://client.example/callback'],
      demands: {
        holds: (given = []) => given.every((uri) => /^https:/i.test(uri)),
        mend: (given = []) =>
          given.map((uri) => uri.replace(/^http:/i, 'https:')).filter((uri) => /^https:/i.test(uri)),
      },
      because: 'FAPI 1.0 Baseline 5.2.2-20: https only, and no private-use scheme.',
    },
  },
}
