import type { Authorization, AuthorizationRequest, ClaimsRequest } from './storage.ts'
import { isRecord, storedJson } from './stored-json.ts'

/** What an authorization decided, as codes and tokens carry it. */
export const authorizationJson = storedJson(isAuthorization)

/** A validated request, as tickets keep it. Its pushed request is kept in columns: a statement looks at it. */
export const authorizationRequestJson = storedJson(isAuthorizationRequest)

type KeptAuthorizationRequest = Omit<AuthorizationRequest, 'pushedRequest'>

function isAuthorization(value: unknown): value is Authorization {
  return (
    isRecord(value) &&
    isTextList(value.scopes) &&
    isClaimsRequest(value.claims) &&
    typeof value.clientIdAliasUsed === 'boolean' &&
    typeof value.refreshable === 'boolean'
  )
}

function isAuthorizationRequest(value: unknown): value is KeptAuthorizationRequest {
  return (
    isRecord(value) &&
    typeof value.clientId === 'number' &&
    ['responseType', 'responseMode', 'redirectUri', 'display'].every((member) => typeof value[member] === 'string') &&
    ['scopes', 'prompts', 'acrs', 'uiLocales', 'claimsLocales'].every((member) => isTextList(value[member])) &&
    ['clientIdAliasUsed', 'redirectUriSent', 'acrEssential'].every((member) => typeof value[member] === 'boolean') &&
    isClaimsRequest(value.claims)
  )
}

function isClaimsRequest(value: unknown): value is ClaimsRequest {
  return isRecord(value) && isRecord(value.idToken) && isRecord(value.userinfo)
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string')
}
