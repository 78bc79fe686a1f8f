import type { Client } from '../../../sdk/types.ts'
import { brokenByAlgorithm } from '../fapi/algorithm.ts'
import { checkFapiModes, fapiModesOf, ignoredModes } from '../fapi/modes.ts'
import { nameOf } from '../fapi/profiles.ts'
import { brokenByRedirectUri } from '../fapi/redirect-uri.ts'
import { macAlgorithms } from '../protocol/client-assertion.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import type { RegisteredService } from '../registry.ts'
import type { Sealer } from '../sealing.ts'
import { checkAccessTokenAlg } from './access-token-signing.ts'
import { checkCertificateSettings, checkSealer } from './client-authentication-settings.ts'
import { checkHonoured, keptSettings } from './honoured.ts'
import { checkClientKeys } from './key-sets.ts'
import { clientMembers } from './members.ts'
import { checkResponseProtection, withContentEncryption } from './response-protection.ts'
import { checkRedirectUris } from './redirect-uris.ts'
import { checkClientRequestObjects } from './request-objects.ts'
import { settingFault } from './setting-fault.ts'
import { checkAttributes, checkName, checkTaggedValues, checkUnique } from './texts.ts'
import { checkWebAddress } from './web-address.ts'

/** The settings of a client as they are kept, and what it is called. */
export interface SettledClient {
  alias: string
  settings: Client
}

/** The settings of a client as they are kept: what is given, and defaults for what decides about its authentication. */
export async function settleClientSettings(
  given: Client,
  clientId: number,
  service: RegisteredService,
  sealer: Sealer | undefined,
): Promise<SettledClient> {
  checkHonoured(given, clientMembers)
  const { clientIdAlias, ...kept } = keptSettings(given, clientMembers)
  const { clientType = 'CONFIDENTIAL' } = kept
  const settings: Client = {
    ...withContentEncryption(kept),
    clientType,
    tokenAuthMethod: kept.tokenAuthMethod ?? (clientType === 'PUBLIC' ? 'NONE' : 'CLIENT_SECRET_BASIC'),
    ...(kept.extension && { extension: withLimit(kept.extension) }),
  }
  checkTexts(settings)
  checkRedirectUris(settings.redirectUris ?? [], settings.applicationType)
  checkChoices(settings)
  checkExtension(settings.extension ?? {})
  checkDetailTypes(settings.authorizationDetailsTypes ?? [], service)
  checkFapi(settings, service)
  const algorithms = settings.jwks === undefined ? [] : await checkClientKeys(settings.jwks)
  await checkResponseProtection(settings, service)
  checkAccessTokenAlg(settings, service)
  checkAuthentication(settings, algorithms, service)
  checkClientRequestObjects(settings, algorithms, service)
  checkCertificateSettings(settings, service)
  if (settings.tokenAuthMethod === 'CLIENT_SECRET_JWT') checkSealer('tokenAuthMethod', sealer)
  return { alias: checkAlias(clientIdAlias, clientId, service), settings }
}

/** Whoever lists the scopes that a client may request wants the list to count, unless the contrary is said. */
function withLimit(extension: NonNullable<Client['extension']>): NonNullable<Client['extension']> {
  return extension.requestableScopes ? { requestableScopesEnabled: true, ...extension } : extension
}

/** RFC 6749 Appendix A.1 allows more; these pass every header, form and path unchanged. */
const aliasCharacters = /^[A-Za-z0-9._~:/@+-]{1,100}$/

/** What a path segment cannot say, and what means something else in a path of this API. */
const reservedAliases: ReadonlySet<string> = new Set(['.', '..', 'list'])

function checkAlias(alias: string | undefined, clientId: number, { settings }: RegisteredService): string {
  const member = 'clientIdAlias'
  if (alias === undefined || alias === '' || alias === String(clientId)) return String(clientId)
  if (!aliasCharacters.test(alias) || reservedAliases.has(alias)) {
    throw settingFault(
      member,
      '1 to 100 letters, digits and . _ ~ : / @ + - are expected; ".", ".." and "list" are taken',
    )
  }
  // Every number is, or may become, the id of a client.
  if (/^\d+$/.test(alias))
    throw settingFault(member, 'an alias of digits alone is not taken: it could be the id of another client')
  if (settings.httpAliasProhibited && /^https?:\/\//i.test(alias)) {
    throw settingFault(member, 'the service takes no alias that begins with http:// or https://')
  }
  return alias
}

/** RFC 7591 §2: addresses that people follow from the consent page, and the one where the client publishes its keys. */
const addresses = [
  'logoUri',
  'clientUri',
  'policyUri',
  'tosUri',
  'loginUri',
  'jwksUri',
] as const satisfies readonly (keyof Client)[]
const addressLists = ['logoUris', 'clientUris', 'policyUris', 'tosUris'] as const satisfies readonly (keyof Client)[]

function checkTexts(settings: Client): void {
  if (settings.clientName !== undefined) checkName('clientName', settings.clientName)
  checkTaggedValues('clientNames', settings.clientNames ?? [], checkName)
  checkTaggedValues('descriptions', settings.descriptions ?? [], () => undefined)
  for (const member of addresses) {
    const address = settings[member]
    if (address !== undefined) checkWebAddress(member, address)
  }
  for (const member of addressLists) checkTaggedValues(member, settings[member] ?? [], checkWebAddress)
  checkAttributes('attributes', settings.attributes ?? [])
  if (settings.customMetadata !== undefined && !isJsonObject(settings.customMetadata)) {
    throw settingFault('customMetadata', 'a JSON object as text is expected')
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** What this engine offers of the contract's choices. */
const offered = {
  grantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'],
  responseTypes: ['CODE'],
  responseModes: ['QUERY', 'FRAGMENT', 'FORM_POST', 'JWT', 'QUERY_JWT', 'FRAGMENT_JWT', 'FORM_POST_JWT'],
} as const

function checkChoices(settings: Client): void {
  checkOffered('grantTypes', settings.grantTypes, offered.grantTypes)
  checkOffered('responseTypes', settings.responseTypes, offered.responseTypes)
  checkOffered('responseModes', settings.responseModes, offered.responseModes)
  if (settings.subjectType !== undefined && settings.subjectType !== 'PUBLIC') {
    throw settingFault('subjectType', 'this engine offers PUBLIC')
  }
  if (settings.defaultMaxAge !== undefined && settings.defaultMaxAge < 0) {
    throw settingFault('defaultMaxAge', '0 or more seconds are expected')
  }
  checkUnique('defaultAcrs', settings.defaultAcrs ?? [])
}

function checkOffered(member: string, chosen: readonly string[] = [], values: readonly string[]): void {
  if (!chosen.every((value) => values.includes(value))) {
    throw settingFault(member, `this engine offers ${values.join(', ')}`)
  }
  checkUnique(member, chosen)
}

function checkExtension(extension: NonNullable<Client['extension']>): void {
  if (extension.tokenExchangePermitted) {
    throw settingFault('extension/tokenExchangePermitted', 'this engine does not do what it asks for; leave it out')
  }
  checkUnique('extension/requestableScopes', extension.requestableScopes ?? [])
}

/** RFC 9396 §10: the types that the client may use are some of those that the service supports. */
function checkDetailTypes(types: readonly string[], { settings }: RegisteredService): void {
  const { supportedAuthorizationDetailsTypes: supported = [] } = settings
  if (!types.every((type) => supported.includes(type))) {
    const offer = supported.length > 0 ? supported.join(', ') : 'no types of authorization details'
    throw settingFault('authorizationDetailsTypes', `the service supports ${offer}`)
  }
  checkUnique('authorizationDetailsTypes', types)
}

/** FAPI 2.0 §5.4.1-1: the signatures whose algorithm a client registers, of its own and of the service. */
const signatures = [
  'tokenAuthSignAlg',
  'requestSignAlg',
  'authorizationSignAlg',
  'idTokenSignAlg',
  'userInfoSignAlg',
] as const satisfies readonly (keyof Client)[]

/** FAPI 1.0 and 2.0: a profile that is named is enforced, so the service must offer it. */
function checkFapi(settings: Client, { settings: service }: RegisteredService): void {
  const { fapiModes = [], redirectUris = [] } = settings
  checkFapiModes(fapiModes)
  checkUnique('fapiModes', fapiModes)
  if (fapiModes.length > 0 && !service.supportedServiceProfiles?.includes('FAPI')) {
    throw settingFault('fapiModes', 'the service has no FAPI in its supportedServiceProfiles')
  }
  const [ignored] = ignoredModes(service, settings)
  if (ignored !== undefined) {
    throw settingFault('fapiModes', `${ignored} would not count: those of the service are for all of its clients`)
  }
  // What a scope asks for is known with the request only, and is checked there.
  const modes = fapiModesOf({ settings: service }, { settings }, [])
  for (const member of signatures) {
    const { [member]: alg } = settings
    const broken = alg === undefined ? undefined : brokenByAlgorithm(modes, alg)
    if (broken !== undefined) throw settingFault(member, broken)
  }
  for (const [index, uri] of redirectUris.entries()) {
    const [broken] = brokenByRedirectUri(modes, uri, settings)
    if (broken) throw settingFault(`redirectUris/${index}`, `${nameOf(broken)}: https is expected`)
  }
}

/** RFC 6749 §2.1 and §2.3: how a client proves who it is, and whether it can. */
function checkAuthentication(
  settings: Client,
  algorithms: readonly string[],
  { settings: service }: RegisteredService,
): void {
  const { clientType, tokenAuthMethod: method = 'NONE', grantTypes, tokenAuthSignAlg, jwksUri } = settings
  const methods = service.supportedTokenAuthMethods ?? []
  if (!methods.includes(method)) {
    throw settingFault('tokenAuthMethod', `the service supports ${methods.join(', ')}`)
  }
  if ((clientType === 'PUBLIC') !== (method === 'NONE')) {
    throw settingFault('tokenAuthMethod', 'NONE is for public clients, and the only method for them')
  }
  // RFC 6749 §4.4: the client credentials grant is for confidential clients.
  if (clientType === 'PUBLIC' && grantTypes?.includes('CLIENT_CREDENTIALS')) {
    throw settingFault('grantTypes', 'CLIENT_CREDENTIALS is for confidential clients')
  }
  // What stands at jwksUri now may be something else tomorrow: it is read when it is needed.
  const canSign = signingAlgorithms.some((alg) => algorithms.includes(alg))
  if (method === 'PRIVATE_KEY_JWT' && !canSign && jwksUri === undefined) {
    throw settingFault('jwks', 'PRIVATE_KEY_JWT needs the public key of the client, here or at jwksUri')
  }
  if (tokenAuthSignAlg === undefined) return
  if (method === 'CLIENT_SECRET_JWT') {
    checkOffered('tokenAuthSignAlg', [tokenAuthSignAlg], macAlgorithms)
    return
  }
  if (method !== 'PRIVATE_KEY_JWT') {
    throw settingFault('tokenAuthSignAlg', 'it goes with PRIVATE_KEY_JWT and CLIENT_SECRET_JWT only')
  }
  checkOffered('tokenAuthSignAlg', [tokenAuthSignAlg], signingAlgorithms)
  if (jwksUri === undefined && !algorithms.includes(tokenAuthSignAlg)) {
    throw settingFault('jwks', `a key for ${tokenAuthSignAlg} is expected`)
  }
}
