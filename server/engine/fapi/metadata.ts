import type { Service } from '../../../sdk/types.ts'
import type { FapiMode } from './modes.ts'
import { fapiModesOf } from './modes.ts'
import { demandsOf, isDemanded } from './profiles.ts'

/** FAPI 1.0 and 2.0: the profiles of the service itself. Those of clients and scopes do not hold for everybody, and metadata is for everybody. */
export function fapiModesOfEverybody(settings: Service): ReadonlySet<FapiMode> {
  return fapiModesOf({ settings }, { settings: {} }, [])
}

/** RFC 8414 §2: of what the service can do, what the profiles that hold for everybody leave. */
export function metadataUnder(
  modes: ReadonlySet<FapiMode>,
  metadata: Record<string, unknown>,
): Record<string, unknown> {
  if (modes.size === 0) return metadata
  const left = Object.entries(metadata).map(([name, value]): [string, unknown] => {
    const isLeft = ruleFor(name, modes, metadata)
    return [name, isLeft && Array.isArray(value) ? value.filter(isLeft) : value]
  })
  return {
    ...Object.fromEntries(left.filter(([, value]) => !Array.isArray(value) || value.length > 0)),
    // RFC 9101 §10.5.
    ...(isDemanded(modes, 'signedRequestObject') && { require_signed_request_object: true }),
  }
}

/** Whether a value of this member is left; undefined where the profiles demand nothing. */
function ruleFor(
  name: string,
  modes: ReadonlySet<FapiMode>,
  metadata: Record<string, unknown>,
): ((value: unknown) => boolean) | undefined {
  if (name.endsWith('_signing_alg_values_supported')) {
    const demands = demandsOf(modes, 'algorithm')
    return (value) => demands.every(({ allowed }) => allowed.some((alg) => alg === value))
  }
  if (name.endsWith('_endpoint_auth_methods_supported')) {
    const demands = demandsOf(modes, 'clientAuthentication')
    return (value) => demands.every(({ allowed }) => allowed.some((method) => method.toLowerCase() === value))
  }
  if (name === 'grant_types_supported') {
    const demands = demandsOf(modes, 'grantType')
    return (value) => !demands.some(({ refused }) => refused.some((grantType) => grantType === value))
  }
  const responseTypes = demandsOf(modes, 'responseType')
  if (name === 'response_types_supported') {
    return (value) =>
      responseTypes.every(({ allowed, withJwtMode }) => [...allowed, ...withJwtMode].some((type) => type === value))
  }
  // FAPI 1.0 Advanced §5.2.2-2: a code alone is answered in a JWT.
  const { response_types_supported: types } = metadata
  const isAlone = responseTypes.some(
    ({ allowed }) => Array.isArray(types) && !types.some((type) => allowed.some((name) => name === type)),
  )
  if (name === 'response_modes_supported' && (isAlone || isDemanded(modes, 'jwtResponseMode'))) {
    return (value) => typeof value === 'string' && value.endsWith('jwt')
  }
  return undefined
}
