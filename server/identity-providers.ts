import * as oidc from 'openid-client'
import { z } from 'zod'
import { makeHandle } from './handle.ts'
import { isLoopback } from './redirect-destination.ts'

/** Another OpenID provider where people may sign in, as LOGIN_PROVIDERS names it. Only an operator adds one. */
export interface LoginProvider {
  /** Part of an address. */
  id: string
  /** On the button. */
  name: string
  issuer: string
  clientId: string
  clientSecret: string
}

/** A sign-in that is under way at a provider. It counts in the browser that began it. */
export interface PendingSignIn {
  provider: string
  /** A handle: it is what is kept here is found by. */
  state: string
  nonce: string
  codeVerifier: string
  /** OIDC Core §3.1.2.1: seconds since 1970; the person must have authenticated there after it. */
  authenticatedAfter: number
  /** The request said how fresh the sign-in must be, so the provider has to tell. */
  mustTell: boolean
  /** For whom: a request of a client, or a page of ours. */
  interactionId?: string | undefined
  returnTo?: string | undefined
}

/** Who a provider says that it is. OIDC Core §5.7: issuer and subject together name a person; no other claim does. */
export interface Identity {
  provider: string
  issuer: string
  sub: string
  /** Seconds since 1970. */
  authTime: number
  claims: Readonly<Record<string, unknown>>
}

/** OIDC Core §2: somebody else checked who it is. */
export const providerAcr = 'urn:gatehouse:acr:provider'

/** What a sign-in must satisfy. */
export interface Freshness {
  /** `prompt=login`, or the last sign-in was too long ago. */
  mustAuthenticate: boolean
  /** Seconds; 0 for none. */
  maxAge: number
}

/** A session ends after twelve hours: an older sign-in would be over at once. */
const longestAge = 11 * 60 * 60

const clockSkew = 30
const timeoutSeconds = 5

export interface IdentityProviders {
  /** Where to send the browser, and what to keep until it comes back; undefined for a provider that nobody configured. */
  begin: (
    id: string,
    freshness: Freshness,
    next: Pick<PendingSignIn, 'interactionId' | 'returnTo'>,
  ) => Promise<{ address: string; pending: PendingSignIn } | undefined>
  /** Checks an answer, OIDC Core §3.1.2.7 and §3.1.3.7. Throws when it proves nothing. */
  finish: (pending: PendingSignIn, answer: URL) => Promise<Identity>
}

/** OIDC Core §3.1: signing in with other OpenID providers, by the authorization code flow with PKCE, state and nonce. */
export function createIdentityProviders(
  providers: readonly LoginProvider[],
  issuer: string,
  now: () => Date,
): IdentityProviders {
  const found = new Map<string, Promise<oidc.Configuration>>()

  function discover(provider: LoginProvider): Promise<oidc.Configuration> {
    const known = found.get(provider.id)
    if (known !== undefined) return known
    const url = new URL(provider.issuer)
    const execute = [oidc.enableNonRepudiationChecks, ...(isLoopback(url) ? [oidc.allowInsecureRequests] : [])]
    const authentication = oidc.ClientSecretBasic(provider.clientSecret)
    const asked = oidc.discovery(url, provider.clientId, {}, authentication, { timeout: timeoutSeconds, execute })
    found.set(provider.id, asked)
    asked.catch(() => found.delete(provider.id))
    return asked
  }

  return {
    async begin(id, { mustAuthenticate, maxAge }, next) {
      const provider = providers.find((candidate) => candidate.id === id)
      if (provider === undefined) return undefined
      const server = await discover(provider)
      const startedAt = Math.floor(now().getTime() / 1000)
      const age = mustAuthenticate ? 0 : maxAge > 0 ? Math.min(maxAge, longestAge) : longestAge
      const secrets = {
        state: makeHandle(now(), 32),
        nonce: oidc.randomNonce(),
        codeVerifier: oidc.randomPKCECodeVerifier(),
      }
      const address = oidc.buildAuthorizationUrl(server, {
        // RFC 9700 §4.4.2: each provider has its own, so what another one sends with this state is not taken for its answer.
        redirect_uri: `${issuer}/login/callback/${id}`,
        scope: 'openid profile email',
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(secrets.codeVerifier),
        code_challenge_method: 'S256',
        // A provider that is asked for an age has to say when the person authenticated.
        max_age: String(age),
        ...(mustAuthenticate && { prompt: 'login' }),
      })
      const authenticatedAfter = startedAt - age - clockSkew
      const mustTell = mustAuthenticate || maxAge > 0
      return { address: address.href, pending: { provider: id, ...secrets, authenticatedAfter, mustTell, ...next } }
    },

    async finish({ provider: id, state, nonce, codeVerifier, authenticatedAfter, mustTell }, answer) {
      const provider = providers.find((candidate) => candidate.id === id)
      if (provider === undefined) throw new Error('the provider is not configured any more')
      const server = await discover(provider)
      const checks = {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      }
      const tokens = await oidc.authorizationCodeGrant(server, answer, checks)
      const idToken = tokens.claims()
      if (idToken === undefined) throw new Error('there is no ID token')
      // OIDC Core §2.
      if (!/^[\x20-\x7E]{1,255}$/.test(idToken.sub)) throw new Error('its sub is not up to 255 ASCII characters')
      const { auth_time: authTime } = idToken
      if (authTime === undefined && mustTell) throw new Error('the provider does not say when the person authenticated')
      if (authTime !== undefined && authTime < authenticatedAfter)
        throw new Error('the person authenticated too long ago')
      const told = server.serverMetadata().userinfo_endpoint
        ? await oidc.fetchUserInfo(server, tokens.access_token, idToken.sub)
        : {}
      return {
        provider: id,
        issuer: idToken.iss,
        sub: idToken.sub,
        authTime: Math.min(authTime ?? Infinity, Math.floor(now().getTime() / 1000)),
        claims: takenClaims.parse({ ...idToken, ...told }),
      }
    },
  }
}

const text = z.string().max(500).optional().catch(undefined)

/**
 * OIDC Core §5.1: the claims that are taken over, where they are texts. `email_verified` is not among them: nobody here verified
 * anything, and our clients would read it as our word.
 */
const takenClaims = z
  .object({
    name: text,
    given_name: text,
    family_name: text,
    middle_name: text,
    nickname: text,
    preferred_username: text,
    profile: text,
    picture: text,
    website: text,
    email: text,
    gender: text,
    birthdate: text,
    zoneinfo: text,
    locale: text,
  })
  .transform((claims) => Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)))
