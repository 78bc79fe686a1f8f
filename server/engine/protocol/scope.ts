import type { Schema, Scope } from '../../../sdk/types.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { Pattern } from './pattern.ts'
import { compilePattern } from './pattern.ts'

/** RFC 6749 §3.3: of the scopes asked for, those the service knows and the client may request, in the order asked. */
export function grantableScopes(
  asked: readonly string[],
  service: RegisteredService,
  client: RegisteredClient,
): string[] {
  const supported = supportedScopesOf(service)
  const { requestableScopes, requestableScopesEnabled } = client.settings.extension ?? {}
  const requestable = requestableScopesEnabled ? new Set(requestableScopes ?? []) : undefined
  return asked.filter((value) => {
    const scope = findScope(value, supported)
    return scope !== undefined && (requestable?.has(scope.name) ?? true)
  })
}

/** RFC 6749 §3.3: the scopes of a request that names none. */
export function defaultScopes(service: RegisteredService): string[] {
  return (service.settings.supportedScopes ?? []).filter(({ defaultEntry }) => defaultEntry).map(({ name }) => name)
}

/** The scopes with their texts and policy. Values of parameterized scopes are not among them. */
export function describeScopes(names: readonly string[], service: RegisteredService): Scope[] {
  const { byName } = supportedScopesOf(service)
  return names.flatMap((name) => byName.get(name) ?? [])
}

/** The scopes that values stand for, by name or by pattern; unknown values stand for none. */
export function scopesBehind(values: readonly string[], service: RegisteredService): Scope[] {
  const supported = supportedScopesOf(service)
  return values.flatMap((value) => findScope(value, supported) ?? [])
}

/** Those of the scopes that the service supports by name. */
export function staticScopesOf(names: readonly string[], service: RegisteredService): string[] {
  const { byName } = supportedScopesOf(service)
  return names.filter((name) => byName.has(name))
}

/** Those of the scopes that are values of a parameterized scope, each with the scope that it counts as. */
export function dynamicScopesOf(names: readonly string[], service: RegisteredService): Schema<'DynamicScope'>[] {
  const supported = supportedScopesOf(service)
  return names.flatMap((value) => {
    const scope = supported.byName.has(value) ? undefined : findScope(value, supported)
    return scope ? [{ name: scope.name, value }] : []
  })
}

/** The durations, in seconds, that scopes set by an attribute. A value of a parameterized scope has the attributes of that scope. */
export function durationsOfScopes(names: readonly string[], attribute: string, service: RegisteredService): number[] {
  const supported = supportedScopesOf(service)
  return names.flatMap((name) => {
    const { attributes = [] } = findScope(name, supported) ?? {}
    return attributes.filter(({ key }) => key === attribute).map(({ value }) => Number(value))
  })
}

/** The scopes of a service, ready to be looked up. */
interface SupportedScopes {
  byName: ReadonlyMap<string, Scope>
  parameterized: readonly { scope: Scope; pattern: Pattern }[]
}

/** Read once for as long as the service stays as it is. */
const remembered = new WeakMap<RegisteredService, SupportedScopes>()

function supportedScopesOf(service: RegisteredService): SupportedScopes {
  const known = remembered.get(service)
  if (known) return known
  const scopes = service.settings.supportedScopes ?? []
  const supported = {
    byName: new Map(scopes.map((scope) => [scope.name, scope])),
    parameterized: scopes.flatMap((scope) => {
      const regex = regexOf(scope)
      return regex === undefined ? [] : [{ scope, pattern: compilePattern(regex) }]
    }),
  }
  remembered.set(service, supported)
  return supported
}

/** The attribute that makes a scope a parameterized one: what matches it as a whole counts as that scope. */
export function regexOf({ attributes = [] }: Scope): string | undefined {
  return attributes.find(({ key }) => key === 'regex')?.value
}

/** RFC 6749 Appendix A.4, and an end: the values that a parameterized scope can have. */
const scopeValue = /^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/

/** OIDC Core §5.4 and §11: scopes about a person. A client that acts for itself has none of them. */
export const personalScopes: ReadonlySet<string> = new Set([
  'openid',
  'profile',
  'email',
  'address',
  'phone',
  'offline_access',
])

/** What these open, the engine decides by their names. So only a service that lists them has them, and no pattern stands for them. */
function isReserved(value: string): boolean {
  return personalScopes.has(value) || value.startsWith('grant_management_')
}

/** The scope that a value stands for: the one it names, else the first whose pattern it matches. */
function findScope(value: string, { byName, parameterized }: SupportedScopes): Scope | undefined {
  const named = byName.get(value)
  if (named || isReserved(value) || !scopeValue.test(value)) return named
  return parameterized.find(({ pattern }) => pattern.matches(value))?.scope
}

/** OIDC Core §5.4: the claims that scopes stand for. */
const claimsOfScopes: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'profile',
    [
      'name',
      'family_name',
      'given_name',
      'middle_name',
      'nickname',
      'preferred_username',
      'profile',
      'picture',
      'website',
      'gender',
      'birthdate',
      'zoneinfo',
      'locale',
      'updated_at',
    ],
  ],
  ['email', ['email', 'email_verified']],
  ['address', ['address']],
  ['phone', ['phone_number', 'phone_number_verified']],
])

/** OIDC Core §5.4: the names of the claims that the scopes ask for. */
export function claimsOf(scopes: readonly string[]): string[] {
  return scopes.flatMap((scope) => claimsOfScopes.get(scope) ?? [])
}
