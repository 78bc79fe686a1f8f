import type { Answer, Schema } from '../../../sdk/types.ts'
import { ApiFault } from '../api-fault.ts'
import type { ServiceContext } from '../context.ts'
import { fapiModesOfEverybody, metadataUnder } from '../fapi/metadata.ts'
import type { FapiMode } from '../fapi/modes.ts'
import { isDemanded } from '../fapi/profiles.ts'
import { macAlgorithms } from '../protocol/client-assertion.ts'
import { dpopAlgorithms } from '../protocol/dpop.ts'
import { contentEncryptionAlgorithms, encryptionAlgorithms } from '../protocol/encryption.ts'
import { responseModes } from '../protocol/response-mode.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import type { RegisteredService } from '../registry.ts'

/**
 * GET /api/{serviceId}/service/configuration — OIDC Discovery §3, RFC 8414 §2. It says what works, all of it and nothing else, so it is
 * derived from the settings that the operations obey. Members without a value are left out.
 */
export function serviceConfiguration({ service, query }: ServiceContext): Promise<Answer<'service_configuration_api'>> {
  if (query.has('patch')) {
    throw new ApiFault(
      400,
      'A970202',
      'the metadata follows from the settings and cannot be patched; change the settings',
    )
  }
  const metadata = derived.get(service) ?? deriveMetadata(service)
  derived.set(service, metadata)
  return Promise.resolve(metadata)
}

type Metadata = Answer<'service_configuration_api'>

/** Derived once for as long as the service stays as it is: every client of the world reads it. */
const derived = new WeakMap<RegisteredService, Metadata>()

function deriveMetadata(service: RegisteredService): Metadata {
  const modes = fapiModesOfEverybody(service.settings)
  const metadata = {
    ...ofServer(service, modes),
    ...ofClientAuthentication(service),
    ...ofMutualTls(service),
    ...ofGrantManagement(service),
    ...ofRequestObjects(service),
    ...ofOpenIdConnect(service),
    ...ofProtectedAnswers(service),
  }
  return { issuer: service.issuer, ...metadataUnder(modes, metadata) }
}

function ofServer({ settings }: RegisteredService, modes: ReadonlySet<FapiMode>) {
  return {
    authorization_endpoint: settings.authorizationEndpoint,
    token_endpoint: settings.tokenEndpoint,
    jwks_uri: settings.jwksUri,
    scopes_supported: someOf(settings.supportedScopes?.map(({ name }) => name)),
    response_types_supported: settings.supportedResponseTypes?.map((type) => responseTypes[type]) ?? [],
    response_modes_supported: Object.keys(responseModes),
    grant_types_supported: settings.supportedGrantTypes?.map((type) => grantTypes[type]) ?? [],
    // RFC 7636 §4.2.
    code_challenge_methods_supported:
      settings.pkceS256Required || isDemanded(modes, 'codeChallenge') ? ['S256'] : ['S256', 'plain'],
    // RFC 9207 §3.
    authorization_response_iss_parameter_supported: settings.issSuppressed !== true,
    // RFC 9126 §5.
    pushed_authorization_request_endpoint: settings.pushedAuthReqEndpoint,
    require_pushed_authorization_requests: settings.parRequired === true || isDemanded(modes, 'pushedRequest'),
    // RFC 9449 §5.1.
    dpop_signing_alg_values_supported: dpopAlgorithms,
    // RFC 9396 §10.
    authorization_details_types_supported: someOf(settings.supportedAuthorizationDetailsTypes),
    service_documentation: settings.serviceDocumentation,
    op_policy_uri: settings.policyUri,
    op_tos_uri: settings.tosUri,
    ui_locales_supported: someOf(settings.supportedUiLocales),
  }
}

/** RFC 8414 §2: how clients prove who they are, at each endpoint where they do. */
function ofClientAuthentication({ settings }: RegisteredService) {
  return {
    ...authentication('token', settings.supportedTokenAuthMethods),
    revocation_endpoint: settings.revocationEndpoint,
    ...(settings.revocationEndpoint && authentication('revocation', settings.supportedRevocationAuthMethods)),
    introspection_endpoint: settings.introspectionEndpoint,
    ...(settings.introspectionEndpoint && authentication('introspection', settings.supportedIntrospectionAuthMethods)),
  }
}

function authentication(
  endpoint: string,
  methods: readonly Schema<'ClientAuthMethod'>[] = [],
): Record<string, unknown> {
  return {
    [`${endpoint}_endpoint_auth_methods_supported`]: methods.map((method) => method.toLowerCase()),
    [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: someOf([
      ...(methods.includes('PRIVATE_KEY_JWT') ? signingAlgorithms : []),
      ...(methods.includes('CLIENT_SECRET_JWT') ? macAlgorithms : []),
    ]),
  }
}

/** RFC 8705 §3.3 and §5. */
function ofMutualTls({ settings }: RegisteredService) {
  const aliases = someOf(settings.mtlsEndpointAliases)
  return {
    ...(settings.tlsClientCertificateBoundAccessTokens && { tls_client_certificate_bound_access_tokens: true }),
    mtls_endpoint_aliases: aliases && Object.fromEntries(aliases.map(({ name, uri }) => [name, uri])),
  }
}

/** Grant Management for OAuth 2.0: nothing is said by a service without the endpoint. */
function ofGrantManagement({ settings }: RegisteredService) {
  if (settings.grantManagementEndpoint === undefined) return {}
  return {
    grant_management_endpoint: settings.grantManagementEndpoint,
    grant_management_actions_supported: ['query', 'revoke', 'merge', 'replace', 'create'],
    grant_management_action_required: settings.grantManagementActionRequired === true,
  }
}

function ofOpenIdConnect({ settings }: RegisteredService) {
  return {
    userinfo_endpoint: settings.userInfoEndpoint,
    end_session_endpoint: settings.endSessionEndpoint,
    subject_types_supported: ['public'],
    acr_values_supported: someOf(settings.supportedAcrs),
    display_values_supported: someOf(settings.supportedDisplays?.map((display) => display.toLowerCase())),
    prompt_values_supported: someOf(settings.supportedPromptValues?.map((prompt) => prompt.toLowerCase())),
    claim_types_supported: someOf(settings.supportedClaimTypes?.map((type) => type.toLowerCase())),
    claims_supported: someOf(settings.supportedClaims),
    claims_locales_supported: someOf(settings.supportedClaimLocales),
    claims_parameter_supported: true,
  }
}

/** RFC 9101 §10.5 and OIDC Discovery §3: which request objects are taken. */
function ofRequestObjects({ settings, decryptionKeys }: RegisteredService) {
  const { requestObjectRequired, traditionalRequestObjectProcessingApplied: traditional } = settings
  const algs = encryptionAlgorithms.filter((alg) => decryptionKeys.some((key) => key.algs.includes(alg)))
  return {
    request_parameter_supported: true,
    request_uri_parameter_supported: true,
    require_request_uri_registration: true,
    require_signed_request_object: requestObjectRequired === true && !traditional,
    request_object_signing_alg_values_supported: [...signingAlgorithms, ...(traditional ? ['none'] : [])],
    request_object_encryption_alg_values_supported: someOf(algs),
    request_object_encryption_enc_values_supported: algs.length > 0 ? contentEncryptionAlgorithms : undefined,
  }
}

/** OIDC Discovery §3, JARM §4, RFC 9701 §7: how answers are signed, with the keys that there are, and encrypted to the keys of the clients. */
function ofProtectedAnswers({ settings, signingKeys }: RegisteredService): Record<string, readonly string[]> {
  const algorithms = [...new Set(signingKeys.map(({ alg }) => alg))]
  const answers = [
    'authorization',
    'id_token',
    ...(settings.userInfoEndpoint ? ['userinfo'] : []),
    ...(settings.introspectionEndpoint ? ['introspection'] : []),
  ]
  return Object.fromEntries(
    answers.flatMap((answer): [string, readonly string[]][] => [
      [`${answer}_signing_alg_values_supported`, algorithms],
      [`${answer}_encryption_alg_values_supported`, encryptionAlgorithms],
      [`${answer}_encryption_enc_values_supported`, contentEncryptionAlgorithms],
    ]),
  )
}

/** An empty list says the same as none. */
function someOf<Value>(values: readonly Value[] | undefined): readonly Value[] | undefined {
  return values && values.length > 0 ? values : undefined
}

const responseTypes: Record<Schema<'ResponseType'>, string> = {
  NONE: 'none',
  CODE: 'code',
  TOKEN: 'token',
  ID_TOKEN: 'id_token',
  CODE_TOKEN: 'code token',
  CODE_ID_TOKEN: 'code id_token',
  ID_TOKEN_TOKEN: 'id_token token',
  CODE_ID_TOKEN_TOKEN: 'code id_token token',
}

const grantTypes: Record<Schema<'GrantType'>, string> = {
  AUTHORIZATION_CODE: 'authorization_code',
  IMPLICIT: 'implicit',
  PASSWORD: 'password',
  CLIENT_CREDENTIALS: 'client_credentials',
  REFRESH_TOKEN: 'refresh_token',
  CIBA: 'urn:openid:params:grant-type:ciba',
  DEVICE_CODE: 'urn:ietf:params:oauth:grant-type:device_code',
  TOKEN_EXCHANGE: 'urn:ietf:params:oauth:grant-type:token-exchange',
  JWT_BEARER: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  PRE_AUTHORIZED_CODE: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
}
