import type { Schema } from '../../../sdk/types.ts'
import { accessTokenKeyFor } from '../access-token-signing.ts'
import { OAuthError } from '../oauth-error.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { GrantedDetail } from '../storage/storage.ts'
import { TokenValueTaken } from '../storage/token-value-taken.ts'
import { fromContract, grantDetails, parseAuthorizationDetails } from '../protocol/authorization-details.ts'

/** Something in a question about tokens that cannot be done: what, and why. */
export class TokenFault extends Error {
  readonly resultCode: string

  constructor(resultCode: string, message: string) {
    super(message)
    this.name = 'TokenFault'
    this.resultCode = resultCode
  }
}

/** RFC 6749 §5.2: the client may not have tokens now. */
export class LockedClient extends TokenFault {
  constructor() {
    super('A909301', 'The client is locked')
    this.name = 'LockedClient'
  }
}

/** What is wrong with a question about tokens, as the contract says it. Whatever else went wrong is thrown again. */
export function faultResult(error: unknown): { resultCode: string; resultMessage: string } {
  if (error instanceof TokenValueTaken) return faultResult(new TokenFault('A909209', error.message))
  if (error instanceof TokenFault) {
    return { resultCode: error.resultCode, resultMessage: `[${error.resultCode}] ${error.message}.` }
  }
  // A refusal is a sentence of its own.
  if (error instanceof OAuthError) return { resultCode: error.resultCode, resultMessage: error.resultMessage }
  throw error
}

/** Refuses what would be believed and not done. */
export function checkNotAsked(question: object, members: readonly string[], resultCode: string): void {
  const asked = Object.entries(question).find(([member, value]) => members.includes(member) && Boolean(value))
  if (asked) throw new TokenFault(resultCode, `${asked[0]}: this engine does not do what it asks for; leave it out`)
}

/** RFC 9068 §2.2: whether there may be an access token without an end. A JWT needs one, and some services want one no later than that of the refresh token. */
export function checkMayPersist(client: RegisteredClient, service: RegisteredService, isRefreshable: boolean): void {
  const reason = accessTokenKeyFor(client, service)
    ? 'the access tokens of the client are JWTs, which must expire'
    : service.settings.tokenExpirationLinked && isRefreshable
      ? 'access tokens of the service end with their refresh tokens (tokenExpirationLinked)'
      : undefined
  if (reason === undefined) return
  throw new TokenFault('A909212', `accessTokenPersistent: ${reason}; give the token an end`)
}

/** RFC 9396 §2: authorization details that the front-end gives to a token by itself. They keep to the rules of their types. */
export function givenDetails(
  details: Schema<'AuthorizationDetails'> | undefined,
  service: RegisteredService,
  client: RegisteredClient,
): GrantedDetail[] | undefined {
  const elements = fromContract(details)
  if (!elements) return undefined
  const checked = parseAuthorizationDetails(JSON.stringify(elements), service, client) ?? []
  return grantDetails(checked, undefined, service)
}
