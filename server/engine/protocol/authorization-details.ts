import { createHash } from 'node:crypto'
import type { Schema } from '../../../sdk/types.ts'
import { OAuthError } from '../oauth-error.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { GrantedDetail } from '../storage/storage.ts'
import { canonicalJson } from './canonical-json.ts'
import { detailSchemaOf } from './detail-schema.ts'
import { isJsonObject, parseJsonObject } from './json.ts'
import { staysWithin } from './narrowing.ts'

/** An element of `authorization_details`, RFC 9396 §2, as it is on the wire. */
export interface AuthorizationDetail {
  type: string
  locations?: string[]
  actions?: string[]
  datatypes?: string[]
  identifier?: string
  privileges?: string[]
  [member: string]: unknown
}

/** Elements of one request; characters of it; levels of an element; entries of a list or an object; characters of a type. */
const limits = { elements: 20, characters: 32_768, levels: 10, entries: 500, type: 200 }

/** RFC 9396 §2 and §5: reads the parameter and holds every element against the rules of its type. */
export function parseAuthorizationDetails(
  text: string | undefined,
  service: RegisteredService,
  client: RegisteredClient,
): AuthorizationDetail[] | undefined {
  if (text === undefined) return undefined
  const details = parseArray(text).map(checkElement)
  for (const [index, detail] of details.entries()) {
    checkType(detail, index, service, client)
    checkSchema(detail, index, service)
  }
  return details
}

function parseArray(text: string): unknown[] {
  const elements = text.length > limits.characters ? undefined : parseJson(text)
  if (!Array.isArray(elements) || elements.length === 0 || elements.length > limits.elements) {
    throw refused(
      'A249304',
      `authorization_details must be a JSON array of 1 to ${limits.elements} objects in at most ${limits.characters} characters.`,
    )
  }
  return elements
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checkElement(element: unknown, index: number): AuthorizationDetail {
  if (isAuthorizationDetail(element)) return element
  const resultCode = isJsonObject(element) && !isType(element['type']) ? 'A249301' : 'A249304'
  throw refused(resultCode, `Element ${index} of authorization_details: ${problemOfElement(element) ?? ''}.`)
}

function isAuthorizationDetail(value: unknown): value is AuthorizationDetail {
  return problemOfElement(value) === undefined
}

/** RFC 9396 §2.2: the common members that are lists of texts. */
const listMembers = ['locations', 'actions', 'datatypes', 'privileges'] as const

const commonMembers: ReadonlySet<string> = new Set(['type', 'identifier', ...listMembers])

function problemOfElement(element: unknown): string | undefined {
  if (!isJsonObject(element)) return 'an object is expected'
  if (!isType(element['type'])) {
    return `type is expected to be a text of 1 to ${limits.type} characters`
  }
  const list = listMembers.find((member) => Object.hasOwn(element, member) && !isTextList(element[member]))
  if (list !== undefined) return `${list} is expected to be an array of texts`
  if (Object.hasOwn(element, 'identifier') && typeof element['identifier'] !== 'string') {
    return 'identifier is expected to be a text'
  }
  return problemOfValue(element, limits.levels)
}

function isType(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= limits.type
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

/** RFC 8259 §9: what JSON allows and nobody needs. Nesting without end, numbers that JSON cannot write again, the name of a prototype, NUL. */
export function problemOfValue(value: unknown, levels = limits.levels): string | undefined {
  if (typeof value === 'string' && value.includes('\0')) return 'a text must not hold the character NUL'
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number is too large'
  if (typeof value !== 'object' || value === null) return undefined
  if (levels === 0) return `at most ${limits.levels} levels are expected`
  if (Object.hasOwn(value, '__proto__')) return 'a member must not be called __proto__'
  if (Object.keys(value).some((name) => name.includes('\0'))) return 'no name may hold the character NUL'
  const entries: unknown[] = Object.values(value)
  if (entries.length > limits.entries) return `at most ${limits.entries} entries of a list or an object are expected`
  for (const entry of entries) {
    const problem = problemOfValue(entry, levels - 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** RFC 9396 §5: the service knows the type, and the client registered for it, §10. */
function checkType(
  { type }: AuthorizationDetail,
  index: number,
  { settings: service }: RegisteredService,
  { settings: client }: RegisteredClient,
): void {
  const element = `Element ${index} of authorization_details`
  if (!service.supportedAuthorizationDetailsTypes?.includes(type)) {
    throw refused('A249302', `${element} has a type that the service does not support.`)
  }
  if (!client.authorizationDetailsTypes?.includes(type)) {
    throw refused('A949305', `${element} has a type that the client is not registered for.`)
  }
}

function checkSchema(detail: AuthorizationDetail, index: number, service: RegisteredService): void {
  const problem = detailSchemaOf(service, detail.type).problemOf(detail)
  if (problem !== undefined) throw refused('A949306', `Element ${index} of authorization_details: ${problem}.`)
}

/** RFC 9396 §7: what a person granted of the requested elements. Nothing chosen means all of them. */
export function grantDetails(
  requested: readonly AuthorizationDetail[],
  chosen: readonly AuthorizationDetail[] | undefined,
  service: RegisteredService,
): GrantedDetail[] {
  if (chosen) pairUp(chosen, requested, service)
  return nameDetails(chosen ?? requested)
}

/** RFC 9396 §10: of what was granted, that whose type the service still supports and the client is still registered for. */
export function grantableDetails(
  granted: readonly GrantedDetail[],
  { settings: service }: RegisteredService,
  { settings: client }: RegisteredClient,
): GrantedDetail[] {
  const lists = [service.supportedAuthorizationDetailsTypes, client.authorizationDetailsTypes]
  return granted.filter(({ detail: { type } }) => lists.every((types) => types?.includes(type)))
}

/** RFC 9396 §6: the elements that a token is asked for lie within those that were granted. Nothing asked means all of them. */
export function narrowDetails(
  granted: readonly GrantedDetail[] | undefined,
  asked: readonly AuthorizationDetail[] | undefined,
  service: RegisteredService,
): GrantedDetail[] | undefined {
  if (!asked) return granted && [...granted]
  const wide = granted ?? []
  const pairs = pairUp(
    asked,
    wide.map(({ detail }) => detail),
    service,
  )
  return asked.flatMap((detail, index) => {
    const origin = wide[pairs.get(index) ?? -1]
    return origin ? [{ id: origin.id, detail }] : []
  })
}

/**
 * Gives every element the one that it lies within, by index. Each is given once: two payments of 60 are not within one of 100. Where an
 * element fits several, a later one may move it, so that an order never decides whether all of them find a place.
 */
function pairUp(
  narrow: readonly AuthorizationDetail[],
  wide: readonly AuthorizationDetail[],
  service: RegisteredService,
): ReadonlyMap<number, number> {
  const holders = new Map<number, number>()
  const fitting = narrow.map((detail) => placesFor(detail, wide, service))
  const settle = (index: number, tried: Set<number>): boolean =>
    (fitting[index] ?? []).some((candidate) => {
      if (tried.has(candidate)) return false
      tried.add(candidate)
      const holder = holders.get(candidate)
      if (holder !== undefined && !settle(holder, tried)) return false
      holders.set(candidate, index)
      return true
    })
  for (const [index, detail] of narrow.entries()) {
    if (!settle(index, new Set()))
      throw refused('A949301', `Element ${index} of authorization_details goes beyond what it may.`)
    checkSchema(detail, index, service)
  }
  return new Map([...holders].map(([candidate, index]) => [index, candidate]))
}

/** The elements that another one lies within; first those that are equal to it. */
function placesFor(
  detail: AuthorizationDetail,
  wide: readonly AuthorizationDetail[],
  service: RegisteredService,
): number[] {
  const { root } = detailSchemaOf(service, detail.type)
  const text = canonicalJson(detail)
  const isWithin = (other: AuthorizationDetail) => detail.type === other.type && staysWithin(detail, other, root)
  const places = wide.flatMap((other, index) =>
    isWithin(other) ? [{ index, rank: canonicalJson(other) === text ? 0 : 1 }] : [],
  )
  return places.sort((one, other) => one.rank - other.rank).map(({ index }) => index)
}

/** RFC 9396 §9: what resources are shown: elements for one of them, and those that are for no one in particular. */
export function detailsFor(
  details: readonly GrantedDetail[] | undefined,
  resources: readonly string[] | undefined,
): GrantedDetail[] | undefined {
  if (!resources) return details && [...details]
  return details?.filter(({ detail }) => detail.locations?.some((uri) => resources.includes(uri)) ?? true)
}

/** RFC 9396 §2 in the shape of the contract: what is not a common member goes along as JSON text. */
export function toContract(details: readonly AuthorizationDetail[]): Schema<'AuthorizationDetails'> {
  return { elements: details.map(elementOf) }
}

function elementOf(detail: AuthorizationDetail): Schema<'AuthorizationDetail'> {
  const { type, locations, actions, datatypes, identifier, privileges } = detail
  const others = Object.entries(detail).filter(([member]) => !commonMembers.has(member))
  return {
    type,
    ...(locations && { locations }),
    ...(actions && { actions }),
    ...(datatypes && { dataTypes: datatypes }),
    ...(identifier !== undefined && { identifier }),
    ...(privileges && { privileges }),
    ...(others.length > 0 && { otherFields: JSON.stringify(Object.fromEntries(others)) }),
  }
}

/** RFC 9396 §2: reads the shape of the contract. It comes from the front-end, which may have built it from a form. */
export function fromContract(details: Schema<'AuthorizationDetails'> | undefined): AuthorizationDetail[] | undefined {
  if (!details) return undefined
  return (details.elements ?? []).map(detailOf)
}

function detailOf(element: Schema<'AuthorizationDetail'>, index: number): AuthorizationDetail {
  const { otherFields, dataTypes, ...common } = element
  const others = otherFields === undefined ? {} : parseJsonObject(otherFields)
  if (!others) throw refused('A949302', `otherFields of element ${index} is not a JSON object as text.`)
  const repeated = Object.keys(others).find((member) => commonMembers.has(member))
  if (repeated !== undefined)
    throw refused('A949302', `otherFields of element ${index} repeats the member ${repeated}.`)
  return checkElement({ ...common, ...(dataTypes && { datatypes: dataTypes }), ...others }, index)
}

/** RFC 9396 §2: names several elements. Of equal ones, each but the first has its number, so that one of them can be taken back. */
export function nameDetails(details: readonly AuthorizationDetail[]): GrantedDetail[] {
  const counts = new Map<string, number>()
  return details.map((detail) => {
    const id = detailId(detail)
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    return { id: count === 1 ? id : `${id}.${count}`, detail }
  })
}

/** Names an element by what it says: base64url of 16 bytes of the SHA-256 of its canonical JSON. */
export function detailId(detail: AuthorizationDetail): string {
  return createHash('sha256').update(canonicalJson(detail)).digest().subarray(0, 16).toString('base64url')
}

function refused(resultCode: string, description: string): OAuthError {
  return new OAuthError('invalid_authorization_details', resultCode, description, 'rfc9396#section-5')
}
