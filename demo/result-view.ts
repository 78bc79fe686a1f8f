import { z } from 'zod'
import { apiCallNames, apiCalls, type ApiAnswer, type ApiCallName } from './api-calls.ts'
import { explainClaims, readableDistance, type ExplainedClaim } from './claims.ts'
import { signInFields, type FormFields } from './forms.ts'
import { maskToken } from './mask-token.ts'
import { compareScopes, scopeTitle } from './scopes.ts'
import { requestedScopes, type Notice, type SignIn } from './sign-in.ts'
import { compareClaims, type WantedClaim } from './wanted-claims.ts'
import { compareDetails, usualPayment, wantedDetails, type DetailComparison } from './wanted-details.ts'

export interface ResultView {
  name: string
  notice: Notice | undefined
  scopes: ScopeRow[]
  claims: { claim: WantedClaim; released: boolean }[]
  details: DetailComparison[]
  grantedCount: number
  requestedCount: number
  /** What "ask again" sends. Absent when nothing was declined. */
  askAgain: FormFields | undefined
  calls: CallView[]
  answer: AnswerView | undefined
  tokens: TokenView
  grant: { id: string; mayQuery: boolean; mayRevoke: boolean; content: string | undefined } | undefined
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

interface CallView {
  name: ApiCallName
  title: string
  needs: string
  allowed: boolean
  /** What the fields of the form begin with. */
  fields: { to: string; amount: string; payment: string }
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
  /** The token response as JSON. */
  response: string
}

/** Everything that the result page shows, ready to be printed. */
export function resultView(signIn: SignIn, apiUrl: string | undefined, now: Date): ResultView {
  const { request, grantedScopes, idToken, userInfo, userInfoProblem, notice, lastAnswer } = signIn
  const asked = requestedScopes(request)
  const { granted, declined, added } = compareScopes(asked, grantedScopes)
  const claims = compareClaims(request.claims, { id_token: idToken?.claims, userinfo: userInfo })
  const details = compareDetails(wantedDetails(request.details, request.payment), signIn.grantedDetails)
  const isComplete =
    declined.length === 0 &&
    claims.every(({ released }) => released) &&
    details.every(({ outcome }) => outcome === 'granted' || outcome === 'added')
  return {
    name: displayName(signIn) ?? 'friend',
    notice,
    scopes: [
      ...asked.map((name) => scopeRow(name, true, granted.includes(name))),
      ...added.map((name) => scopeRow(name, false, true)),
    ],
    claims,
    details,
    grantedCount:
      granted.length +
      claims.filter(({ released }) => released).length +
      details.filter(({ outcome }) => outcome === 'granted' || outcome === 'narrowed').length,
    requestedCount: asked.length + claims.length + request.details.length,
    askAgain: isComplete ? undefined : signInFields(againOf(signIn)),
    calls: apiUrl === undefined ? [] : callsFor(signIn),
    answer: lastAnswer && { ...lastAnswer, ...summarize(lastAnswer) },
    tokens: tokenView(signIn, now),
    grant: grantView(signIn),
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

/** The same request, with the question asked. A grant that it made is replaced, so that it does not stay behind without a use. */
function againOf({ request, grantId }: SignIn): SignIn['request'] {
  const grantAction = request.grantAction === 'create' && grantId !== undefined ? 'replace' : request.grantAction
  return { ...request, prompt: 'consent', grantAction }
}

/** The friendliest name that the person shared. */
export function displayName({ userInfo, idToken }: SignIn): string | undefined {
  const claims = { ...idToken?.claims, ...userInfo }
  const names = [claims.given_name, claims.name, claims.preferred_username, claims.email, claims.sub]
  return names.find((name) => typeof name === 'string' && name !== '')?.toString()
}

function scopeRow(name: string, requested: boolean, granted: boolean): ScopeRow {
  return { name, title: scopeTitle(name), requested, granted }
}

function callsFor({ request, grantedScopes, grantedDetails, lastAnswer }: SignIn): CallView[] {
  const has = (scope: string) => grantedScopes.includes(scope)
  const detailOf = (wanted: string) => grantedDetails.find(({ type }) => type === wanted)
  const allowed: Record<ApiCallName, boolean> = {
    'read-notes': has('notes:read'),
    'add-note': has('notes:write'),
    'read-calendar': has('calendar:read'),
    'send-payment': has('payments:send') || detailOf('payment_initiation') !== undefined,
    'see-payment': has(`payment:${request.paymentId}`),
    'read-accounts': detailOf('account_information') !== undefined,
    'see-token': true,
  }
  const limit = paymentLimit.safeParse(detailOf('payment_initiation')).data
  const accepted = lastAnswer?.data !== undefined && 'id' in lastAnswer.data ? lastAnswer.data.id : ''
  const fields = {
    to: limit?.creditorName ?? usualPayment.creditor,
    amount: limit?.instructedAmount.amount ?? usualPayment.amount,
    payment: accepted || request.paymentId,
  }
  return apiCallNames.map((name) => {
    const { title, needs } = apiCalls[name]
    return { name, title, needs, allowed: allowed[name], fields }
  })
}

/** As much of a granted payment as the form can be filled in with. */
const paymentLimit = z.object({ creditorName: z.string(), instructedAmount: z.object({ amount: z.string() }) })

function summarize({ status }: ApiAnswer): { outcome: 'good' | 'bad'; summary: string } {
  if (status < 300) return { outcome: 'good', summary: 'The API did it.' }
  if (status === 401)
    return {
      outcome: 'bad',
      summary: 'The API does not accept the access token: it is unknown, expired, revoked or for another API.',
    }
  if (status === 403)
    return { outcome: 'bad', summary: 'You did not allow this, so the API refuses. Nothing was done.' }
  if (status === 404) return { outcome: 'bad', summary: 'The API may be asked, but it knows no such thing.' }
  if (status === 503) return { outcome: 'bad', summary: 'The API could not ask the server about the token.' }
  return { outcome: 'bad', summary: 'The API did not accept the request.' }
}

function grantView({ grantId, grantContent, grantedScopes, revoked }: SignIn): ResultView['grant'] {
  if (grantId === undefined) return undefined
  return {
    id: grantId,
    mayQuery: !revoked && grantedScopes.includes('grant_management_query'),
    mayRevoke: !revoked && grantedScopes.includes('grant_management_revoke'),
    content: grantContent,
  }
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

function tokenView({ tokens, tokenResponse, refreshes, revoked }: SignIn, now: Date): TokenView {
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
    response: JSON.stringify(tokenResponse, undefined, 2),
  }
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
