/** The error codes that a client may be told. */
export type OAuthErrorCode =
  // RFC 6749 §4.1.2.1 and §5.2
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'access_denied'
  | 'server_error'
  | 'temporarily_unavailable'
  // OIDC Core §3.1.2.6 and Unmet Authentication Requirements
  | 'interaction_required'
  | 'login_required'
  | 'account_selection_required'
  | 'consent_required'
  | 'invalid_request_uri'
  | 'invalid_request_object'
  | 'registration_not_supported'
  | 'unmet_authentication_requirements'
  // RFC 9396 §5, Grant Management for OAuth 2.0
  | 'invalid_authorization_details'
  | 'invalid_grant_id'
  // RFC 6750 §3.1, RFC 9470 §3, RFC 8707 §2
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication'
  | 'invalid_target'
  // RFC 9449 §5, §7.1 and §8
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'

/** A section of a specification, written as `rfc7636#section-4.6`, `oidc-core#AuthRequest` … */
export type Section =
  `${'rfc' | 'oidc-core' | 'oidc-registration' | 'oauth-form-post' | 'oauth-multiple' | 'unmet-authentication' | 'grant-management' | 'jarm' | 'fapi1' | 'fapi2'}${string}`

/**
 * A refusal that the client is told about, RFC 6749 §5.2: what was wrong in the specification's words, the section it
 * broke, and a result code that finds this line again.
 */
export class OAuthError extends Error {
  readonly error: OAuthErrorCode
  readonly resultCode: string
  readonly section: Section

  constructor(error: OAuthErrorCode, resultCode: string, description: string, section: Section) {
    super(description)
    this.name = 'OAuthError'
    this.error = error
    this.resultCode = resultCode
    this.section = section
  }

  /** `[code] text`, for logs and for `error_description`. */
  get resultMessage(): string {
    return `[${this.resultCode}] ${this.message}`
  }
}

const documents: Record<string, string> = {
  'oidc-core': 'https://openid.net/specs/openid-connect-core-1_0.html',
  'oidc-registration': 'https://openid.net/specs/openid-connect-registration-1_0.html',
  'oauth-form-post': 'https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html',
  'oauth-multiple': 'https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html',
  'fapi1-baseline': 'https://openid.net/specs/openid-financial-api-part-1-1_0.html',
  'fapi1-advanced': 'https://openid.net/specs/openid-financial-api-part-2-1_0.html',
  'fapi2-security-profile': 'https://openid.net/specs/fapi-security-profile-2_0-final.html',
  'fapi2-message-signing': 'https://openid.net/specs/fapi-message-signing-2_0-final.html',
  'grant-management': 'https://openid.net/specs/oauth-v2-grant-management.html',
  jarm: 'https://openid.net/specs/oauth-v2-jarm.html',
  'unmet-authentication': 'https://openid.net/specs/openid-connect-unmet-authentication-requirements-1_0.html',
}

/** The address that opens a section. */
export function addressOf(section: Section): string {
  const [document = '', anchor] = section.split('#', 2)
  const address = documents[document] ?? `https://www.rfc-editor.org/rfc/${document}`
  return anchor ? `${address}#${anchor}` : address
}

/** RFC 6749 §5.2: `error_description` may hold %x20-21 / %x23-5B / %x5D-7E only. What a client sent is never quoted raw. */
export function describable(text: string): string {
  return text.replaceAll(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, "'").slice(0, 200)
}
