import type { RequestHandler, Response } from 'express'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { ask } from '../../sdk/engine.ts'
import type { ActionTable, Question } from '../../sdk/types.ts'
import { readClientCertificate } from '../client-certificate.ts'
import { parseClientCredentials, type ClientCredentials } from '../credentials.ts'
import { parseParameters, readForm } from '../form.ts'
import { rememberForASecond } from '../for-a-second.ts'
import type { FrontEnd } from '../front-end.ts'
import { Refusal } from '../refusal.ts'
import { challenge, perform, sendJson, sendJwt } from '../respond.ts'

/**
 * POST /oauth/introspect — RFC 7662 §2. The engine's introspection asks nobody who they are, and §2.1 requires it: so the caller's
 * credentials are put to the revocation operation first, which authenticates clients as the token endpoint does.
 */
export function introspection(frontEnd: FrontEnd): RequestHandler {
  const { engine, service, config, now } = frontEnd
  const resourceServerOf = rememberForASecond((clientId) => findResourceServer(frontEnd, clientId), now)
  return async (req, res) => {
    const form = await readForm(req)
    const basic = parseClientCredentials(req.headers.authorization)
    const clientId = claimedClientId(form, basic)

    // Every time, for what is remembered below proves nothing. No token looks like this one, so nothing is revoked.
    const harmless = {
      parameters: `${pick(form, clientParameters)}&token=-`,
      ...basic,
      ...readClientCertificate(req, config),
    }
    const proof = await ask(
      engine.POST('/api/{serviceId}/auth/revocation', { params: { path: service }, body: harmless }),
    )
    if (!perform(isAuthenticated, proof, res)) return
    const resourceServer = await resourceServerOf(clientId)

    const { accept } = req.headers
    const body = {
      parameters: pick(form, ['token', 'token_type_hint']),
      ...resourceServer,
      ...(accept !== undefined && { httpAcceptHeader: accept }),
    }
    const answer = await ask(
      engine.POST('/api/{serviceId}/auth/introspection/standard', { params: { path: service }, body }),
    )
    perform(respond, answer, res)
  }
}

const isAuthenticated: ActionTable<'auth_revocation_api', [res: Response], boolean> = {
  OK: () => true,
  BAD_REQUEST: ({ responseContent }, res) => {
    sendJson(res, 400, responseContent)
    return false
  },
  INVALID_CLIENT: ({ responseContent }, res) => {
    sendJson(challenge(res, 'introspection'), 401, responseContent)
    return false
  },
  INTERNAL_SERVER_ERROR: ({ responseContent }, res) => {
    sendJson(res, 500, responseContent)
    return false
  },
}

const respond: ActionTable<'auth_introspection_standard_api', [res: Response], void> = {
  OK: ({ responseContent }, res) => {
    sendJson(res, 200, responseContent)
  },
  // RFC 9701 §5.
  JWT: ({ responseContent }, res) => {
    sendJwt(res, 'application/token-introspection+jwt', responseContent)
  },
  BAD_REQUEST: ({ responseContent }, res) => {
    sendJson(res, 400, responseContent)
  },
  INTERNAL_SERVER_ERROR: ({ responseContent }, res) => {
    sendJson(res, 500, responseContent)
  },
}

/**
 * §4: who may introspect could otherwise fish for tokens, so it takes a confidential client that was made for it. Returns what its
 * attributes say of it: which resource it is (RFC 8707), so that the engine tells it of no token that is meant for others, and how its
 * answers are protected where it asks for that (RFC 9701).
 */
async function findResourceServer({ engine, service }: FrontEnd, clientId: string): Promise<ResourceServer> {
  const path = { ...service, clientId }
  const {
    clientType,
    attributes = [],
    jwks,
  } = await ask(engine.GET('/api/{serviceId}/client/get/{clientId}', { params: { path } }))
  if (clientType !== 'CONFIDENTIAL') {
    throw invalidClient('A public client cannot introspect tokens')
  }
  if (!attributes.some(({ key, value }) => key === 'resource_server' && value === 'true')) {
    throw new Refusal(403, { error: 'unauthorized_client', description: 'This client is not a resource server' })
  }
  const described = Object.entries(attributeOf).flatMap(([member, name]): [string, string][] => {
    const value = attributes.find(({ key }) => key === name)?.value
    return value === undefined ? [] : [[member, value]]
  })
  const resourceServer: ResourceServer = Object.fromEntries(described)
  const { introspectionEncryptionAlg: alg } = resourceServer
  const key = alg === undefined ? undefined : findEncryptionKey(alg, jwks)
  return { ...resourceServer, ...(key !== undefined && { publicKeyForEncryption: key }) }
}

type ResourceServer = Omit<Question<'auth_introspection_standard_api'>, 'parameters' | 'httpAcceptHeader'>

/** RFC 9701 §6: what the contract has no member of a client for. The engine says what is wrong with a value. */
const attributeOf = {
  rsUri: 'resource_server_uri',
  introspectionSignAlg: 'introspection_signed_response_alg',
  introspectionEncryptionAlg: 'introspection_encrypted_response_alg',
  introspectionEncryptionEnc: 'introspection_encrypted_response_enc',
} as const satisfies Partial<Record<keyof ResourceServer, string>>

/** RFC 7517 §4: of the keys in a registration, the one to encrypt to with the algorithm, as JSON text. The contract takes one. */
function findEncryptionKey(alg: string, jwks = '{"keys":[]}'): string | undefined {
  const { keys } = keySet.parse(JSON.parse(jwks))
  const fitting = keys.filter(
    (key) =>
      // RFC 7518 §4.1: RSA for what begins so; else a curve for ECDH, which those of EdDSA are not.
      (alg.startsWith('RSA') ? key.kty === 'RSA' : /^(EC|OKP)$/.test(key.kty) && !key.crv?.startsWith('Ed')) &&
      (key.use ?? 'enc') === 'enc' &&
      (key.key_ops?.some((operation) => encryptingOperations.has(operation)) ?? true) &&
      withHyphens(key.alg ?? alg) === withHyphens(alg),
  )
  // One that says that it is for encryption is preferred to one that does not say what it is for.
  const key = fitting.find(({ use }) => use === 'enc') ?? fitting[0]
  return key && JSON.stringify(key)
}

const encryptingOperations: ReadonlySet<string> = new Set(['encrypt', 'wrapKey', 'deriveKey', 'deriveBits'])

const keySet = z.object({
  keys: z.array(
    z.looseObject({
      kty: z.string(),
      crv: z.string().optional(),
      use: z.string().optional(),
      key_ops: z.array(z.string()).optional(),
      alg: z.string().optional(),
    }),
  ),
})

/** The contract writes the names of algorithms with underscores, RFC 7518 §4.1 does not. */
function withHyphens(alg: string): string {
  return alg.replaceAll(/[+_]/g, '-')
}

const clientParameters = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type']

/**
 * Who the caller says to be. It holds once the engine has verified the credentials, provided that both of us can only have read
 * one name: so everything that could be read in two ways is refused.
 */
function claimedClientId(form: string, basic: Partial<ClientCredentials>): string {
  const parameters = parseParameters(form)
  const [clientId, clientSecret, assertion] = ['client_id', 'client_secret', 'client_assertion'].map((name) => {
    const [value = '', ...repeated] = parameters.getAll(name)
    if (repeated.length > 0) throw invalidRequest(`${name} was sent more than once`)
    return value === '' ? undefined : value
  })
  // RFC 6749 §2.3: one method of authentication per request.
  if ([basic.clientId, clientSecret, assertion].filter((method) => method !== undefined).length > 1) {
    throw invalidRequest('The client authenticated in more than one way')
  }

  const proven = basic.clientId ?? (assertion === undefined ? clientId : subjectOf(assertion))
  if (proven === undefined || proven === '') {
    throw invalidClient('Introspection needs client authentication')
  }
  if (clientId !== undefined && clientId !== proven) {
    throw invalidRequest('client_id names another client than the credentials')
  }
  return proven
}

/** RFC 7523 §3: the subject of an assertion is the client. */
function subjectOf(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).sub
  } catch {
    return undefined
  }
}

/** The parameters of these names as they were sent, repeated ones included. */
function pick(form: string, names: readonly string[]): string {
  const isPicked = (parameter: string) => [...parseParameters(parameter).keys()].some((name) => names.includes(name))
  return form.split('&').filter(isPicked).join('&')
}

function invalidClient(description: string): Refusal {
  const headers = { 'WWW-Authenticate': 'Basic realm="introspection"' }
  return new Refusal(401, { error: 'invalid_client', description, headers })
}

function invalidRequest(description: string): Refusal {
  return new Refusal(400, { error: 'invalid_request', description })
}
