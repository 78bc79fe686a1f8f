import type { Preset } from './preset.ts'
import { atLeast, exactly, exactlyOrAbsent, oneOf } from './preset.ts'

/** OpenID Connect as its certification tests it: what a strict server demands, its clients do not send. */
export const oidc: Preset = {
  title: 'OpenID Connect (certification, Basic OP)',
  service: {
    supportedResponseTypes: { ...atLeast('CODE'), because: 'OIDC Core §3.1: the code flow.' },
    supportedGrantTypes: { ...atLeast('AUTHORIZATION_CODE', 'REFRESH_TOKEN'), because: 'OIDC Core §3.1 and §12.' },
    supportedTokenAuthMethods: {
      ...atLeast('CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT'),
      because: 'OIDC Core §9; the plan tries the secret both ways.',
    },
    supportedRevocationAuthMethods: {
      value: ['CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT'],
      because: 'As at the token endpoint.',
    },
    supportedIntrospectionAuthMethods: {
      value: ['CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT'],
      because: 'As at the token endpoint.',
    },
    pkceRequired: { ...exactly(false), because: 'The plan sends no PKCE; what is sent is still verified.' },
    pkceS256Required: { value: true, because: 'RFC 7636 §4.2: who sends PKCE, sends S256.' },
    scopeRequired: { ...exactlyOrAbsent(false), because: 'OIDC Core §3.1.2.1 leaves requests without openid alone.' },
    parRequired: { ...exactlyOrAbsent(false), because: 'The plan sends its requests through the browser.' },
    clientAssertionAudRestrictedToIssuer: {
      ...exactly(false),
      because: 'OIDC Core §9: aud should be the address of the token endpoint.',
    },
    claimShortcutRestrictive: {
      ...exactly(true),
      because: 'OIDC Core §5.4: the plan warns of profile claims in the ID token.',
    },
  },
  client: {
    clientType: { value: 'CONFIDENTIAL', because: 'The plan has clients with a secret.' },
    tokenAuthMethod: {
      ...oneOf('CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT', 'NONE'),
      because: 'OIDC Core §9.',
    },
    idTokenSignAlg: { ...exactly('RS256'), because: 'OIDC Core §15.1: every client can verify it.' },
    grantTypes: { ...atLeast('AUTHORIZATION_CODE', 'REFRESH_TOKEN'), because: 'OIDC Core §3.1 and §12.' },
    responseTypes: { ...atLeast('CODE'), because: 'OIDC Core §3.1.' },
    parRequired: { ...exactlyOrAbsent(false), because: 'The plan sends its requests through the browser.' },
    pkceRequired: { ...exactlyOrAbsent(false), because: 'The plan sends no PKCE.' },
    dpopRequired: { ...exactlyOrAbsent(false), because: 'The plan uses bearer tokens.' },
  },
}
