import { createHash, randomUUID } from 'node:crypto'
import type { CryptoKey, JWK } from 'jose'
import { calculateJwkThumbprint, CompactSign, exportJWK, generateKeyPair } from 'jose'

/** A client's key for DPoP (RFC 9449), and what it signs. */
export interface ProofKey {
  publicJwk: JWK
  privateJwk: JWK
  /** RFC 7638. */
  jkt: string
  /** A proof of this key, made at `now`; every member can be changed or, with undefined, left out. */
  prove(request: ProvenRequest, change?: ChangeOfProof): Promise<string>
}

export interface ProvenRequest {
  htm: string
  htu: string
  accessToken?: string
  nonce?: string
  now?: Date
}

export interface ChangeOfProof {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
}

export async function makeProofKey(alg = 'ES256', options: { modulusLength?: number } = {}): Promise<ProofKey> {
  const pair = await generateKeyPair(alg, { ...options, extractable: true })
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(pair.publicKey), exportJWK(pair.privateKey)])
  return {
    publicJwk,
    privateJwk,
    jkt: await calculateJwkThumbprint(publicJwk),
    prove: (request, change) => sign(pair.privateKey, alg, publicJwk, request, change),
  }
}

/** `ath`, RFC 9449 §4.2. */
export function hashOfToken(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('base64url')
}

async function sign(
  key: CryptoKey,
  alg: string,
  jwk: JWK,
  { htm, htu, accessToken, nonce, now = new Date() }: ProvenRequest,
  { header = {}, claims = {} }: ChangeOfProof = {},
): Promise<string> {
  const payload = {
    jti: randomUUID(),
    htm,
    htu,
    iat: Math.floor(now.getTime() / 1000),
    ...(accessToken !== undefined && { ath: hashOfToken(accessToken) }),
    ...(nonce !== undefined && { nonce }),
    ...claims,
  }
  const wanted = { typ: 'dpop+jwt', alg, jwk, ...header }
  const signed = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ ...wanted, alg })
    .sign(key)
  if (wanted.alg === alg) return signed
  // No library signs with an algorithm that is not the key's: the header says so, and the signature fits nothing.
  const [, body = '', signature = ''] = signed.split('.')
  return `${Buffer.from(JSON.stringify(wanted)).toString('base64url')}.${body}.${signature}`
}

/** The proofs that nothing may accept, RFC 9449 §4.3; `wrong` makes one for a request of the key. */
export const wrongProofs: readonly [name: string, wrong: (key: ProofKey, request: ProvenRequest) => Promise<string>][] =
  [
    ['two proofs', async (key, request) => `${await key.prove(request)}, ${await key.prove(request)}`],
    ['no JWT', () => Promise.resolve('not-a-jwt')],
    ['no typ', changed({ header: { typ: undefined } })],
    ['no alg', changed({ header: { alg: undefined } })],
    ['no jwk', changed({ header: { jwk: undefined } })],
    ['no jti', changed({ claims: { jti: undefined } })],
    ['no htm', changed({ claims: { htm: undefined } })],
    ['no htu', changed({ claims: { htu: undefined } })],
    ['no iat', changed({ claims: { iat: undefined } })],
    ['another typ', changed({ header: { typ: 'jwt' } })],
    ['alg none', changed({ header: { alg: 'none' } })],
    ['alg HS256', changed({ header: { alg: 'HS256' } })],
    ['alg RS256', async (_key, request) => (await makeProofKey('RS256')).prove(request)],
    ['a bad signature', async (key, request) => withBadSignature(await key.prove(request))],
    ['a signature of another key', async (key, request) => (await makeProofKey()).prove(request, jwkOf(key.publicJwk))],
    ['a private key in jwk', (key, request) => key.prove(request, jwkOf(key.privateJwk))],
    [
      'a member of jwk in an array',
      (key, request) => key.prove(request, { header: { jwk: { ...key.publicJwk, x: [key.publicJwk.x] } } }),
    ],
    ['a symmetric key in jwk', changed({ header: { jwk: { kty: 'oct', k: 'AAAA' } } })],
    ['another method', changed({ claims: { htm: 'PATCH' } })],
    ['the method in small letters', (key, request) => key.prove({ ...request, htm: request.htm.toLowerCase() })],
    ['the address of another host', changed({ claims: { htu: 'https://other.example/oauth/token' } })],
    ['another path', (key, request) => key.prove({ ...request, htu: `${request.htu}/more` })],
    ['an iat one hour ago', shifted(-3600)],
    ['an iat in one hour', shifted(3600)],
    ['an iat that is text', changed({ claims: { iat: '1772366400' } })],
    ['a jti that is a number', changed({ claims: { jti: 7 } })],
  ]

/** The proofs that everything must accept. */
export const rightProofs: readonly [name: string, right: (key: ProofKey, request: ProvenRequest) => Promise<string>][] =
  [
    ['nothing special', changed({})],
    ['a query in htu', (key, request) => key.prove({ ...request, htu: `${request.htu}?a=b` })],
    ['a fragment in htu', (key, request) => key.prove({ ...request, htu: `${request.htu}#a` })],
    ['unknown members', changed({ header: { kid: 'x', extra: { a: 1 } }, claims: { extra: [1] } })],
    ['exp and nbf', (key, request) => key.prove(request, timesAround(request))],
    ['an iat 9 s ago', shifted(-9)],
    ['an iat in 9 s', shifted(9)],
    ['a host in capitals', (key, request) => key.prove({ ...request, htu: withHostInCapitals(request.htu) })],
  ]

type Proving = (key: ProofKey, request: ProvenRequest) => Promise<string>

function changed(change: ChangeOfProof): Proving {
  return (key, request) => key.prove(request, change)
}

function shifted(seconds: number): Proving {
  return (key, request) => key.prove({ ...request, now: new Date(timeOf(request) + seconds * 1000) })
}

function timesAround(request: ProvenRequest): ChangeOfProof {
  const seconds = Math.floor(timeOf(request) / 1000)
  return { claims: { nbf: seconds - 30, exp: seconds + 30 } }
}

function timeOf({ now = new Date() }: ProvenRequest): number {
  return now.getTime()
}

function jwkOf(jwk: JWK): ChangeOfProof {
  return { header: { jwk } }
}

function withBadSignature(proof: string): string {
  const [header = '', body = '', signature = ''] = proof.split('.')
  return `${header}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
}

function withHostInCapitals(uri: string): string {
  return uri.replace(
    /^([a-z]+):\/\/([^/]+)/,
    (_, scheme: string, host: string) => `${scheme.toUpperCase()}://${host.toUpperCase()}`,
  )
}
