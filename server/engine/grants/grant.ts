import type { Schema } from '../../../sdk/types.ts'
import type { AuthenticatedClient } from '../client-authentication/authenticate.ts'
import type { ServiceContext } from '../context.ts'
import type { Parameters } from '../protocol/parameters.ts'
import type { MadeTokens, TokensToIssue } from './make-tokens.ts'
import type { AskedDurations } from './token-lifetimes.ts'

/** What a grant brought forth: the tokens, and what the answer says about them. */
export interface Granted {
  plan: TokensToIssue
  tokens: MadeTokens
  /** Of the success, RFC 6749 §5.1. */
  resultCode: string
  /** RFC 9700 §4.14.2: whether it had been brought forth before, by the same refresh token. */
  isRepeated?: boolean
}

/** The client, and the thumbprints of the key that it proved to hold, RFC 9449 §5, and of the certificate that it presented, RFC 8705 §3. */
export interface TokenClient extends AuthenticatedClient {
  jkt?: string
  certificateThumbprint?: string
  /** What the front-end adds to the request. */
  wishes: TokenWishes
}

/** What a front-end may say of the tokens of one request, besides what the client says. */
export interface TokenWishes {
  durations?: AskedDurations
  /** Properties that are added to those of the authorization. */
  properties?: Schema<'Property'>[]
  /** The value of the access token, where the engine is not to make one. */
  accessToken?: string
  /** RFC 9068 §2.2: claims of the access token, where that is a JWT. For client credentials only. */
  jwtAtClaims?: Record<string, unknown>
}

/** RFC 6749 §4: turns a token request of an authenticated client into tokens, or throws the refusal. */
export type Grant = (parameters: Parameters, client: TokenClient, context: ServiceContext) => Promise<Granted>
