import type { Answer } from '../../../sdk/types.ts'
import { checkRight } from '../api-authentication.ts'
import type { ServiceContext } from '../context.ts'
import { parseJwks, publicPartOf } from '../keys.ts'
import { publishedKeys, withoutPhase } from '../keys/phases.ts'
import { flagOf } from '../query.ts'

/** GET /api/{serviceId}/service/jwks/get — RFC 7517 §5. Private keys only for those who may replace them. */
export function serviceJwksGet(context: ServiceContext): Promise<Answer<'service_jwks_get_api'> | undefined> {
  const privateKeys = flagOf(context, 'includePrivateKeys')
  if (privateKeys) checkRight(context.caller, 'MODIFY_SERVICE')
  const keys = parseJwks(context.service.settings.jwks)
  const shown = privateKeys ? keys.map(withoutPhase) : publishedKeys(keys, context.now).map(publicPartOf)
  return Promise.resolve(
    shown.length === 0
      ? undefined
      : { keys: shown.flatMap(({ kty, ...members }) => (kty === undefined ? [] : [{ kty, ...members }])) },
  )
}
