import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { isUnreachable } from './authorization-server.ts'
import { parseRequestError } from './request-error.ts'

/** Something that Daybook itself refuses to do. Title and text are for the person in front of it. */
export class DaybookRefusal extends Error {
  readonly status: number
  readonly title: string

  constructor(status: number, title: string, text: string) {
    super(text)
    this.status = status
    this.title = title
  }
}

/** An error as a person can read it. */
export interface Problem {
  /** HTTP status of the page. */
  status: number
  title: string
  text: string
  /** What the protocol said, word by word. */
  facts: readonly (readonly [name: string, value: string])[]
  /** Whether pressing the same button again makes sense. */
  canTryAgain: boolean
  /** Whether nobody foresaw it, so that it belongs in the log. */
  isBug: boolean
}

/** Explains an error of a sign-in, of a form or of the demo itself. */
export function describeProblem(error: unknown, issuer: string): Problem {
  if (error instanceof DaybookRefusal) {
    return { status: error.status, title: error.title, text: error.message, facts: [], canTryAgain: true, isBug: false }
  }
  if (isUnreachable(error)) {
    return {
      status: 503,
      title: 'Gatehouse cannot be reached',
      text: `Daybook asked ${issuer} and got no answer. Is the server running? It may also be starting up: try again in a moment.`,
      facts: [],
      canTryAgain: true,
      isBug: false,
    }
  }
  // RFC 6749 §4.1.2.1: the server sent the browser back with an error. `state` and `iss` have been checked.
  if (error instanceof AuthorizationResponseError) {
    return {
      status: error.error === 'access_denied' ? 403 : 400,
      ...explain(error.error),
      facts: [['error', error.error], ...describedBy(error), ['iss', error.cause.get('iss') ?? 'not sent']],
      canTryAgain: true,
      isBug: false,
    }
  }
  // RFC 6749 §5.2: an endpoint of the server refused what Daybook asked directly.
  if (error instanceof ResponseBodyError) {
    return {
      status: 502,
      ...explain(error.error),
      facts: [['error', error.error], ...describedBy(error), ['HTTP status', String(error.status)]],
      canTryAgain: true,
      isBug: false,
    }
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    const { scheme, parameters } = error.cause[0] ?? { scheme: 'unknown', parameters: {} }
    return {
      status: 502,
      ...explain(parameters.error ?? 'invalid_client'),
      facts: [
        ['challenge', scheme],
        ...Object.entries(parameters).map(([name, value]) => [name, String(value)] as const),
      ],
      canTryAgain: true,
      isBug: false,
    }
  }
  if (error instanceof ClientError && error.cause instanceof Response) {
    return {
      status: 502,
      title: 'Gatehouse gave an unexpected answer',
      text: 'Daybook asked it something and could not use what came back. Its log may say more.',
      facts: [
        ['asked', error.cause.url],
        ['HTTP status', String(error.cause.status)],
      ],
      canTryAgain: true,
      isBug: false,
    }
  }
  if (error instanceof ClientError) {
    const cause = error.cause instanceof Error ? error.cause.message : undefined
    return {
      status: 502,
      title: 'The answer did not pass Daybook’s checks',
      text: 'Daybook does not use an answer that fails a check: it could come from somebody else. Nobody was signed in.',
      facts: [['check', cause ?? error.message], ...(error.code === undefined ? [] : [['code', error.code] as const])],
      canTryAgain: true,
      isBug: false,
    }
  }
  const requestError = parseRequestError(error)
  if (requestError !== undefined) {
    return {
      status: requestError.status,
      title: 'Daybook could not read this request',
      text: 'It is larger than anything that Daybook’s own pages send, or malformed.',
      facts: [['reason', requestError.message]],
      canTryAgain: false,
      isBug: false,
    }
  }
  return {
    status: 500,
    title: 'Something went wrong in Daybook',
    text: 'This is Daybook’s mistake and not yours. The details are in the log of the process that runs it.',
    facts: [],
    canTryAgain: false,
    isBug: true,
  }
}

/** One sentence about a refusal of the server, for the result page. Absent when the error is no refusal. */
export function describeRefusal(error: unknown): string | undefined {
  const refusal =
    error instanceof ResponseBodyError
      ? error
      : error instanceof WWWAuthenticateChallengeError
        ? error.cause[0]?.parameters
        : undefined
  if (refusal?.error === undefined) return undefined
  const reason = refusal.error_description === undefined ? '' : `: ${refusal.error_description.replace(/\.$/, '')}`
  return `The server refused with ${refusal.error}${reason}.`
}

function describedBy(error: AuthorizationResponseError | ResponseBodyError): (readonly [string, string])[] {
  return error.error_description === undefined ? [] : [['error_description', error.error_description]]
}

function explain(code: string): { title: string; text: string } {
  const explanation = explanations.get(code)
  if (explanation === undefined) {
    return {
      title: 'The sign-in did not succeed',
      text: 'Gatehouse refused it for a reason that Daybook does not know.',
    }
  }
  const [title, text] = explanation
  return { title, text }
}

/** The error codes of RFC 6749 §4.1.2.1 and §5.2, RFC 8707 §2, RFC 9126 §2.3, RFC 9396 §5, OIDC Core §3.1.2.6 and grant management. */
const explanations = new Map<string, readonly [title: string, text: string]>([
  [
    'access_denied',
    [
      'You chose not to share',
      'That is fine: Daybook got nothing, and nobody was signed in. You can allow less than Daybook asked for, too.',
    ],
  ],
  [
    'login_required',
    [
      'You are not signed in at Gatehouse',
      'Daybook asked for a sign-in without any page (prompt=none). That takes a session at Gatehouse, and there is none.',
    ],
  ],
  [
    'consent_required',
    [
      'Gatehouse has to ask you first',
      'Daybook asked for a sign-in without any page (prompt=none), but you have not yet allowed everything it asks for.',
    ],
  ],
  [
    'interaction_required',
    [
      'Gatehouse has to show you a page',
      'Daybook asked for a sign-in without any page (prompt=none). That is not possible this time.',
    ],
  ],
  [
    'account_selection_required',
    [
      'Gatehouse has to know which account',
      'Daybook asked for a sign-in without any page (prompt=none), but there is more than one account to choose from.',
    ],
  ],
  [
    'invalid_scope',
    ['Gatehouse does not know a permission', 'One of the scopes does not exist there, or Daybook may not ask for it.'],
  ],
  [
    'invalid_target',
    ['Gatehouse does not know a resource', 'A resource is malformed, or the tokens may not be limited to it.'],
  ],
  [
    'invalid_authorization_details',
    [
      'Gatehouse cannot offer this',
      'An authorization detail is malformed or of a type that Daybook may not ask for. The description below says which.',
    ],
  ],
  [
    'invalid_grant_id',
    [
      'The grant is gone',
      'Daybook wanted to add to a grant or to replace it, but Gatehouse has no such grant of Daybook. Create a new one.',
    ],
  ],
  [
    'invalid_request',
    [
      'Gatehouse did not understand the request',
      'A parameter is missing, repeated or malformed. The description below says which.',
    ],
  ],
  [
    'invalid_request_uri',
    ['The pushed request is gone', 'A request that was pushed (PAR) lives shortly and works once. Start again.'],
  ],
  [
    'unauthorized_client',
    [
      'Daybook may not sign in this way',
      'The registration of this client at Gatehouse does not allow this kind of request.',
    ],
  ],
  [
    'unsupported_response_type',
    ['Gatehouse does not answer this way', 'It does not offer the authorization code flow for this client.'],
  ],
  [
    'invalid_client',
    [
      'Gatehouse does not know Daybook',
      'The client id or the client secret that Daybook runs with is not the registered one.',
    ],
  ],
  [
    'invalid_grant',
    [
      'The code was not accepted',
      'An authorization code lives shortly, works once and belongs to one sign-in. Start again.',
    ],
  ],
  ['invalid_token', ['The token was not accepted', 'It is unknown, expired or revoked. Sign in again for a new one.']],
  ['server_error', ['Gatehouse made a mistake', 'Something failed there. Its log says more.']],
  ['temporarily_unavailable', ['Gatehouse is busy', 'It cannot answer at the moment. Try again shortly.']],
])
