import type { RequestedScope } from './authorization-request.ts'
import { policiesOf, type ScopePolicy } from './scope-policy.ts'

/**
 * RFC 6749 §3.3: what a person decides about scopes that were granted earlier. `supported` is what the service says of its scopes;
 * what it says nothing about is called by its name, and is the person's to take back.
 */
export function policiesOfGranted(
  { scopes, dynamicScopes }: { scopes: Iterable<string>; dynamicScopes: Iterable<string> },
  supported: readonly RequestedScope[],
): ScopePolicy[] {
  const byName = new Map(supported.map((scope) => [scope.name, scope]))
  const described = (name: string) => byName.get(name) ?? { name, descriptions: [], attributes: [] }
  // Only the value is kept. As `payment:inv-42` it begins with the name of its scope; in any other form it speaks for itself.
  const parameterized = supported.filter(({ attributes }) => attributes.some(({ key }) => key === 'regex'))
  const scopeOf = (value: string) =>
    described(parameterized.find(({ name }) => value.startsWith(`${name}:`))?.name ?? value)
  // In the order of the service, which is what people know from the consent page; what it does not know any more comes last.
  const places = new Map(supported.map(({ name }, index) => [name, index]))
  const placeOf = (name: string) => places.get(name) ?? supported.length
  return policiesOf({
    scopes: [...scopes].sort((one, other) => placeOf(one) - placeOf(other)).map(described),
    dynamicScopes: [...dynamicScopes].map((value) => ({ ...scopeOf(value), value })),
  })
}

/**
 * RFC 6749 §3.3: the scopes that go together when a person takes one back, itself first: `x:write`, which implies `x:read`, would bring
 * it back with the next consent. Undefined when one of them was not theirs to choose, and so goes with the whole app only.
 */
export function scopesToRemove(name: string, policies: readonly ScopePolicy[]): string[] | undefined {
  const leaving = new Set([name])
  // A set that grows while it is read is read to its end.
  for (const gone of leaving) {
    for (const policy of policies) if (policy.implies.includes(gone)) leaving.add(policy.name)
  }
  const modes = [...leaving].map((one) => policies.find((policy) => policy.name === one)?.mode)
  return modes.every((mode) => mode === 'optional') ? [...leaving] : undefined
}
