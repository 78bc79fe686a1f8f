import type { AuthorizationRequest, RequestedScope } from './authorization-request.ts'

/** What a person decides about one requested scope. The policy travels with the scope, in its attributes. */
export interface ScopePolicy {
  /** As it is granted: for a parameterized scope the value that was requested. */
  name: string
  /** What a parameterized scope was requested with. */
  parameter: string | undefined
  /** implicit: granted without a question. required: shown and granted. optional: granted when it is ticked. */
  mode: 'implicit' | 'required' | 'optional'
  /** Never ticked beforehand, and never granted from memory. */
  sensitive: boolean
  /** Requested scopes that make no sense to leave out when this one is granted. */
  implies: readonly string[]
  group: LocalizedText
  title: LocalizedText
  icon: string | undefined
  /** RFC 8707: the resource that the scope belongs to. */
  resource: string | undefined
  scope: RequestedScope
}

/** A text in several languages (BCP 47), and the one without a language. */
export interface LocalizedText {
  tagged: readonly { tag: string; value: string }[]
  fallback: string | undefined
}

/** RFC 6749 §3.3: the policies of everything that a request asks for. The value of a parameterized scope is a scope of its own. */
export function policiesOf({
  scopes,
  dynamicScopes,
}: Pick<AuthorizationRequest, 'scopes' | 'dynamicScopes'>): ScopePolicy[] {
  const parameterized = dynamicScopes.map(({ value, ...scope }) => {
    const parameter = value.startsWith(`${scope.name}:`) ? value.slice(scope.name.length + 1) : value
    const policy = scopePolicy(scope)
    // Nobody has seen this value before, so it is never granted unseen.
    return { ...policy, name: value, parameter, mode: policy.mode === 'required' ? policy.mode : 'optional' } as const
  })
  return [...scopePolicies(scopes), ...parameterized]
}

/** RFC 6749 §3.3: reads `consent.*` of the requested scopes, in the order of the request. */
export function scopePolicies(scopes: readonly RequestedScope[]): ScopePolicy[] {
  return scopes.map(scopePolicy)
}

function scopePolicy(scope: RequestedScope): ScopePolicy {
  const attributes = new Map(scope.attributes.map(({ key, value }) => [key, value]))
  const sensitive = attributes.get('consent.sensitive') === 'true'
  return {
    name: scope.name,
    parameter: undefined,
    mode: modeOf(scope.name, attributes.get('consent.mode'), sensitive),
    sensitive,
    implies: (attributes.get('consent.implies') ?? '').split(/[\s,]+/).filter((name) => name !== ''),
    group: localizedText(attributes, 'consent.group'),
    title: localizedText(attributes, 'consent.title'),
    icon: attributes.get('consent.icon'),
    resource: attributes.get('consent.resource'),
    scope,
  }
}

/** `consent.title#de` beside `consent.title`. */
function localizedText(attributes: ReadonlyMap<string, string>, key: string): LocalizedText {
  const prefix = `${key}#`
  const tagged = [...attributes].filter(([name]) => name.startsWith(prefix))
  return {
    tagged: tagged.map(([name, value]) => ({ tag: name.slice(prefix.length), value })),
    fallback: attributes.get(key),
  }
}

/** What comes of a decision. */
export type ScopeDecision =
  | { outcome: 'granted'; granted: string[]; declined: string[] }
  /** A name was posted that the page does not offer: the form is not ours. */
  | { outcome: 'refused'; name: string }

/** RFC 6749 §3.3: the person may grant less than was requested, and never anything else. */
export function decideScopes(policies: readonly ScopePolicy[], posted: readonly string[]): ScopeDecision {
  const optional = new Set(policies.filter(({ mode }) => mode === 'optional').map(({ name }) => name))
  const foreign = posted.find((name) => !optional.has(name))
  if (foreign !== undefined) return { outcome: 'refused', name: foreign }

  const granted = new Set(policies.filter(({ mode }) => mode !== 'optional').map(({ name }) => name))
  const byName = new Map(policies.map((policy) => [policy.name, policy]))
  const pending = [...granted, ...posted]
  for (const name of pending) {
    granted.add(name)
    const implied = byName.get(name)?.implies ?? []
    pending.push(...implied.filter((other) => byName.has(other) && !granted.has(other)))
  }
  const names = [...byName.keys()]
  return {
    outcome: 'granted',
    granted: names.filter((name) => granted.has(name)),
    declined: names.filter((name) => !granted.has(name)),
  }
}

function modeOf(name: string, mode: string | undefined, sensitive: boolean): ScopePolicy['mode'] {
  // OIDC Core §3.1.2.1: without `openid` this would not be a sign-in.
  if (name === 'openid' || mode === 'required') return 'required'
  // What is sensitive is never given away unseen, whatever else the attributes say.
  return mode === 'implicit' && !sensitive ? 'implicit' : 'optional'
}
