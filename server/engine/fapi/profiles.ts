import type { Client } from '../../../sdk/types.ts'
import { OAuthError } from '../oauth-error.ts'
import type { OAuthErrorCode, Section } from '../oauth-error.ts'
import type { FapiMode } from './modes.ts'

/** A way to authenticate a client. */
export type ClientAuthMethod = NonNullable<Client['tokenAuthMethod']>

/** What a profile may demand. One that allows some values only names them, as the requests or the settings spell them. */
export interface Rules {
  /** Clients can keep a secret. */
  confidentialClient: Rule
  clientAuthentication: Rule & { allowed: readonly ClientAuthMethod[] }
  /** `aud` of client assertions is the issuer, as one string. */
  assertionAudience: Rule
  /** Signatures, of clients and of the service. */
  algorithm: Rule & { allowed: readonly string[] }
  /** Grants that are never served, as `grant_type` names them. */
  grantType: Rule & { refused: readonly string[] }
  /** Access tokens are bound to a key or a certificate of the client. */
  senderConstraint: Rule
  /** The refresh token stays what it is, or the one before it still works. */
  noRotation: Rule
  /** Requests come through the PAR endpoint. */
  pushedRequest: Rule
  /** Seconds that a pushed request may live. */
  pushedRequestLifetime: Rule & { most: number }
  /** Seconds that an authorization code may live. */
  codeLifetime: Rule & { most: number }
  /** PKCE with S256 */
  codeChallenge: Rule
  /** PKCE with S256, in requests that are pushed. */
  pushedCodeChallenge: Rule
  /** `redirect_uri` is sent. */
  redirectUri: Rule
  /** Redirect URIs are https; where it is allowed, also those of native clients that stay on the device. */
  encryptedRedirect: Rule & { allowsOnDevice: boolean }
  /** `iss` is in every authorization response. */
  issuer: Rule
  /** `response_type`; `withJwtMode` are those that need a response mode of JARM. */
  responseType: Rule & { allowed: readonly string[]; withJwtMode: readonly string[] }
  /** The authorization response is a JWT. */
  jwtResponseMode: Rule
  /** `nonce`, where `openid` is requested. */
  nonce: Rule
  /** `state`, where `openid` is not requested. */
  state: Rule
  signedRequestObject: Rule
  /** `aud` of request objects names the issuer. */
  requestObjectAudience: Rule
  /** Seconds: `exp` after `nbf`. */
  requestObjectLifetime: Rule & { most: number }
  /** Seconds: `nbf` before now. */
  requestObjectAge: Rule & { most: number }
  signedIntrospection: Rule
}

interface Rule {
  /** Where the specification says so. */
  clause: string
}

/** The specifications by their names, and what `error_uri` calls them. */
const specifications = {
  'FAPI 1.0 Baseline': 'fapi1-baseline',
  'FAPI 1.0 Advanced': 'fapi1-advanced',
  'FAPI 2.0 Security Profile': 'fapi2-security-profile',
  'FAPI 2.0 Message Signing': 'fapi2-message-signing',
} as const satisfies Record<string, Section>

type Specification = keyof typeof specifications

/** What a profile takes from a specification. */
interface Chapter {
  specification: Specification
  rules: Partial<Rules>
}

const mutualTls = ['TLS_CLIENT_AUTH', 'SELF_SIGNED_TLS_CLIENT_AUTH'] as const

/** Seconds. */
const hour = 3_600

/** FAPI 1.0 Part 1, for reading; as far as Part 2 keeps it. */
const commonBaseline: Partial<Rules> = {
  redirectUri: { clause: '5.2.2-9' },
  encryptedRedirect: { clause: '5.2.2-20', allowsOnDevice: false },
  nonce: { clause: '5.2.2.2-1' },
  state: { clause: '5.2.2.3-1' },
}

const baseline: Chapter = {
  specification: 'FAPI 1.0 Baseline',
  rules: {
    ...commonBaseline,
    // 5.2.2-2: public clients are served as well.
    clientAuthentication: {
      clause: '5.2.2-4',
      allowed: ['NONE', ...mutualTls, 'CLIENT_SECRET_JWT', 'PRIVATE_KEY_JWT'],
    },
    codeChallenge: { clause: '5.2.2-7' },
  },
}

/** FAPI 1.0 Part 2, for reading and writing. */
const advanced: Chapter = {
  specification: 'FAPI 1.0 Advanced',
  rules: {
    signedRequestObject: { clause: '5.2.2-1' },
    responseType: { clause: '5.2.2-2', allowed: ['code id_token'], withJwtMode: ['code'] },
    senderConstraint: { clause: '5.2.2-5' },
    requestObjectLifetime: { clause: '5.2.2-13', most: hour },
    clientAuthentication: { clause: '5.2.2-14', allowed: [...mutualTls, 'PRIVATE_KEY_JWT'] },
    requestObjectAudience: { clause: '5.2.2-15' },
    confidentialClient: { clause: '5.2.2-16' },
    requestObjectAge: { clause: '5.2.2-17', most: hour },
    pushedCodeChallenge: { clause: '5.2.2-18' },
    algorithm: { clause: '8.6', allowed: ['PS256', 'ES256'] },
  },
}

const securityProfile: Chapter = {
  specification: 'FAPI 2.0 Security Profile',
  rules: {
    grantType: { clause: '5.3.2.1-2', refused: ['password'] },
    confidentialClient: { clause: '5.3.2.1-3' },
    senderConstraint: { clause: '5.3.2.1-4' },
    clientAuthentication: { clause: '5.3.2.1-6', allowed: [...mutualTls, 'PRIVATE_KEY_JWT'] },
    assertionAudience: { clause: '5.3.2.1-8' },
    noRotation: { clause: '5.3.2.1-9' },
    codeLifetime: { clause: '5.3.2.1-11', most: 60 },
    responseType: { clause: '5.3.2.2-1', allowed: ['code'], withJwtMode: [] },
    pushedRequest: { clause: '5.3.2.2-3' },
    codeChallenge: { clause: '5.3.2.2-5' },
    redirectUri: { clause: '5.3.2.2-6' },
    issuer: { clause: '5.3.2.2-7' },
    encryptedRedirect: { clause: '5.3.2.2-8', allowsOnDevice: true },
    pushedRequestLifetime: { clause: '5.3.2.2-12', most: 599 },
    algorithm: { clause: '5.4.1-1', allowed: ['PS256', 'ES256', 'EdDSA', 'Ed25519'] },
  },
}

function messageSigning(rules: Partial<Rules>): Chapter {
  return { specification: 'FAPI 2.0 Message Signing', rules }
}

/** FAPI 1.0 and 2.0 as data. The checks beside this file read it; nothing else knows what a profile demands. */
const profiles: Readonly<Record<FapiMode, readonly Chapter[]>> = {
  FAPI1_BASELINE: [baseline],
  FAPI1_ADVANCED: [{ ...baseline, rules: commonBaseline }, advanced],
  FAPI2_SECURITY: [securityProfile],
  FAPI2_MESSAGE_SIGNING_AUTH_REQ: [
    securityProfile,
    messageSigning({
      signedRequestObject: { clause: '5.3.1-1' },
      requestObjectAudience: { clause: '5.3.1-2' },
      requestObjectAge: { clause: '5.3.1-3', most: hour },
      requestObjectLifetime: { clause: '5.3.1-4', most: hour },
    }),
  ],
  FAPI2_MESSAGE_SIGNING_AUTH_RES: [securityProfile, messageSigning({ jwtResponseMode: { clause: '5.4.1-1' } })],
  FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES: [
    securityProfile,
    messageSigning({ signedIntrospection: { clause: '5.5.1-1' } }),
  ],
}

/** What the profiles demand of one thing, each with the specification that says so. Nothing, where no profile has that rule. */
export function demandsOf<Name extends keyof Rules>(
  modes: ReadonlySet<FapiMode>,
  name: Name,
): (Rules[Name] & { specification: Specification })[] {
  return [...modes].flatMap((mode) =>
    profiles[mode].flatMap(({ specification, rules }) => {
      const rule: Rules[Name] | undefined = rules[name]
      return rule ? [{ ...rule, specification }] : []
    }),
  )
}

/** Whether any of the profiles has the rule. */
export function isDemanded(modes: ReadonlySet<FapiMode>, name: keyof Rules): boolean {
  return demandsOf(modes, name).length > 0
}

/** A demand, and who makes it: `FAPI 2.0 Security Profile 5.3.2.2-3`. */
export function nameOf({ specification, clause }: Demand): string {
  return `${specification} ${clause}`
}

interface Demand extends Rule {
  specification: Specification
}

/** RFC 6749 §4.1.2.1 and §5.2: the refusal of what a profile forbids. It names the rule, and says what is expected. */
export function refusal(demand: Demand, error: OAuthErrorCode, resultCode: string, expectation: string): OAuthError {
  // The last number of a clause is that of a list item, which has no address.
  const section = demand.clause.replace(/-\d+$/, '')
  const address: Section = `${specifications[demand.specification]}#section-${section}`
  return new OAuthError(error, resultCode, `${nameOf(demand)}: ${expectation}`, address)
}
