import type { Scope } from '../../../sdk/types.ts'
import { compilePattern } from '../protocol/pattern.ts'
import { problemOfFapiAttribute } from '../fapi/modes.ts'
import { regexOf } from '../protocol/scope.ts'
import { settingFault } from './setting-fault.ts'
import { checkAttributes, checkTaggedValues, checkUnique } from './texts.ts'

/** Attributes that would change what the engine does with a scope, and that it does not know yet. */
const notHonoured: ReadonlySet<string> = new Set(['haip'])

/** Attributes that limit the life of a token, in seconds. */
const durations: readonly string[] = ['access_token.duration', 'refresh_token.duration', 'id_token.duration']

/** OIDC Core §3.1.2.1 and §11: these mean what they say, so nothing else can count as them. */
const neverParameterized: ReadonlySet<string> = new Set(['openid', 'offline_access'])

/** RFC 6749 §3.3: the scopes of a service, each once. */
export function checkScopes(scopes: readonly Scope[]): void {
  checkUnique(
    'supportedScopes',
    scopes.map(({ name }) => name),
  )
  for (const [index, scope] of scopes.entries()) {
    const { attributes = [], descriptions = [] } = scope
    const member = `supportedScopes/${index}`
    checkAttributes(`${member}/attributes`, attributes)
    checkTaggedValues(`${member}/descriptions`, descriptions, () => undefined)
    const refused = attributes.find(({ key }) => notHonoured.has(key))
    if (refused) {
      throw settingFault(`${member}/attributes`, `this engine does not obey the attribute ${refused.key}; leave it out`)
    }
    const problem = attributes.map(problemOfFapiAttribute).find((found) => found !== undefined)
    if (problem !== undefined) throw settingFault(`${member}/attributes`, problem)
    checkDurations(`${member}/attributes`, scope)
    checkRegex(`${member}/attributes`, scope)
  }
}

/** What cannot be read would not limit anything. */
function checkDurations(member: string, { attributes = [] }: Scope): void {
  const wrong = attributes.find(({ key, value }) => durations.includes(key) && !/^(0|[1-9]\d{0,8})$/.test(value))
  if (wrong) throw settingFault(member, `${wrong.key}: seconds are expected, in digits; 0 sets nothing`)
}

/** The attribute that makes a parameterized scope: a pattern that can be read, for a scope that can have one. */
function checkRegex(member: string, scope: Scope): void {
  const regex = regexOf(scope)
  if (regex === undefined) return
  if (neverParameterized.has(scope.name)) {
    throw settingFault(member, `regex is not taken for ${scope.name}: no other value may count as it`)
  }
  if (regex === '') throw settingFault(member, 'regex: a pattern is expected')
  try {
    compilePattern(regex)
  } catch (error) {
    throw settingFault(member, `regex: ${error instanceof Error ? error.message : 'the pattern cannot be read'}`)
  }
}
