import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { ApiFault } from './api-fault.ts'
import contract from './contract.json' with { type: 'json' }
import type { QuestionAt, Route } from './operation-table.ts'
import { parseFormText } from './protocol/parameters.ts'

/** A body as it came, with its media type. */
export interface RawBody {
  mediaType: string | null
  text: string
}

/**
 * Holds the bodies of one operation against the schema that spec/engine.yaml gives it, if it gives one. What passes has the type of the question;
 * what does not is refused with the member, what was expected there and what came, but never with the value: it may be a secret.
 */
export function questionParser<Key extends Route>(key: Key): (body: RawBody) => QuestionAt<Key> {
  const schemaName = schemaNames.get(key)
  let validate: ValidateFunction<QuestionAt<Key>> | undefined
  return (body) => {
    // Compiled with its first use: most processes never see most operations.
    validate ??= compile<QuestionAt<Key>>(schemaName)
    const value = schemaName === undefined ? undefined : withoutNulls(parseBody(body, schemaName), referTo(schemaName))
    if (validate(value)) {
      if (mayHoldNul(body.text)) checkNoNul(value)
      return value
    }
    throw new ApiFault(400, 'A126202', describe(validate.errors?.[0]))
  }
}

const schemaNames: ReadonlyMap<string, string | undefined> = new Map(
  contract.operations.map((operation) => [
    `${operation.method} ${operation.path}`,
    'body' in operation ? operation.body : undefined,
  ]),
)

const ajv = new Ajv2020({
  // A member that the contract does not know is ignored, so nothing may find it later.
  removeAdditional: 'all',
  verbose: true,
  formats: {
    int32: { type: 'number', validate: (value: number) => Math.abs(value) < 2 ** 31 },
    // Numbers beyond 2^53 are not what was sent any more.
    int64: { type: 'number', validate: Number.isSafeInteger },
  },
  schemas: [{ $id: 'contract', components: { schemas: contract.schemas } }],
  strictTypes: false,
})
ajv.addVocabulary(['components'])
// Of its own, Ajv would remove what an object that is closed by the contract does not know, as it does elsewhere. There it is refused:
// an element that says less than was sent may allow more.
ajv.removeKeyword('additionalProperties').addKeyword({
  keyword: 'additionalProperties',
  type: 'object',
  schemaType: 'boolean',
  before: 'properties',
  validate: (isOpen: boolean, data: object, parentSchema: unknown) =>
    isOpen || unknownMember(data, parentSchema) === undefined,
})

function unknownMember(data: unknown, schema: unknown): string | undefined {
  return Object.keys(isObject(data) ? data : {}).find((name) => !membersOf(schema).includes(name))
}

function membersOf(schema: unknown): string[] {
  return isObject(schema) && isObject(schema['properties']) ? Object.keys(schema['properties']) : []
}

/** An operation without a body is asked nothing, and everything passes for that. */
function compile<Question>(schemaName: string | undefined): ValidateFunction<Question> {
  return ajv.compile<Question>(schemaName === undefined || { $ref: `contract#/components/schemas/${schemaName}` })
}

function parseBody({ mediaType, text }: RawBody, schemaName: string): unknown {
  if (text.trim() === '') throw new ApiFault(400, 'A126203', 'the body is missing')
  const sent = mediaType?.split(';')[0]?.trim().toLowerCase()
  if (sent === json) return parseJson(text)
  // A list has no member that a form could name.
  const isList = resolve(referTo(schemaName))['type'] === 'array'
  if (sent === form && !isList) return parseForm(text, schemaName)
  throw new ApiFault(400, 'A901204', `the Content-Type must be ${isList ? json : `${json} or ${form}`}`)
}

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

/** A quick look, so that most bodies need no second one: NUL is `\u0000` in JSON, and `%00` or itself in a form. */
function mayHoldNul(text: string): boolean {
  return text.includes('\\u0000') || text.includes('%00') || text.includes('\0')
}

/**
 * No member means anything with a NUL in it, and PostgreSQL keeps none: told here, it is not a failure there. `parameters` is what an
 * application sent, unread: the operation tells the application what is wrong with it, not the front-end.
 */
function checkNoNul(value: unknown, member = ''): void {
  if (typeof value === 'string' && value.includes('\0')) {
    throw new ApiFault(400, 'A126202', `${member} holds the character NUL, which no member may have`)
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    if (name !== 'parameters') checkNoNul(inner, `${member}/${name}`)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiFault(400, 'A126202', 'the body is not well-formed JSON')
  }
}

/**
 * A member that is null counts as left out, unless the contract gives null a meaning there; so do the members of its members. In a body
 * that is a list, that holds for each element.
 */
function withoutNulls(value: unknown, schema: unknown, depth = 1): unknown {
  if (Array.isArray(value) && depth === 1) {
    const { items } = resolve(schema)
    // An element that is a list itself is what it should not be, however deep it goes.
    return value.map((element: unknown) => (isObject(element) ? withoutNulls(element, items) : element))
  }
  if (!isObject(value)) return value
  const properties = propertiesOf(schema)
  const schemaOf = (member: string) => (Object.hasOwn(properties, member) ? properties[member] : undefined)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([member, inner]) => inner !== null || allowsNull(schemaOf(member)))
      .map(([member, inner]) => [member, depth > 0 ? withoutNulls(inner, schemaOf(member), depth - 1) : inner]),
  )
}

function allowsNull(schema: unknown): boolean {
  const { type } = resolve(schema)
  return Array.isArray(type) && type.includes('null')
}

/** A form carries text only: what a value means follows from the type of its member. Nested members have no form. */
function parseForm(text: string, schemaName: string): Record<string, unknown> {
  const properties = propertiesOf(referTo(schemaName))
  const values = new Map<string, unknown>()
  for (const [member, value] of parseFormText(text)) {
    if (values.has(member)) throw new ApiFault(400, 'A126202', `${pointerTo(member)} is sent more than once`)
    if (Object.hasOwn(properties, member)) values.set(member, parseFormValue(member, value, properties[member]))
  }
  return Object.fromEntries(values)
}

function parseFormValue(member: string, value: string, schema: unknown): unknown {
  switch (formTypeOf(schema)) {
    case 'integer':
      return /^-?\d{1,16}$/.test(value) ? Number(value) : value
    case 'boolean':
      return value === 'true' || (value === 'false' ? false : value)
    case 'array':
      return value.split(' ').filter((word) => word !== '')
    case 'nested':
      throw new ApiFault(400, 'A126202', `${pointerTo(member)} is not taken from a form; send JSON`)
    default:
      return value
  }
}

function formTypeOf(schema: unknown): string {
  const { type: named, items, oneOf } = resolve(schema)
  // A form has no null, so the other type of the member decides.
  const type: unknown = Array.isArray(named) ? named.find((name) => name !== 'null') : named
  // Of several shapes, a form can carry the one that is text.
  if (Array.isArray(oneOf)) return 'string'
  if (type === 'object') return 'nested'
  if (type === 'array') return formTypeOf(items) === 'string' ? 'array' : 'nested'
  return typeof type === 'string' ? type : 'string'
}

function referTo(schemaName: string): object {
  return { $ref: `#/components/schemas/${schemaName}` }
}

function propertiesOf(schema: unknown): Record<string, unknown> {
  const { properties } = resolve(schema)
  return isObject(properties) ? properties : {}
}

function resolve(schema: unknown): Record<string, unknown> {
  if (!isObject(schema)) return {}
  const { $ref } = schema
  if (typeof $ref !== 'string') return schema
  const schemas: Record<string, unknown> = contract.schemas
  return resolve(schemas[$ref.split('/').pop() ?? ''])
}

/** `/member is expected to be …, and … came`: the first thing that is wrong. */
function describe(error: ErrorObject | undefined): string {
  if (!error) return 'the body is not as the contract says'
  if (error.keyword === 'required') {
    return `${error.instancePath}/${String(error.params['missingProperty'])} is missing`
  }
  if (error.keyword === 'additionalProperties') {
    const name = pointerTo(unknownMember(error.data, error.parentSchema) ?? '')
    return `${error.instancePath}${name} is not known there; the members are ${membersOf(error.parentSchema).join(', ')}`
  }
  const where = error.instancePath === '' ? 'the body' : error.instancePath
  return `${where} is expected to be ${expectationOf(error)}, and ${kindOf(error.data)} came`
}

function expectationOf({ keyword, params, schema }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return `of the type ${String(params['type'])}`
    case 'enum':
      return `one of ${Array.isArray(schema) ? schema.join(', ') : 'the values of the contract'}`
    case 'pattern':
      return `a string that matches ${String(params['pattern'])}`
    case 'minLength':
    case 'maxLength':
      return `a string of ${keyword === 'minLength' ? 'at least' : 'at most'} ${String(params['limit'])} characters`
    case 'minItems':
    case 'maxItems':
      return `an array of at ${keyword === 'minItems' ? 'least' : 'most'} ${String(params['limit'])} elements`
    case 'maximum':
      return `at most ${String(params['limit'])}`
    case 'minimum':
      return `at least ${String(params['limit'])}`
    case 'format':
      return `a number that fits ${String(params['format'])}`
    default:
      return 'as the contract says'
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  return `a ${typeof value}`
}

/** RFC 6901: names a member without letting it look like anything else. */
function pointerTo(member: string): string {
  return `/${member.replaceAll(/[^A-Za-z0-9_.-]/g, '?').slice(0, 100)}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
