import type {
  Authorization,
  AuthorizationRequest,
  ClaimNames,
  ClaimsRequest,
  GrantContent,
  GrantedDetail,
  Permission,
} from './storage.ts'
import { isRecord, storedJson } from './stored-json.ts'

/** What an authorization decided, as codes and tokens carry it. */
export const authorizationJson = storedJson(isAuthorization)

/** A validated request, as tickets keep it. Its pushed request is kept in columns: a statement looks at it. */
export const authorizationRequestJson = storedJson(isAuthorizationRequest)

/** What a managed grant holds. */
export const grantContentJson = storedJson(isGrantContent)

/** Tickets of the first version have no resources. */
type KeptAuthorizationRequest = Omit<AuthorizationRequest, 'pushedRequest' | 'resources'> & { resources?: string[] }

function isAuthorization(value: unknown): value is Authorization {
  return (
    isRecord(value) &&
    isTextList(value.scopes) &&
    isClaimsRequest(value.claims) &&
    typeof value.clientIdAliasUsed === 'boolean' &&
    typeof value.refreshable === 'boolean' &&
    ['claimsLocales', 'resources', 'accessTokenResources'].every((member) => isAbsentOr(isTextList, value[member])) &&
    ['accessTokenDuration', 'endsAt'].every((member) => isAbsentOr(isNumber, value[member])) &&
    ['managedGrantId', 'dpopJkt', 'jkt', 'certificateThumbprint', 'sessionId'].every((member) =>
      isAbsentOr(isText, value[member]),
    ) &&
    isAbsentOr(isAudType, value.idTokenAudType) &&
    ['takesProof', 'takesCertificate', 'forExternalAttachment'].every((member) =>
      isAbsentOr(isBoolean, value[member]),
    ) &&
    isAbsentOr(isRecord, value.jwtAtClaims) &&
    isAbsentOr(isProperties, value.properties) &&
    isAbsentOr(isGrantedDetails, value.authorizationDetails)
  )
}

function isProperties(value: unknown): boolean {
  return Array.isArray(value) && value.every((member) => isRecord(member) && isText(member.key) && isText(member.value))
}

function isAuthorizationRequest(value: unknown): value is KeptAuthorizationRequest {
  return (
    isRecord(value) &&
    typeof value.clientId === 'number' &&
    ['responseType', 'responseMode', 'redirectUri', 'display'].every((member) => typeof value[member] === 'string') &&
    ['scopes', 'prompts', 'acrs', 'uiLocales', 'claimsLocales'].every((member) => isTextList(value[member])) &&
    ['clientIdAliasUsed', 'redirectUriSent', 'acrEssential'].every((member) => typeof value[member] === 'boolean') &&
    isClaimsRequest(value.claims) &&
    isAbsentOr(isText, value.dpopJkt) &&
    isAbsentOr(isTextList, value.resources) &&
    isAbsentOr(isDetails, value.authorizationDetails) &&
    isAbsentOr(isRecord, value.grantManagement) &&
    isAbsentOr(isTextList, value.fapiModes)
  )
}

function isGrantContent(value: unknown): value is GrantContent {
  return (
    isRecord(value) &&
    Array.isArray(value.permissions) &&
    value.permissions.every(isPermission) &&
    isAbsentOr(isNumber, value.endsAt)
  )
}

function isPermission(value: unknown): value is Permission {
  return (
    isRecord(value) &&
    isAbsentOr(isTextList, value.resources) &&
    isTextList(value.scopes) &&
    isClaimNames(value.claims) &&
    isGrantedDetails(value.details)
  )
}

function isClaimNames(value: unknown): value is ClaimNames {
  return isRecord(value) && isTextList(value.idToken) && isTextList(value.userinfo)
}

function isClaimsRequest(value: unknown): value is ClaimsRequest {
  return isRecord(value) && isRecord(value.idToken) && isRecord(value.userinfo)
}

function isGrantedDetails(value: unknown): value is GrantedDetail[] {
  return (
    Array.isArray(value) &&
    value.every(
      (member) => isRecord(member) && isText(member.id) && isRecord(member.detail) && isText(member.detail.type),
    )
  )
}

function isDetails(value: unknown): boolean {
  return Array.isArray(value) && value.every((member) => isRecord(member) && isText(member.type))
}

function isAudType(value: unknown): boolean {
  return value === 'array' || value === 'string'
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

/** Members that came later: what was kept before has none of them. */
function isAbsentOr(isRight: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || isRight(value)
}
