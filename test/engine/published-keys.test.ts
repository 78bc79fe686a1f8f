import type { CryptoKey, JWK } from 'jose'
import { CompactSign, compactVerify, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client } from '../../sdk/types.ts'
import type { FetchOutbound } from '../../server/outbound/fetch-outbound.ts'
import type { FindPublishedKeys } from '../../server/engine/published-keys.ts'
import { createPublishedKeys } from '../../server/engine/published-keys.ts'
import type { Conversation } from './conversation.ts'
import { authorizationParameters, converse } from './conversation.ts'
import type { TestEngine } from './engine-under-test.ts'
import { openTestEngine, testIssuer } from './engine-under-test.ts'

interface ClientKey {
  kid: string
  alg: string
  privateKey: CryptoKey
  jwk: JWK
}

async function makeKey(kid: string, more: JWK = {}, alg = 'ES256'): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, ...more } }
}

/** What clients publish: nothing stands at an address until it is put there. */
function makePublisher() {
  const published = new Map<string, { text: string; cacheControl: string }>()
  const asked: string[] = []
  /** The way of the guard: what cannot be read, or is of no use, is undefined. */
  const fetchOutbound: FetchOutbound = async (address, { read }) => {
    asked.push(address)
    const answer = published.get(address)
    try {
      return answer && (await read(answer))
    } catch {
      return undefined
    }
  }
  return {
    asked,
    fetchOutbound,
    publish: (address: string, keys: readonly object[], cacheControl = '') =>
      published.set(address, { text: JSON.stringify({ keys }), cacheControl }),
    publishText: (address: string, text: string) => published.set(address, { text, cacheControl: '' }),
    takeDown: (address: string) => published.delete(address),
  }
}

const address = 'https://rp.example/jwks'
const start = Date.parse('2026-03-01T12:00:00Z')
const at = (seconds: number) => new Date(start + seconds * 1000)

let one: ClientKey
let other: ClientKey

beforeAll(async () => {
  one = await makeKey('one')
  other = await makeKey('other')
})

describe('OIDC Core §10.1.1: keys at a jwks_uri', () => {
  let publisher: ReturnType<typeof makePublisher>
  let find: FindPublishedKeys

  beforeEach(() => {
    publisher = makePublisher()
    find = createPublishedKeys(publisher.fetchOutbound)
  })

  /** Whether a signature is verified with what stands at the address; else the reason. */
  async function verify(
    key: ClientKey,
    seconds: number,
    { jwksUri = address, kid = key.kid }: { jwksUri?: string; kid?: string | null } = {},
  ) {
    const header = { alg: key.alg, ...(kid !== null && { kid }) }
    const signed = await new CompactSign(Buffer.from('x')).setProtectedHeader(header).sign(key.privateKey)
    try {
      await compactVerify(signed, find(jwksUri, at(seconds)))
      return 'verified'
    } catch (error) {
      return error instanceof Error ? error.name : error
    }
  }

  describe('RFC 8705 §2.2: a key that is looked for by what it is', () => {
    const has = ({ jwk }: ClientKey, seconds: number) =>
      find.has(address, at(seconds), (key) => Promise.resolve(key.x !== undefined && key.x === jwk.x))

    it('given keys that are published, then it is one of them or not', async () => {
      publisher.publish(address, [one.jwk])
      expect(await has(one, 0)).toBe(true)
      expect(await has(other, 0)).toBe(false)
    })

    it('given one that is not there, then the address is asked again once in 30 seconds', async () => {
      publisher.publish(address, [one.jwk])
      expect(await has(one, 0)).toBe(true)
      publisher.publish(address, [other.jwk])
      expect(await has(other, 1)).toBe(true)
      expect(await has(one, 2)).toBe(false)
      expect(publisher.asked).toHaveLength(2)
      expect(await has(one, 40)).toBe(false)
      expect(publisher.asked).toHaveLength(3)
    })

    it('given an address that cannot be read, then the client is refused', async () => {
      await expect(has(one, 0)).rejects.toMatchObject({ error: 'invalid_client', resultCode: 'A957330' })
    })
  })

  it('given a key that is published, then its signatures verify, and those of others do not', async () => {
    publisher.publish(address, [one.jwk])
    expect(await verify(one, 0)).toBe('verified')
    expect(await verify(other, 0, { kid: 'one' })).toBe('JWSSignatureVerificationFailed')
    expect(await verify(one, 0, { kid: null })).toBe('verified')
    expect(publisher.asked).toEqual([address])
  })

  it.each([
    ['', 300],
    ['max-age=600', 600],
    ['public, Max-Age=600, immutable', 600],
    ['max-age=0', 60],
    ['max-age=5', 60],
    ['no-store', 60],
    ['no-cache, max-age=600', 60],
    ['max-age=31536000', 86_400],
    ['max-age=999999999999999999999', 86_400],
    ['max-age=-5', 300],
    ['s-maxage=7000', 300],
  ])('given Cache-Control "%s", then the keys are read again after %i seconds', async (cacheControl, life) => {
    publisher.publish(address, [one.jwk], cacheControl)
    for (const seconds of [0, life - 1]) expect(await verify(one, seconds)).toBe('verified')
    expect(publisher.asked).toHaveLength(1)
    publisher.publish(address, [other.jwk])
    expect(await verify(one, life)).toBe('JWKSNoMatchingKey')
    expect(publisher.asked).toHaveLength(2)
  })

  it('given a key that is new, when it is used, then the keys are read again at once', async () => {
    publisher.publish(address, [one.jwk])
    await verify(one, 0)
    publisher.publish(address, [one.jwk, other.jwk])
    expect(await verify(other, 1)).toBe('verified')
    expect(await verify(one, 1)).toBe('verified')
    expect(publisher.asked).toHaveLength(2)
  })

  it('given a storm of unknown keys, then the address is asked once in 30 seconds', async () => {
    publisher.publish(address, [one.jwk])
    await verify(one, 0)
    for (const seconds of [1, 1, 2, 15, 30]) {
      expect(await verify(other, seconds, { kid: `unknown ${seconds}` })).toBe('JWKSNoMatchingKey')
    }
    expect(publisher.asked).toHaveLength(2)
    publisher.publish(address, [other.jwk])
    expect(await verify(other, 31)).toBe('verified')
    expect(publisher.asked).toHaveLength(3)
  })

  it('given an unknown key in the first request, then the address is asked once', async () => {
    publisher.publish(address, [one.jwk])
    expect(await verify(other, 0)).toBe('JWKSNoMatchingKey')
    expect(publisher.asked).toHaveLength(1)
  })

  it('given many that ask at once, then one request serves them all', async () => {
    publisher.publish(address, [one.jwk])
    const first = await Promise.all(Array.from({ length: 32 }, () => verify(one, 0)))
    expect([new Set(first), publisher.asked.length]).toEqual([new Set(['verified']), 1])
    publisher.publish(address, [other.jwk])
    const second = await Promise.all(Array.from({ length: 32 }, () => verify(other, 1)))
    expect([new Set(second), publisher.asked.length]).toEqual([new Set(['verified']), 2])
  })

  it('given an address that cannot be read, then nothing verifies, and it is asked again after 30 seconds', async () => {
    for (const seconds of [0, 1, 29]) expect(await verify(one, seconds)).toBe('OAuthError')
    expect(publisher.asked).toHaveLength(1)
    publisher.publish(address, [one.jwk])
    expect(await verify(one, 29)).toBe('OAuthError')
    expect(await verify(one, 30)).toBe('verified')
    expect(publisher.asked).toHaveLength(2)
  })

  it('given an address that fails later, then the last good keys serve for a day more, and it is asked every 30 seconds', async () => {
    publisher.publish(address, [one.jwk])
    await verify(one, 0)
    publisher.takeDown(address)
    for (const seconds of [300, 301, 329]) expect(await verify(one, seconds)).toBe('verified')
    expect(publisher.asked).toHaveLength(2)
    expect(await verify(one, 330)).toBe('verified')
    expect(publisher.asked).toHaveLength(3)
    expect(await verify(one, 86_699)).toBe('verified')
    expect(await verify(one, 86_700)).toBe('OAuthError')
  })

  it('given text that is no JWK Set, or more keys than anybody has, then it is as if nothing could be read', async () => {
    for (const [index, text] of ['', '[]', '{}', '{"keys":{}}', '{"keys":["x"]}', '<html>'].entries()) {
      publisher.publishText(address, text)
      expect([text, await verify(one, index * 30)]).toEqual([text, 'OAuthError'])
    }
    publisher.publish(
      address,
      Array.from({ length: 101 }, () => one.jwk),
    )
    expect(await verify(one, 600)).toBe('OAuthError')
  })

  it('given a clock that was set back, then nothing lasts longer', async () => {
    publisher.publish(address, [one.jwk])
    await verify(one, 0)
    await verify(one, -300)
    expect(publisher.asked).toHaveLength(2)
  })

  it('given more addresses than are remembered, then the one that was not used for longest is read again', async () => {
    const addresses = Array.from({ length: 1_000 }, (_, index) => `https://rp.example/${index}`)
    for (const each of [address, ...addresses]) publisher.publish(each, [one.jwk])
    await verify(one, 0)
    for (const each of addresses.slice(1)) await verify(one, 0, { jwksUri: each })
    await verify(one, 0)
    await verify(one, 0, { jwksUri: 'https://rp.example/0' })
    publisher.asked.length = 0
    await verify(one, 0)
    await verify(one, 0, { jwksUri: 'https://rp.example/1' })
    expect(publisher.asked).toEqual(['https://rp.example/1'])
  })
})

describe('RFC 7517 §4: only keys that are fit for signatures count', () => {
  it('given a set with all kinds of keys, then the good one works and the others are passed over', async () => {
    const publisher = makePublisher()
    const privatePart = await exportJWK(one.privateKey)
    const rsa = await makeKey('weak', {}, 'RS256')
    const unfit: Record<string, JWK> = {
      encryption: { ...one.jwk, use: 'enc' },
      'for another operation': { ...one.jwk, key_ops: ['deriveKey'] },
      'for another algorithm': { ...one.jwk, alg: 'ECDH-ES' },
      private: { ...one.jwk, ...privatePart },
      'off the curve': { ...one.jwk, x: one.jwk.y ?? '' },
      'without members': { kty: 'EC', crv: 'P-256', kid: one.kid },
      symmetric: { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0', kid: one.kid },
      'of an unknown kind': { kty: 'AKP', alg: 'ML-DSA-44', kid: one.kid },
    }
    const verify = async (keys: readonly JWK[], key: ClientKey) => {
      publisher.publish(address, keys)
      const find = createPublishedKeys(publisher.fetchOutbound)
      const header = { alg: key.alg, kid: key.kid }
      const signed = await new CompactSign(Buffer.from('x')).setProtectedHeader(header).sign(key.privateKey)
      return compactVerify(signed, find(address, at(0))).then(
        () => 'verified',
        (error: unknown) => (error instanceof Error ? error.name : error),
      )
    }
    for (const [what, jwk] of Object.entries(unfit)) {
      expect([what, await verify([jwk, other.jwk], one)]).toEqual([what, 'JWKSNoMatchingKey'])
      expect([what, await verify([jwk, other.jwk], other)]).toEqual([what, 'verified'])
    }
    expect(await verify([{ ...rsa.jwk, n: rsa.jwk.n?.slice(0, 171) ?? '' }], rsa)).toBe('JWKSNoMatchingKey')
    expect(await verify([rsa.jwk], rsa)).toBe('verified')
    expect(await verify([one.jwk, { ...other.jwk, kid: 'one' }], one)).toBe('JWKSMultipleMatchingKeys')
  })
})

describe('RFC 7523 §3: private_key_jwt with keys at a jwks_uri', () => {
  const publisher = makePublisher()
  let under: TestEngine
  let talk: Conversation

  beforeAll(async () => {
    under = await openTestEngine({}, publisher.fetchOutbound)
    talk = converse(under)
  })

  afterAll(async () => {
    expect(under.failures).toEqual([])
    await under.close()
  })

  const register = (settings: Client) => talk.registerClient({ tokenAuthMethod: 'PRIVATE_KEY_JWT', ...settings })

  let jtis = 0
  const signedBy = async (key: ClientKey, clientId: string, header: object = {}) => {
    const seconds = Math.floor(under.clock.now().getTime() / 1000)
    const assertion = await new SignJWT({ iat: seconds, exp: seconds + 60, jti: `j${(jtis += 1)}` })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(testIssuer)
      .sign(key.privateKey)
    return {
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }
  }
  const grant = { grant_type: 'client_credentials', scope: 'notes:read' }

  it('given a client that publishes its key, then it is authenticated at every endpoint', async () => {
    publisher.publish(address, [one.jwk])
    const client = await register({ jwksUri: address, tokenAuthSignAlg: 'ES256' })
    const { clientId } = client
    expect(await talk.token({ ...grant, ...(await signedBy(one, clientId)) })).toMatchObject({ action: 'OK' })
    expect(await talk.revoke({ token: '-', ...(await signedBy(one, clientId)) })).toMatchObject({ action: 'OK' })
    const request = authorizationParameters(client, 'v'.repeat(43))
    expect(await talk.push({ ...request, ...(await signedBy(one, clientId)) })).toMatchObject({ action: 'CREATED' })
    expect(await talk.token({ ...grant, ...(await signedBy(other, clientId)) })).toMatchObject({
      action: 'INVALID_CLIENT',
      resultCode: 'A156304',
    })
  })

  it('given two clients at one address, then one request serves both, and each proves to be itself only', async () => {
    const shared = 'https://shared.example/jwks'
    publisher.publish(shared, [one.jwk])
    const [first, second] = [await register({ jwksUri: shared }), await register({ jwksUri: shared })]
    for (const { clientId } of [first, second]) {
      expect(await talk.token({ ...grant, ...(await signedBy(one, clientId)) })).toMatchObject({ action: 'OK' })
    }
    expect(publisher.asked.filter((asked) => asked === shared)).toHaveLength(1)
  })

  it('given keys of its registration as well, then those at the address count', async () => {
    const both = 'https://both.example/jwks'
    publisher.publish(both, [one.jwk])
    const { clientId } = await register({ jwksUri: both, jwks: JSON.stringify({ keys: [other.jwk] }) })
    expect(await talk.token({ ...grant, ...(await signedBy(one, clientId)) })).toMatchObject({ action: 'OK' })
    expect((await talk.token({ ...grant, ...(await signedBy(other, clientId)) })).action).toBe('INVALID_CLIENT')
  })

  it('given an address that cannot be read, then invalid_client says so and no more', async () => {
    const { clientId } = await register({ jwksUri: 'https://silent.example/jwks' })
    const answer = await talk.token({ ...grant, ...(await signedBy(one, clientId)) })
    expect(answer).toMatchObject({
      action: 'INVALID_CLIENT',
      resultCode: 'A957330',
      resultMessage: '[A957330] The keys of the client could not be read.',
    })
    expect(JSON.stringify(answer)).not.toMatch('silent.example')
  })

  it('RFC 8725 §3.10: given an assertion that names an address of its own, then nobody asks there', async () => {
    publisher.publish('https://evil.example/jwks', [other.jwk])
    const { clientId } = await register({ jwksUri: address })
    const header = { jku: 'https://evil.example/jwks', x5u: 'https://evil.example/jwks', kid: 'https://evil.example' }
    const { action } = await talk.token({ ...grant, ...(await signedBy(other, clientId, header)) })
    expect(action).toBe('INVALID_CLIENT')
    expect(publisher.asked.filter((asked) => asked.includes('evil.example'))).toEqual([])
  })

  it('given an assertion with an algorithm that is not taken, then nobody asks at all', async () => {
    const quiet = 'https://quiet.example/jwks'
    const { clientId } = await register({ jwksUri: quiet, tokenAuthSignAlg: 'PS256' })
    expect((await talk.token({ ...grant, ...(await signedBy(one, clientId)) })).action).toBe('INVALID_CLIENT')
    expect(publisher.asked).not.toContain(quiet)
  })
})
