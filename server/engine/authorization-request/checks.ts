import type { Schema } from '../../../sdk/types.ts'
import { parseAuthorizationDetails } from '../protocol/authorization-details.ts'
import { supportedClaims } from '../protocol/claim-names.ts'
import { parseClaimsParameter } from '../protocol/claims-parameter.ts'
import { checkFapiMerge, checkFapiRequest, fapiModesOfRequest } from '../fapi/authorization-request.ts'
import { together } from '../protocol/grant-content.ts'
import { checkNothingRepeated, parseWords } from '../protocol/parameters.ts'
import { parseResources } from '../protocol/resource.ts'
import type { AuthorizationRequest, ManagedGrant } from '../storage/storage.ts'
import { checkAcr } from './acr.ts'
import { checkCodeChallenge } from './code-challenge.ts'
import { checkDpopJkt } from './dpop-jkt.ts'
import { checkGrantManagement } from './grant-management.ts'
import { checkSubject } from './id-token-hint.ts'
import { checkMaxAge } from './max-age.ts'
import { checkPrompt } from './prompt.ts'
import { checkRequestObject } from './request-object.ts'
import { checkResponseMode } from './response-mode.ts'
import { checkResponseType } from './response-type.ts'
import { checkScope } from './scope.ts'
import type { SentRequest } from './sent-request.ts'

/** A request that is good. */
export interface CheckedRequest {
  request: AuthorizationRequest
  /** The grant that it wants to change, as it is now. */
  managedGrant?: ManagedGrant
}

/**
 * RFC 6749 §4.1.1 and OIDC Core §3.1.2.2: everything that is checked once it is known where an answer may go. The client and
 * the redirect URI were checked before (client.ts, redirect-uri.ts): until those two pass, an error is shown to the
 * person and not sent anywhere, RFC 6749 §4.1.2.1. The first rule that is broken is the one reported.
 */
export async function checkAuthorizationRequest(
  sent: SentRequest,
  redirect: { redirectUri: string; redirectUriSent: boolean },
): Promise<CheckedRequest> {
  checkNothingRepeated(sent.parameters)
  checkRequestObject(sent)
  checkFapiRequest(sent)
  const responseType = checkResponseType(sent)
  const responseMode = checkResponseMode(sent)
  const { maxAge, prompts } = checkMaxAge(sent, checkPrompt(sent))
  const scopes = checkScope(sent, prompts)
  const codeChallenge = checkCodeChallenge(sent)
  const dpopJkt = checkDpopJkt(sent)
  // OIDC Core §5.5: a parameter of OpenID Connect. Without `openid` the request is none of it, and RFC 6749 §3.1 has us ignore the rest.
  const claimsParameter = scopes.includes('openid') ? sent.parameters.get('claims') : undefined
  const claims = supportedClaims(parseClaimsParameter(claimsParameter), sent.service)
  const { acrs, acrEssential } = checkAcr(sent, claims)
  const subject = await checkSubject(sent, claims)
  const resources = parseResources(sent.parameters, sent.service)
  const details = sent.parameters.get('authorization_details')
  const authorizationDetails = parseAuthorizationDetails(details, sent.service, sent.client)
  const { grantManagement, managedGrant } = (await checkGrantManagement(sent)) ?? {}
  if (grantManagement?.action === 'merge' && managedGrant)
    checkFapiMerge(sent, together(managedGrant.permissions).scopes)
  const fapiModes = fapiModesOfRequest(sent)
  const state = sent.parameters.get('state')
  const nonce = sent.parameters.get('nonce')
  const loginHint = sent.parameters.get('login_hint')
  const request: AuthorizationRequest = {
    clientId: sent.client.clientId,
    clientIdAliasUsed: sent.clientIdAliasUsed,
    responseType,
    responseMode,
    ...redirect,
    scopes,
    // The client compares these two byte by byte.
    ...(state !== undefined && { state }),
    ...(nonce !== undefined && { nonce }),
    ...codeChallenge,
    ...dpopJkt,
    prompts,
    ...(maxAge !== undefined && { maxAge }),
    acrs,
    acrEssential,
    ...(subject !== undefined && { subject }),
    ...(loginHint !== undefined && { loginHint }),
    display: displays.get(sent.parameters.get('display') ?? '') ?? 'PAGE',
    uiLocales: languageTags(sent.parameters.get('ui_locales')),
    claimsLocales: languageTags(sent.parameters.get('claims_locales')),
    claims,
    resources,
    ...(authorizationDetails && { authorizationDetails }),
    ...(grantManagement && { grantManagement }),
    ...(fapiModes.size > 0 && { fapiModes: [...fapiModes] }),
    ...(sent.pushedRequest && { pushedRequest: sent.pushedRequest }),
  }
  return { request, ...(managedGrant && { managedGrant }) }
}

/** OIDC Core §3.1.2.1. Values it does not know are ignored. */
const displays: ReadonlyMap<string, Schema<'Display'>> = new Map([
  ['page', 'PAGE'],
  ['popup', 'POPUP'],
  ['touch', 'TOUCH'],
  ['wap', 'WAP'],
])

/** RFC 5646 §4.4: what is too long to be a language tag, and more wishes than anybody has, are ignored. */
function languageTags(value: string | undefined): string[] {
  return parseWords(value)
    .filter((tag) => /^[A-Za-z0-9-]{1,35}$/.test(tag))
    .slice(0, 10)
}
