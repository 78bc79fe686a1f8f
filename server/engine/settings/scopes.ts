import type { Scope } from '../../../sdk/types.ts'
import { settingFault } from './setting-fault.ts'
import { checkAttributes, checkTaggedValues, checkUnique } from './texts.ts'

/** Attributes that would change what the engine does with a scope, and that it does not know yet. */
const notHonoured: ReadonlySet<string> = new Set([
  'regex',
  'fapi',
  'fapi2',
  'haip',
  'access_token.duration',
  'refresh_token.duration',
  'id_token.duration',
])

/** RFC 6749 §3.3: the scopes of a service, each once. */
export function checkScopes(scopes: readonly Scope[]): void {
  checkUnique(
    'supportedScopes',
    scopes.map(({ name }) => name),
  )
  for (const [index, { attributes = [], descriptions = [] }] of scopes.entries()) {
    const member = `supportedScopes/${index}`
    checkAttributes(`${member}/attributes`, attributes)
    checkTaggedValues(`${member}/descriptions`, descriptions, () => undefined)
    const refused = attributes.find(({ key }) => notHonoured.has(key))
    if (refused) {
      throw settingFault(`${member}/attributes`, `this engine does not obey the attribute ${refused.key}; leave it out`)
    }
  }
}
