import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'

/** What a new service makes for itself: three of them are RSA keys, which take longer than all else that a test does. */
const algorithms = ['ES256', 'RS256', 'PS256', 'EdDSA', 'ECDH-ES', 'RSA-OAEP-256']

/** RFC 7517 §5: private keys for the services of a whole test run, whose keys are not the point. */
export async function makeServiceJwks(): Promise<string> {
  const keys = algorithms.map(async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true })
    const jwk = await exportJWK(privateKey)
    const use = /^(ECDH|RSA-)/.test(alg) ? 'enc' : 'sig'
    return { ...jwk, kid: await calculateJwkThumbprint(jwk), use, alg }
  })
  return JSON.stringify({ keys: await Promise.all(keys) })
}
