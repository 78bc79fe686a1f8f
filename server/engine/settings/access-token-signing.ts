import type { Client } from '../../../sdk/types.ts'
import { requestedSignAlg, signAlgAttribute } from '../access-token-signing.ts'
import { brokenByAlgorithm } from '../fapi/algorithm.ts'
import { fapiModesOf } from '../fapi/modes.ts'
import { signingAlgorithms } from '../protocol/signing-algorithms.ts'
import type { RegisteredService } from '../registry.ts'
import { settingFault } from './setting-fault.ts'

/** RFC 9068 §2.1: access tokens are signed so that anybody can verify them, hence neither `none` nor a shared key. */
export function checkAccessTokenAlg(settings: Client, service: RegisteredService): void {
  const requested = requestedSignAlg(settings)
  if (!requested) return
  const { alg, index } = requested
  if (!signingAlgorithms.some((name) => name === alg)) {
    const expected = `${signAlgAttribute}: this engine offers ${signingAlgorithms.join(', ')}`
    throw settingFault(`attributes/${index}`, `${expected}; never none, nor a secret that is shared`)
  }
  if (!service.signingKeys.some((key) => key.alg === alg)) {
    throw settingFault(`attributes/${index}`, `${signAlgAttribute}: the service has no key for ${alg}`)
  }
  // FAPI 2.0 §5.4.1-1. What a scope asks for is known with the request only, and is checked there.
  const broken = brokenByAlgorithm(fapiModesOf(service, { settings }, []), alg)
  if (broken !== undefined) throw settingFault(`attributes/${index}`, `${signAlgAttribute}: ${broken}`)
}
