import type { AuthenticatedClient } from '../client-authentication/authenticate.ts'
import type { ServiceContext } from '../context.ts'
import type { Parameters } from '../protocol/parameters.ts'
import type { MadeTokens, TokensToIssue } from './make-tokens.ts'

/** What a grant brought forth: the tokens, and what the answer says about them. */
export interface Granted {
  plan: TokensToIssue
  tokens: MadeTokens
  /** Of the success, RFC 6749 §5.1. */
  resultCode: string
}

/** The client, and the thumbprints of the key that it proved to hold, RFC 9449 §5, and of the certificate that it presented, RFC 8705 §3. */
export interface TokenClient extends AuthenticatedClient {
  jkt?: string
  certificateThumbprint?: string
}

/** RFC 6749 §4: turns a token request of an authenticated client into tokens, or throws the refusal. */
export type Grant = (parameters: Parameters, client: TokenClient, context: ServiceContext) => Promise<Granted>
