import type { Service } from '../../../sdk/types.ts'
import type { FapiMode } from './modes.ts'
import { fapiModesOf } from './modes.ts'
import { demandsOf, isDemanded } from './profiles.ts'

/** FAPI 1.0 and 2.0: the profiles of the service itself. Those of clients and scopes do not hold for everybody, and metadata is for everybody. */
export function fapiModesOfEverybody(settings: Service): ReadonlySet<FapiMode> {
  return fapiModesOf({ settings }, { settings: {} }, [])
}

/** RFC 8414 §2: of what the engine can do, what every profile allows: nothing is offered that would be refused. */
export function allowed<Value extends string>(
  modes: ReadonlySet<FapiMode>,
  name: 'algorithm' | 'clientAuthentication',
  values: readonly Value[],
): Value[] {
  const rules: { allowed: readonly string[] }[] = demandsOf(modes, name)
  return values.filter((value) => rules.every((rule) => rule.allowed.includes(value)))
}

/** FAPI 2.0 Message Signing §5.4.1 and FAPI 1.0 Advanced §5.2.2-2: whether every answer that the service can give is a JWT. */
export function answersInJwts(modes: ReadonlySet<FapiMode>, responseTypes: readonly string[]): boolean {
  if (isDemanded(modes, 'jwtResponseMode')) return true
  return demandsOf(modes, 'responseType').some(
    (rule) => rule.withJwtMode.length > 0 && !responseTypes.some((type) => rule.allowed.includes(type)),
  )
}
