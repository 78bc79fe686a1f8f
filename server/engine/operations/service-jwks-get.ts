import type { JWK } from 'jose'
import type { Answer } from '../../../sdk/types.ts'
import { checkRight } from '../api-authentication.ts'
import type { ServiceContext } from '../context.ts'
import { parseJwks, publicPartOf } from '../keys.ts'
import { publishedKeys, withoutPhase } from '../keys/phases.ts'
import { flagOf } from '../query.ts'
import type { RegisteredService } from '../registry.ts'

/** GET /api/{serviceId}/service/jwks/get — RFC 7517 §5. Private keys only for those who may replace them. */
export function serviceJwksGet(context: ServiceContext): Promise<Answer<'service_jwks_get_api'> | undefined> {
  const privateKeys = flagOf(context, 'includePrivateKeys')
  if (privateKeys) checkRight(context.caller, 'MODIFY_SERVICE')
  const keys = keysOf(context.service)
  const shown = privateKeys ? [...keys.keys()].map(withoutPhase) : published(keys, context.now)
  return Promise.resolve(
    shown.length === 0
      ? undefined
      : { keys: shown.flatMap(({ kty, ...members }) => (kty === undefined ? [] : [{ kty, ...members }])) },
  )
}

type Keys = ReadonlyMap<JWK, JWK>

/** Read once for as long as the service stays as it is: every verifier of the world asks for them. Which ones are published is a matter of time. */
const keysByService = new WeakMap<RegisteredService, Keys>()

/** The stored keys, each with its public part. */
function keysOf(service: RegisteredService): Keys {
  const keys =
    keysByService.get(service) ?? new Map(parseJwks(service.settings.jwks).map((key) => [key, publicPartOf(key)]))
  keysByService.set(service, keys)
  return keys
}

function published(keys: Keys, now: Date): JWK[] {
  return publishedKeys([...keys.keys()], now).flatMap((key) => keys.get(key) ?? [])
}
