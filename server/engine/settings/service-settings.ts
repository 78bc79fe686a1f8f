import { isDeepStrictEqual } from 'node:util'
import type { Service } from '../../../sdk/types.ts'
import type { Context } from '../context.ts'
import { brokenByAlgorithm } from '../fapi/algorithm.ts'
import { fapiModesOfEverybody } from '../fapi/metadata.ts'
import { checkFapiModes, modesOfScope } from '../fapi/modes.ts'
import type { SigningKey } from '../keys.ts'
import { generateJwks, loadDecryptionKeys, loadSigningKeys, parseJwks } from '../keys.ts'
import { keyIds } from '../keys/key-choices.ts'
import { phasesOf } from '../keys/phases.ts'
import { checkKeyRules } from '../keys/rules.ts'
import { compileDetailSchema, schemaAttribute } from '../protocol/detail-schema.ts'
import { clockSkews } from '../protocol/lifetime.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import { checkHonoured, keptSettings } from './honoured.ts'
import { checkMtlsEndpointAliases, checkSecretMethods, checkTrustedRoots } from './client-authentication-settings.ts'
import { settleServiceKeys } from './key-sets.ts'
import { serviceMembers } from './members.ts'
import { checkServiceRequestObjects } from './request-objects.ts'
import { checkScopes } from './scopes.ts'
import { serviceDefaults } from './service-defaults.ts'
import { settingFault } from './setting-fault.ts'
import { checkAttributes, checkLanguageTags, checkName, checkUnique } from './texts.ts'
import { checkIssuer, checkWebAddress } from './web-address.ts'

/**
 * The settings of a service as they are kept: what is given, and the safe preset for the rest. What this engine cannot honour is refused.
 * Keys are those that are given, else those that are known, else new ones.
 */
export async function settleServiceSettings(
  given: Service,
  { sealer, now }: Pick<Context, 'sealer' | 'now'>,
  knownJwks?: string,
): Promise<Service> {
  checkHonoured(given, serviceMembers)
  const settings = { ...serviceDefaults, ...keptSettings(given, serviceMembers) }
  checkServiceSettings(settings)
  checkSecretMethods(settings, sealer)
  await checkTrustedRoots(settings, now)
  const jwks =
    given.jwks === undefined
      ? (knownJwks ?? (await generateJwks()))
      : await settleServiceKeys(given.jwks, knownJwks, now)
  await checkKeyChoices(settings, jwks, now)
  checkServiceRequestObjects(settings, await loadDecryptionKeys(jwks))
  return { ...settings, jwks }
}

/** Seconds. A lifetime beyond these is a mistake, or a secret that never ends. */
const durations = {
  authorizationCodeDuration: { least: 0, most: 600 }, //   RFC 6749 §4.1.2: ten minutes at most; 0 is the default
  authorizationResponseDuration: { least: 1, most: 600 }, // JARM §2.1: ten minutes at most
  pushedAuthReqDuration: { least: 5, most: 600 }, //       RFC 9126 §2.2; FAPI 2.0 §5.3.2.1: less than 600
  accessTokenDuration: { least: 1, most: 2_592_000 },
  refreshTokenDuration: { least: 1, most: 315_360_000 },
  idTokenDuration: { least: 1, most: 86_400 },
  dpopNonceDuration: { least: 0, most: 3_600 }, //         RFC 9449 §8; 0 is the default
} as const satisfies Partial<Record<keyof Service, { least: number; most: number }>>

/** RFC 6749 §2.3, OIDC Core §9 and RFC 8705 §2. */
const confidentialMethods = [
  'CLIENT_SECRET_BASIC',
  'CLIENT_SECRET_POST',
  'CLIENT_SECRET_JWT',
  'PRIVATE_KEY_JWT',
  'TLS_CLIENT_AUTH',
  'SELF_SIGNED_TLS_CLIENT_AUTH',
] as const

/** What this engine offers of the contract's choices. */
const offered = {
  supportedGrantTypes: ['AUTHORIZATION_CODE', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'],
  supportedResponseTypes: ['CODE'],
  supportedTokenAuthMethods: ['NONE', ...confidentialMethods],
  supportedRevocationAuthMethods: ['NONE', ...confidentialMethods],
  supportedIntrospectionAuthMethods: confidentialMethods,
  supportedPromptValues: ['NONE', 'LOGIN', 'CONSENT', 'SELECT_ACCOUNT'],
  supportedDisplays: ['PAGE', 'POPUP', 'TOUCH', 'WAP'],
  supportedClaimTypes: ['NORMAL'],
  supportedServiceProfiles: ['FAPI'],
} as const satisfies Partial<Record<keyof Service, readonly string[]>>

/** Addresses that clients or people are sent to. */
const addresses = [
  'authorizationEndpoint',
  'tokenEndpoint',
  'revocationEndpoint',
  'introspectionEndpoint',
  'pushedAuthReqEndpoint',
  'userInfoEndpoint',
  'jwksUri',
  'endSessionEndpoint',
  'grantManagementEndpoint',
  'policyUri',
  'tosUri',
  'serviceDocumentation',
] as const satisfies readonly (keyof Service)[]

function checkServiceSettings(settings: Service): void {
  checkIssuer(settings.issuer)
  for (const member of addresses) {
    const address = settings[member]
    if (address !== undefined) checkWebAddress(member, address)
  }
  checkDurations(settings)
  checkClockSkew(settings)
  checkMtlsEndpointAliases(settings)
  checkOffered(settings)
  if (settings.serviceName !== undefined) checkName('serviceName', settings.serviceName)
  checkScopes(settings.supportedScopes ?? [])
  checkUnique('supportedClaims', settings.supportedClaims ?? [])
  checkUnique('supportedAcrs', settings.supportedAcrs ?? [])
  checkLanguageTags('supportedUiLocales', settings.supportedUiLocales ?? [])
  checkLanguageTags('supportedClaimLocales', settings.supportedClaimLocales ?? [])
  checkAttributes('attributes', settings.attributes ?? [])
  checkKeyRules(settings)
  checkAuthorizationDetails(settings)
  checkFapi(settings)
  if (settings.grantManagementActionRequired && settings.grantManagementEndpoint === undefined) {
    throw settingFault('grantManagementActionRequired', 'it goes with a grantManagementEndpoint only')
  }
}

/** FAPI 1.0 and 2.0: a profile that is named and not enforced would leave a door open that its owner believes shut. */
function checkFapi({ supportedServiceProfiles = [], fapiModes = [], supportedScopes = [] }: Service): void {
  checkFapiModes(fapiModes)
  checkUnique('fapiModes', fapiModes)
  if (supportedServiceProfiles.includes('FAPI')) return
  const expectation = 'it goes with FAPI in supportedServiceProfiles only'
  if (fapiModes.length > 0) throw settingFault('fapiModes', expectation)
  const tagged = supportedScopes.findIndex((scope) => modesOfScope(scope).length > 0)
  if (tagged >= 0) throw settingFault(`supportedScopes/${tagged}/attributes`, `fapi, fapi2: ${expectation}`)
}

/** RFC 9396 §10: the types of authorization details, and the rules for some of them. */
function checkAuthorizationDetails({ supportedAuthorizationDetailsTypes = [], attributes = [] }: Service): void {
  const member = 'supportedAuthorizationDetailsTypes'
  checkUnique(member, supportedAuthorizationDetailsTypes)
  if (supportedAuthorizationDetailsTypes.some((type) => type.length > 200)) {
    throw settingFault(member, 'a type has at most 200 characters')
  }
  for (const [index, { key, value }] of attributes.entries()) {
    if (!key.startsWith(schemaAttribute)) continue
    if (!supportedAuthorizationDetailsTypes.includes(key.slice(schemaAttribute.length))) {
      throw settingFault(`attributes/${index}`, `it has the schema of a type that is not in ${member}`)
    }
    checkDetailSchema(`attributes/${index}`, value)
  }
}

function checkDetailSchema(member: string, text: string): void {
  try {
    compileDetailSchema(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'the schema cannot be read'
    throw settingFault(member, `a JSON Schema, draft 2020-12, is expected: ${reason}`)
  }
}

function checkDurations(settings: Service): void {
  for (const [member, { least, most }] of entriesOf(durations)) {
    const seconds = settings[member]
    if (seconds !== undefined && (seconds < least || seconds > most)) {
      throw settingFault(member, `${least} to ${most} seconds are expected`)
    }
  }
}

/** FAPI 2.0 §5.3.2.1: ten seconds are always taken, and more than sixty never. */
function checkClockSkew({ allowableClockSkew: seconds = 0 }: Service): void {
  if (seconds !== 0 && (seconds < clockSkews.least || seconds > clockSkews.most)) {
    const { least, most } = clockSkews
    throw settingFault('allowableClockSkew', `${least} to ${most} seconds are expected, or 0 for ${least}`)
  }
}

function checkOffered(settings: Service): void {
  for (const [member, values] of entriesOf(offered)) {
    const chosen: readonly string[] = settings[member] ?? []
    if (!chosen.every((value) => values.some((other) => other === value))) {
      throw settingFault(member, `this engine offers ${values.join(', ')}`)
    }
    checkUnique(member, chosen)
  }
  checkIntrospectionMethods(settings)
  if (settings.accessTokenType !== undefined && settings.accessTokenType !== 'Bearer') {
    throw settingFault('accessTokenType', 'this engine issues tokens of the type Bearer')
  }
  if (settings.idTokenAudType !== undefined && !['array', 'string'].includes(settings.idTokenAudType)) {
    throw settingFault('idTokenAudType', 'array or string is expected')
  }
}

/**
 * RFC 7662 §2.1: who introspects must say who it is. The engine authenticates it as it does at the revocation endpoint, so a list that
 * allows less or more there would not be obeyed.
 */
function checkIntrospectionMethods(settings: Service): void {
  const { supportedRevocationAuthMethods = [], supportedIntrospectionAuthMethods = [] } = settings
  const expected = supportedRevocationAuthMethods.filter((method) => method !== 'NONE')
  if (!isDeepStrictEqual(new Set(expected), new Set(supportedIntrospectionAuthMethods))) {
    throw settingFault(
      'supportedIntrospectionAuthMethods',
      'those of supportedRevocationAuthMethods but NONE are expected',
    )
  }
}

/** A key that is chosen by name must be there, or something else would sign in its place; so must one for an algorithm that is chosen. */
async function checkKeyChoices(settings: Service, jwks: string, now: Date): Promise<void> {
  const phased = phasesOf(parseJwks(jwks), now).filter(({ phase }) => phase !== 'announced')
  const keys = await loadSigningKeys(JSON.stringify({ keys: phased.map(({ jwk }) => jwk) }))
  for (const member of keyIds) {
    const kid = settings[member]
    if (kid && !keys.some((key) => key.kid === kid)) {
      throw settingFault(member, 'the kid of a private key of the service is expected')
    }
  }
  checkAccessTokenKey(settings, keys)
  checkFapiAlgorithms(settings, keys)
}

/** FAPI 2.0 §5.4.1-1: what the service signs with, where no client has a say. */
function checkFapiAlgorithms(settings: Service, keys: readonly SigningKey[]): void {
  const modes = fapiModesOfEverybody(settings)
  const { accessTokenSignAlg, introspectionSignatureKeyId: kid } = settings
  const chosen = { accessTokenSignAlg, introspectionSignatureKeyId: keys.find((key) => key.kid === kid)?.alg }
  for (const [member, alg] of Object.entries(chosen)) {
    const broken = alg ? brokenByAlgorithm(modes, alg) : undefined
    if (broken !== undefined) throw settingFault(member, broken)
  }
}

/** RFC 9068 §2.1: access tokens are signed so that anybody can verify them, hence neither `none` nor a shared key. */
function checkAccessTokenKey(
  { accessTokenSignAlg: alg, accessTokenSignatureKeyId: kid }: Service,
  keys: readonly SigningKey[],
): void {
  if (!alg) return
  if (!signingAlgorithms.some((name) => name === alg)) {
    throw settingFault('accessTokenSignAlg', `this engine offers ${signingAlgorithms.join(', ')}`)
  }
  if (!keys.some((key) => key.alg === alg)) {
    throw settingFault('accessTokenSignAlg', `the service has no key for ${alg}`)
  }
  if (kid && !keys.some((key) => key.kid === kid && key.alg === alg)) {
    throw settingFault('accessTokenSignatureKeyId', `the kid of a key for ${alg} is expected`)
  }
}

function entriesOf<Key extends string, Value>(table: Readonly<Record<Key, Value>>): [Key, Value][] {
  return keysOf(table).map((key) => [key, table[key]])
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  const isKey = (key: string): key is Key => Object.hasOwn(table, key)
  return Object.keys(table).filter(isKey)
}
