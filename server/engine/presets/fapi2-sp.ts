import { modesOfScope } from '../fapi/modes.ts'
import type { Preset } from './preset.ts'
import { exactly, exactlyOrAbsent, oneOf, oneOfOrAbsent, someOf, usesCertificate, within } from './preset.ts'

const mutualTls = ['TLS_CLIENT_AUTH', 'SELF_SIGNED_TLS_CLIENT_AUTH'] as const

/** FAPI 2.0 Security Profile, with private_key_jwt and DPoP. */
export const fapi2Sp = {
  title: 'FAPI 2.0 Security Profile',
  service: {
    supportedServiceProfiles: {
      value: ['FAPI'],
      demands: { holds: (given = []) => given.includes('FAPI'), mend: () => ['FAPI'] },
      because: 'Without FAPI no profile is enforced, whoever asks for one.',
    },
    fapiModes: {
      value: ['FAPI2_SECURITY'],
      demands: {
        // Who leaves it to the scopes knows why; who says nothing at all is under no profile.
        holds: (given = [], { supportedScopes = [] }) =>
          [...given, ...(given.length > 0 ? [] : supportedScopes.flatMap(modesOfScope))].some((mode) =>
            mode.startsWith('FAPI2_'),
          ),
        mend: () => ['FAPI2_SECURITY'],
      },
      because: 'Every request is held against the profile; with scopes of fapi2=sp alone, only those that name one.',
    },
    supportedResponseTypes: { ...someOf(['CODE']), because: 'FAPI 2.0 Security Profile 5.3.2.2-1.' },
    supportedGrantTypes: {
      ...someOf(
        ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'],
        ...(['CIBA', 'DEVICE_CODE', 'TOKEN_EXCHANGE', 'JWT_BEARER'] as const),
      ),
      because: 'FAPI 2.0 Security Profile 5.3.2.1-2: no password grant, and no implicit one.',
    },
    supportedTokenAuthMethods: {
      ...someOf(['PRIVATE_KEY_JWT'], ...mutualTls),
      because: 'FAPI 2.0 Security Profile 5.3.2.1-6: a key or a certificate.',
    },
    supportedRevocationAuthMethods: {
      ...someOf(['PRIVATE_KEY_JWT'], ...mutualTls),
      because: 'FAPI 2.0 Security Profile 5.3.2.1-6.',
    },
    supportedIntrospectionAuthMethods: {
      ...someOf(['PRIVATE_KEY_JWT'], ...mutualTls),
      because: 'FAPI 2.0 Security Profile 5.3.2.1-6, for resource servers as well.',
    },
    clientAssertionAudRestrictedToIssuer: { ...exactly(true), because: 'FAPI 2.0 Security Profile 5.3.2.1-8.' },
    accessTokenSignAlg: {
      ...oneOfOrAbsent('ES256', 'PS256', 'EdDSA'),
      because: 'FAPI 2.0 Security Profile 5.4.1-1, where access tokens are JWTs.',
    },
    refreshTokenKept: {
      value: true,
      demands: {
        holds: (given, { refreshTokenIdempotent }) => given === true || refreshTokenIdempotent === true,
        mend: () => true,
      },
      because: 'FAPI 2.0 Security Profile 5.3.2.1-9: no rotation.',
    },
    allowableClockSkew: {
      ...within(10, { least: 0, most: 60 }),
      because: 'FAPI 2.0 Security Profile 5.3.2.1-13: ten seconds at least, sixty at most.',
    },
    pkceRequired: { ...exactly(true), because: 'FAPI 2.0 Security Profile 5.3.2.2-5.' },
    pkceS256Required: { ...exactly(true), because: 'FAPI 2.0 Security Profile 5.3.2.2-5.' },
    issSuppressed: { ...exactlyOrAbsent(false), because: 'FAPI 2.0 Security Profile 5.3.2.2-7.' },
    pushedAuthReqDuration: {
      ...within(90, { least: 5, most: 599 }),
      because: 'FAPI 2.0 Security Profile 5.3.2.2-12: less than ten minutes.',
    },
  },
  client: {
    clientType: { ...exactly('CONFIDENTIAL'), because: 'FAPI 2.0 Security Profile 5.3.2.1-3.' },
    tokenAuthMethod: {
      ...oneOf('PRIVATE_KEY_JWT', ...mutualTls),
      because: 'FAPI 2.0 Security Profile 5.3.2.1-6: a key or a certificate.',
    },
    tokenAuthSignAlg: {
      value: 'ES256',
      demands: {
        holds: (given, { tokenAuthMethod }) =>
          usesCertificate(tokenAuthMethod) || ['ES256', 'PS256', 'EdDSA'].includes(given ?? ''),
        mend: () => 'ES256',
      },
      because: 'FAPI 2.0 Security Profile 5.4.1-1: the one algorithm of its assertions.',
    },
    idTokenSignAlg: {
      value: 'ES256',
      demands: { holds: (given = 'ES256') => ['ES256', 'PS256', 'EdDSA'].includes(given), mend: () => 'ES256' },
      because: 'FAPI 2.0 Security Profile 5.4.1-1.',
    },
    userInfoSignAlg: {
      ...oneOfOrAbsent('ES256', 'PS256', 'EdDSA'),
      because: 'FAPI 2.0 Security Profile 5.4.1-1, where userinfo is signed.',
    },
    requestSignAlg: {
      ...oneOfOrAbsent('ES256', 'PS256', 'EdDSA'),
      because: 'FAPI 2.0 Security Profile 5.4.1-1, where requests are signed.',
    },
    authorizationSignAlg: {
      ...oneOfOrAbsent('ES256', 'PS256', 'EdDSA'),
      because: 'FAPI 2.0 Security Profile 5.4.1-1, where responses are signed.',
    },
    dpopRequired: {
      value: true,
      demands: {
        holds: (given, { tlsClientCertificateBoundAccessTokens: bound }) => given === true || bound === true,
        mend: () => true,
      },
      because: 'FAPI 2.0 Security Profile 5.3.2.1-4: by a key, or else by tlsClientCertificateBoundAccessTokens.',
    },
    grantTypes: {
      value: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN'],
      demands: {
        holds: (given = []) => !given.some((grant) => grant === 'PASSWORD' || grant === 'IMPLICIT'),
        mend: (given = []) => given.filter((grant) => grant !== 'PASSWORD' && grant !== 'IMPLICIT'),
      },
      because: 'FAPI 2.0 Security Profile 5.3.2.1-2.',
    },
    responseTypes: {
      value: ['CODE'],
      demands: { holds: (given = []) => given.every((type) => type === 'CODE'), mend: () => ['CODE'] },
      because: 'FAPI 2.0 Security Profile 5.3.2.2-1.',
    },
    redirectUris: {
      value: ['https://client.example/callback'],
      demands: {
        holds: (given = [], { applicationType }) =>
          given.every((uri) => !/^http:/i.test(uri) || applicationType === 'NATIVE'),
        mend: (given = []) => given.map((uri) => uri.replace(/^http:/i, 'https:')),
      },
      because: 'FAPI 2.0 Security Profile 5.3.2.2-8: http only on loopback, of clients with applicationType NATIVE.',
    },
  },
} as const satisfies Preset
