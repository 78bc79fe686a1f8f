import type { Scope } from '../../../sdk/types.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'

/** RFC 6749 §3.3: of the scopes asked for, those the service knows and the client may request, in the order asked. */
export function grantableScopes(
  asked: readonly string[],
  service: RegisteredService,
  client: RegisteredClient,
): string[] {
  const supported = new Set((service.settings.supportedScopes ?? []).map(({ name }) => name))
  const { requestableScopes, requestableScopesEnabled } = client.settings.extension ?? {}
  const requestable = requestableScopesEnabled ? new Set(requestableScopes ?? []) : undefined
  return asked.filter((scope) => supported.has(scope) && (requestable?.has(scope) ?? true))
}

/** RFC 6749 §3.3: the scopes of a request that names none. */
export function defaultScopes(service: RegisteredService): string[] {
  return (service.settings.supportedScopes ?? []).filter(({ defaultEntry }) => defaultEntry).map(({ name }) => name)
}

/** The scopes with their texts and policy. */
export function describeScopes(names: readonly string[], service: RegisteredService): Scope[] {
  const byName = new Map((service.settings.supportedScopes ?? []).map((scope) => [scope.name, scope]))
  return names.flatMap((name) => byName.get(name) ?? [])
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
