import type { IncomingMessage } from 'node:http'
import { mediaTypeOf, parseParameters, readForm } from './form.ts'
import { Refusal } from './refusal.ts'

/** What a client sent in the Authorization header, decoded. */
export interface ClientCredentials {
  clientId: string
  clientSecret: string
}

/** What the engine's contract takes: longer ones cannot be right. */
const longestCredential = 1_024
const longestToken = 8_192

/**
 * RFC 6749 §2.3.1: the client's id and secret from `Authorization: Basic`, for the engine to verify. Empty when there is no such
 * header: then the form may carry an assertion, or the client is public. Throws for one that cannot be read.
 */
export function parseClientCredentials(authorization: string | undefined): Partial<ClientCredentials> {
  if (authorization === undefined || !/^basic(?: |$)/i.test(authorization)) return {}
  const text = decodeBase64(authorization.slice('Basic '.length).trim())
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 0) throw invalidClient('The Basic credentials are not base64 of id:secret')
  const credentials = {
    clientId: decodeFormText(text.slice(0, colon)),
    clientSecret: decodeFormText(text.slice(colon + 1)),
  }
  if (Object.values(credentials).some((value) => value.length > longestCredential)) {
    throw invalidClient('The Basic credentials are longer than any that exist')
  }
  return credentials
}

/** A DPoP proof, and what it must be about, in the words of the engine. */
export interface DpopProof {
  dpop: string
  htm: string
  htu: string
}

/**
 * RFC 9449 §4.3: the DPoP header, for the engine to verify; empty when there is none. Of two, Node makes one text with a comma, which is
 * no proof. The address is at the origin that clients were told: the Host header says what the sender of the request likes.
 */
export function readDpopProof(req: IncomingMessage, origin: string): Partial<DpopProof> {
  const { dpop } = req.headers
  if (dpop === undefined) return {}
  // RFC 9112 §3.2.2: a request may name a whole address, and that one may make no sense.
  if (!URL.canParse(req.url ?? '', origin)) {
    throw new Refusal(400, { error: 'invalid_request', description: 'The address of the request cannot be read' })
  }
  const path = new URL(req.url ?? '', origin).pathname
  return { dpop: [dpop].flat().join(', '), htm: req.method ?? '', htu: `${origin}${path}` }
}

/** An access token as it was presented. */
export interface PresentedToken {
  accessToken: string
  /** Empty when it came as a bearer token: a proof beside one counts for nothing, RFC 9449 §7.2. */
  proof: Partial<DpopProof>
}

/**
 * RFC 6750 §2.1 and §2.2, RFC 9449 §7.1: the access token from the header or from a posted form. Never from the query, RFC 9700 §4.3.2.
 */
export async function readAccessToken(req: IncomingMessage, origin: string): Promise<PresentedToken> {
  const inHeader = parseAccessToken(req.headers.authorization)
  const inForm = await readFormToken(req)
  if (inHeader !== undefined && inForm !== undefined) {
    throw bearerRefusal(400, 'invalid_request', 'The access token was sent in two ways')
  }
  if (inHeader?.scheme === 'DPoP') {
    const proof = readDpopProof(req, origin)
    if (proof.dpop === undefined) throw proofMissing()
    return { accessToken: inHeader.accessToken, proof }
  }
  const accessToken = inHeader?.accessToken ?? inForm
  if (accessToken === undefined) {
    // §3.1: a request without any credentials is told the scheme and nothing else.
    throw new Refusal(401, {
      error: 'invalid_request',
      description: 'Send the access token as Authorization: Bearer',
      headers: { 'WWW-Authenticate': 'Bearer' },
    })
  }
  return { accessToken, proof: {} }
}

/** RFC 6750 §2.1, RFC 9449 §7.1: undefined for another scheme; throws when the token has characters that no token has. */
export function parseAccessToken(
  authorization: string | undefined,
): { scheme: 'Bearer' | 'DPoP'; accessToken: string } | undefined {
  const [, scheme, credentials] = /^(bearer|dpop) +(.*)$/i.exec(authorization ?? '') ?? []
  if (scheme === undefined || credentials === undefined) return undefined
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', accessToken: checkTokenCharacters(credentials) }
}

async function readFormToken(req: IncomingMessage): Promise<string | undefined> {
  if (req.method !== 'POST' || mediaTypeOf(req) !== 'application/x-www-form-urlencoded') return undefined
  const values = parseParameters(await readForm(req)).getAll('access_token')
  if (values.length > 1) throw bearerRefusal(400, 'invalid_request', 'access_token was sent more than once')
  // RFC 6749 §3.1: a parameter without a value is treated as if it were left out.
  return values[0] === undefined || values[0] === '' ? undefined : checkTokenCharacters(values[0])
}

/** RFC 6750 §2.1: b64token. */
function checkTokenCharacters(token: string): string {
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) {
    throw bearerRefusal(400, 'invalid_request', 'The access token has characters that no token has')
  }
  if (token.length > longestToken)
    throw bearerRefusal(401, 'invalid_token', 'The access token is longer than any that exists')
  return token
}

function bearerRefusal(status: number, error: string, description: string): Refusal {
  const challenge = `Bearer error="${error}", error_description="${description}"`
  return new Refusal(status, { error, description, headers: { 'WWW-Authenticate': challenge } })
}

function proofMissing(): Refusal {
  const [error, description] = ['invalid_dpop_proof', 'The DPoP header with the proof is missing']
  const challenge = `DPoP error="${error}", error_description="${description}"`
  return new Refusal(401, { error, description, headers: { 'WWW-Authenticate': challenge } })
}

function invalidClient(description: string): Refusal {
  return new Refusal(401, {
    error: 'invalid_client',
    description,
    headers: { 'WWW-Authenticate': 'Basic realm="token"' },
  })
}

/** Strictly: one text has one encoding, and what is encoded is UTF-8. */
function decodeBase64(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, 'base64')
  if (encoded === '' || bytes.toString('base64') !== encoded) return undefined
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they are put together; appendix A.1, A.2: printable ASCII. */
function decodeFormText(encoded: string): string {
  const isWellFormed = /^(?:[^%]|%[0-9A-Fa-f]{2})*$/.test(encoded)
  const text = isWellFormed ? new URLSearchParams(`text=${encoded.replaceAll('&', '%26')}`).get('text') : null
  if (text === null || !/^[\x20-\x7e]*$/.test(text)) {
    throw invalidClient('The Basic credentials are not form-encoded printable ASCII')
  }
  return text
}
