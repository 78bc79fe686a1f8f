import { apiCalls, type ApiAnswer, type ApiCallName } from './api-calls.ts'
import { explainClaims, readableDistance, type ExplainedClaim } from './claims.ts'
import { compareScopes, findScope } from './scopes.ts'
import type { Notice, SignIn, SignInRequest } from './sign-in.ts'

export interface ResultView {
  name: string
  notice: Notice | undefined
  scopes: ScopeRow[]
  grantedCount: number
  requestedCount: number
  /** What "ask again" sends. Absent when nothing was declined. */
  askAgain: SignInRequest | undefined
  calls: { name: ApiCallName; title: string; scope: string; allowed: boolean }[]
  answer: AnswerView | undefined
  tokens: TokenView
  steps: { title: string; text: string; code: string | undefined }[]
  idToken: { header: ExplainedClaim[]; claims: ExplainedClaim[]; json: string } | undefined
  userInfo: { claims: ExplainedClaim[]; json: string } | undefined
  userInfoProblem: string | undefined
}

interface ScopeRow {
  name: string
  title: string
  requested: boolean
  granted: boolean
}

interface AnswerView extends ApiAnswer {
  outcome: 'good' | 'bad'
  summary: string
}

interface TokenView {
  type: string
  access: string
  refresh: string | undefined
  lifetime: string
  expiry: string
  refreshes: number
  revoked: boolean
}

/** Everything that the result page shows, ready to be printed. */
export function resultView(signIn: SignIn, apiUrl: string | undefined, now: Date): ResultView {
  const { request, grantedScopes, idToken, userInfo, userInfoProblem, notice, lastAnswer } = signIn
  const { granted, declined, added } = compareScopes(request.scopes, grantedScopes)
  return {
    name: displayName(signIn) ?? 'friend',
    notice,
    scopes: [
      ...request.scopes.map((name) => scopeRow(name, true, granted.includes(name))),
      ...added.map((name) => scopeRow(name, false, true)),
    ],
    grantedCount: granted.length,
    requestedCount: request.scopes.length,
    askAgain: declined.length === 0 ? undefined : { ...request, prompt: 'consent' },
    calls: apiUrl === undefined ? [] : callsFor(grantedScopes),
    answer: lastAnswer && { ...lastAnswer, ...summarize(lastAnswer) },
    tokens: tokenView(signIn, now),
    steps: stepsOf(signIn),
    idToken: idToken && {
      header: explainClaims(idToken.header, now),
      claims: explainClaims(idToken.claims, now),
      json: JSON.stringify({ header: idToken.header, claims: idToken.claims }, undefined, 2),
    },
    userInfo: userInfo && { claims: explainClaims(userInfo, now), json: JSON.stringify(userInfo, undefined, 2) },
    userInfoProblem,
  }
}

/** The friendliest name that the person shared. */
export function displayName({ userInfo, idToken }: SignIn): string | undefined {
  const claims = { ...idToken?.claims, ...userInfo }
  const names = [claims.given_name, claims.name, claims.preferred_username, claims.email, claims.sub]
  return names.find((name) => typeof name === 'string' && name !== '')?.toString()
}

function scopeRow(name: string, requested: boolean, granted: boolean): ScopeRow {
  return { name, title: findScope(name)?.title ?? name, requested, granted }
}

function callsFor(grantedScopes: readonly string[]): ResultView['calls'] {
  const names = ['read-notes', 'add-note', 'read-calendar', 'send-payment'] as const satisfies ApiCallName[]
  return names.map((name) => {
    const { title, scope } = apiCalls[name]
    return { name, title, scope, allowed: grantedScopes.includes(scope) }
  })
}

function summarize({ status, call }: ApiAnswer): { outcome: 'good' | 'bad'; summary: string } {
  if (status < 300) return { outcome: 'good', summary: 'The API did it.' }
  if (status === 401)
    return { outcome: 'bad', summary: 'The API does not accept the access token: it is unknown, expired or revoked.' }
  if (status === 403)
    return { outcome: 'bad', summary: `You did not allow ${call.scope}, so the API refuses. Nothing was done.` }
  if (status === 503) return { outcome: 'bad', summary: 'The API could not ask the server about the token.' }
  return { outcome: 'bad', summary: 'The API did not accept the request.' }
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

function tokenView({ tokens, refreshes, revoked }: SignIn, now: Date): TokenView {
  const { accessToken, refreshToken, tokenType, expiresInSeconds, issuedAt } = tokens
  const expiresAt = expiresInSeconds === undefined ? undefined : issuedAt + expiresInSeconds * 1000
  return {
    type: tokenType,
    access: maskToken(accessToken),
    refresh: refreshToken === undefined ? undefined : maskToken(refreshToken),
    lifetime: expiresInSeconds === undefined ? 'not said' : `${expiresInSeconds} seconds`,
    expiry:
      expiresAt === undefined
        ? 'not said'
        : `${readableDistance(expiresAt - now.getTime())}, at ${timeOfDay.format(expiresAt)}`,
    refreshes,
    revoked,
  }
}

/** Enough of a token to tell two apart, and never enough to use one. */
export function maskToken(token: string): string {
  return `${token.slice(0, Math.min(8, Math.floor(token.length / 4)))}…`
}

/** How the sign-in travelled, request by request. */
function stepsOf({ request, authorizationUrl, idToken, userInfo }: SignIn): ResultView['steps'] {
  const pushed = request.method === 'par'
  return [
    ...(pushed
      ? [
          {
            title: 'Daybook pushed the request to Gatehouse',
            text: 'From server to server, authenticated with the client secret (RFC 9126). Gatehouse kept it and gave back a reference.',
            code: undefined,
          },
        ]
      : []),
    {
      title: 'Your browser went to Gatehouse',
      text: pushed
        ? 'The address carried only the reference, so nobody in between could read or change the request.'
        : 'The address carried the whole request (RFC 6749 §4.1.1), with a state, a nonce and a PKCE challenge made for this sign-in.',
      code: authorizationUrl,
    },
    {
      title: 'You decided, and came back with a code',
      text: 'Daybook checked that state and iss are the expected ones (RFC 6749 §10.12, RFC 9207).',
      code: undefined,
    },
    {
      title: 'Daybook exchanged the code for tokens',
      text: `From server to server, with the client secret and the PKCE verifier (RFC 7636 §4.5).${
        idToken === undefined
          ? ''
          : ' It verified the signature of the ID token, its issuer, audience, lifetime and nonce.'
      }`,
      code: undefined,
    },
    ...(userInfo === undefined
      ? []
      : [
          {
            title: 'Daybook asked for your UserInfo',
            text: 'With the access token, and checked that it is about the same person (OIDC Core §5.3.2).',
            code: undefined,
          },
        ]),
  ]
}
