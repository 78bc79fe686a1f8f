import { randomBytes } from 'node:crypto'
import { ApiFault } from './api-fault.ts'
import { equalBytesInConstantTime, sha256 } from './constant-time.ts'
import type { ApiRight, ApiToken, Storage } from './storage/storage.ts'

/** Finds who calls, by the Bearer token of the Authorization header, RFC 6750 §2.1. */
export type Authenticate = (authorization: string | null) => Promise<ApiToken>

/** Milliseconds after which a token that was revoked elsewhere opens nothing any more. */
const freshForMs = 1_000

const rememberedCallers = 1_000

/**
 * Authenticates the callers of the engine's API. `callers` are known besides those in the storage, and are forgotten with the process.
 * Tokens of people's applications are kept elsewhere, so none of them opens anything here.
 */
export function createAuthenticate(storage: Storage, now: () => Date, callers: readonly ApiToken[]): Authenticate {
  const remembered = new Map<string, { caller: ApiToken; readAt: number }>()

  async function findCaller(proof: Buffer): Promise<ApiToken | undefined> {
    const known = callers.find((caller) => equalBytesInConstantTime(caller.proof, proof))
    if (known) return known
    const name = proof.toString('base64')
    const recent = remembered.get(name)
    if (recent && Math.abs(now().getTime() - recent.readAt) < freshForMs) return recent.caller
    remembered.delete(name)
    const caller = await storage.findApiToken(proof)
    if (!caller || !equalBytesInConstantTime(caller.proof, proof)) return undefined
    const [oldest] = remembered.keys()
    if (remembered.size >= rememberedCallers && oldest !== undefined) remembered.delete(oldest)
    remembered.set(name, { caller, readAt: now().getTime() })
    return caller
  }

  return async (authorization) => {
    if (authorization === null) {
      throw new ApiFault(401, 'A001202', 'the Authorization header is missing; send `Bearer` and an API access token')
    }
    const token = /^Bearer +([\x21-\x7E]+)$/i.exec(authorization)?.[1]
    if (token === undefined) {
      throw new ApiFault(400, 'A001201', 'the Authorization header must be `Bearer` and an API access token')
    }
    const caller = await findCaller(sha256(token))
    if (!caller) throw new ApiFault(401, 'A001203', 'the API access token is unknown')
    return caller
  }
}

/** What a right brings with it, besides itself. ADMIN brings everything. */
const implied: Readonly<Partial<Record<ApiRight, readonly ApiRight[]>>> = {
  MODIFY_CLIENT: ['VIEW_CLIENT'],
  MODIFY_SERVICE: ['VIEW_SERVICE'],
  USE_SERVICE: ['USE_INTROSPECTION'],
}

/** Whether a caller has a right, by itself or implied by another. */
export function hasRight({ rights }: ApiToken, needed: ApiRight): boolean {
  return rights.some((right) => right === needed || right === 'ADMIN' || implied[right]?.includes(needed))
}

/** The rights that open an operation, any of them; undefined when it is open to everybody. `right` is the contract's `x-right`. */
export function sufficientRights(operationId: string, right: string | undefined): readonly ApiRight[] | undefined {
  if (right === undefined) return undefined
  if (!isApiRight(right))
    throw new Error(`The contract demands ${right} for ${operationId}, and there is no such right.`)
  // Who may read all of a service may read a part of it.
  return readingService.has(operationId) ? [right, 'VIEW_SERVICE'] : [right]
}

const readingService: ReadonlySet<string> = new Set([
  'service_get_api',
  'service_get_list_api',
  'service_jwks_get_api',
  'service_configuration_api',
])

/** Every right, with what it allows. */
export const apiRights = {
  VIEW_CLIENT: 'read clients and what was granted to them',
  MODIFY_CLIENT: 'change clients and what was granted to them',
  CREATE_CLIENT: 'register clients',
  VIEW_SERVICE: 'read services',
  MODIFY_SERVICE: 'change services',
  CREATE_SERVICE: 'create services',
  DELETE_SERVICE: 'delete services',
  USE_SERVICE: 'run an authorization server on a service',
  USE_INTROSPECTION: 'ask about tokens',
  ADMIN: 'everything',
} as const satisfies Record<ApiRight, string>

/** Whether a text names a right. */
export function isApiRight(name: string): name is ApiRight {
  return Object.hasOwn(apiRights, name)
}

/** Refuses a caller that has none of the rights. */
export function checkRight(caller: ApiToken, ...sufficient: readonly ApiRight[]): void {
  if (!sufficient.some((right) => hasRight(caller, right))) {
    throw new ApiFault(403, 'A001215', `the API access token lacks the right ${sufficient.join(' or ')}`)
  }
}

/** Refuses a caller whose token is for other services; nothing is said of whether this one exists. */
export function checkServiceAccess({ serviceIds }: ApiToken, serviceId: number | undefined): void {
  if (serviceIds === 'all' || (serviceId !== undefined && serviceIds.includes(serviceId))) return
  throw new ApiFault(403, 'A001215', 'the API access token is not for this service')
}

/** A caller as it is described; the token itself is shown once, to whoever makes it. */
export interface NewApiToken {
  /** Names the token in logs; never its value. */
  id: string
  /** A token that exists already; left out, one is made. */
  token?: string
  rights: readonly ApiRight[]
  serviceIds: readonly number[] | 'all'
}

/** Makes an API access token of 256 random bits and keeps its hash. Answers the token, which nobody can read again. */
export async function createApiToken({ storage, ...description }: NewApiToken & { storage: Storage }): Promise<string> {
  const { token, caller } = makeCaller(description)
  await storage.addApiToken(caller)
  return token
}

/** A caller with its token. The prefix lets secret scanners know what they found. */
export function makeCaller({
  id,
  token = `gh_${randomBytes(32).toString('base64url')}`,
  rights,
  serviceIds,
}: NewApiToken): {
  token: string
  caller: ApiToken
} {
  const caller: ApiToken = {
    id,
    proof: sha256(token),
    rights: [...rights],
    serviceIds: serviceIds === 'all' ? 'all' : [...serviceIds],
  }
  return { token, caller }
}
