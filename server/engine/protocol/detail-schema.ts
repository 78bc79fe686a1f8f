import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { RegisteredService } from '../registry.ts'
import { isDate, isDateTime } from './date-text.ts'
import { parseJsonObject } from './json.ts'
import type { Place } from './narrowing.ts'
import { checkNarrowings, narrowings, rootOf } from './narrowing.ts'
import { compileSearch } from './pattern.ts'
import { subschemasOf } from './subschemas.ts'
import { isUri } from './uri.ts'

/** The attribute of a service that holds the schema of a type of authorization details, JSON Schema 2020-12 as text. */
export const schemaAttribute = 'authorization_details.schema.'

/** RFC 9396 §2: the rules of one type of authorization details. */
export interface DetailSchema {
  /** What is wrong with an element; undefined when nothing is. */
  problemOf(detail: object): string | undefined
  /** How its members may be narrowed. */
  root: Place
}

/** A type without a schema has the rules of RFC 9396 §2.2 alone. */
const withoutRules: DetailSchema = { problemOf: () => undefined, root: rootOf(undefined) }

/** Compiled once for as long as the service stays as it is. */
const compiled = new WeakMap<RegisteredService, ReadonlyMap<string, DetailSchema>>()

/** RFC 9396 §2: the rules that the service has for a type. */
export function detailSchemaOf(service: RegisteredService, type: string): DetailSchema {
  const schemas = compiled.get(service) ?? compileSchemas(service)
  compiled.set(service, schemas)
  return schemas.get(type) ?? withoutRules
}

function compileSchemas({ settings }: RegisteredService): ReadonlyMap<string, DetailSchema> {
  const texts = (settings.attributes ?? []).filter(({ key }) => key.startsWith(schemaAttribute))
  return new Map(texts.map(({ key, value }) => [key.slice(schemaAttribute.length), compileDetailSchema(value)]))
}

/** Holds schemas against JSON Schema itself. Its first use is costly, and it keeps nothing of what it looks at. */
const metaschema = makeAjv()

/** An Ajv keeps parts of all that it ever compiled. So each schema has one of its own, which goes when the schema goes. */
function makeAjv(options: { meta?: boolean; validateSchema?: boolean } = {}): Ajv2020 {
  const ajv = new Ajv2020({
    addUsedSchema: false,
    // Members that every object inherits are not members of what was sent.
    ownProperties: true,
    logger: false,
    strictTypes: false,
    strictTuples: false,
    formats: { date: isDate, 'date-time': isDateTime, uri: isUri },
    // Each pattern is known by its toString(), which RE2 patterns have.
    code: { regExp: Object.assign((source: string) => compileSearch(source), { code: 'compileSearch' }) },
    ...options,
  })
  ajv.addKeyword({ keyword: 'x-narrowing', schemaType: 'string', metaSchema: { enum: narrowings } })
  return ajv
}

/** JSON Schema 2020-12: reads the schema of a type. Throws a plain Error that says what is wrong with it. */
export function compileDetailSchema(text: string): DetailSchema {
  const schema = parseJsonObject(text)
  if (!schema) throw new Error('a JSON Schema as text is expected')
  const validate = compile(schema)
  return { problemOf: (detail) => problemOf(detail, validate), root: rootOf(schema) }
}

function compile(schema: Record<string, unknown>): ValidateFunction {
  try {
    checkKeywords(schema)
    void metaschema.validateSchema(schema, true)
    checkNarrowings(schema)
    const validate = makeAjv({ meta: false, validateSchema: false }).compile(schema)
    // A schema that is made of itself alone shows here, and not when somebody asks for it.
    const outcome: unknown = validate({})
    if (typeof outcome !== 'boolean') throw new Error('it does not say at once whether an element is good')
    return validate
  } catch (error) {
    throw error instanceof RangeError ? new Error(endless) : error
  }
}

const endless = 'it is nested too deeply, or refers to itself without end'

function problemOf(detail: object, validate: ValidateFunction): string | undefined {
  try {
    const outcome: unknown = validate(detail)
    return outcome === true ? undefined : describe(validate.errors?.[0])
  } catch (error) {
    // A schema may go round in circles for some elements only: nobody can say that they are good.
    if (error instanceof RangeError) return `it cannot be held against the schema of its type: ${endless}`
    throw error
  }
}

/** What would make a schema depend on something else than itself, or answer later than asked. */
const refusedKeywords = ['$id', '$async', '$recursiveRef', '$recursiveAnchor', '$dynamicRef', '$dynamicAnchor']

/** A schema stands on its own: what it took from elsewhere could change under it, or be anything. */
function checkKeywords(root: Record<string, unknown>): void {
  const seen = new Set<object>()
  const visit = (schema: Record<string, unknown>): void => {
    if (seen.has(schema)) return
    seen.add(schema)
    const refused = refusedKeywords.find((keyword) => Object.hasOwn(schema, keyword))
    if (refused !== undefined) throw new Error(`${refusedKeywords.join(', ')} are not taken, and ${refused} is there`)
    const { $ref } = schema
    if (typeof $ref === 'string' && !/^#(\/[A-Za-z0-9_.~$-]+)+$/.test($ref)) {
      throw new Error('a $ref leads to a place in the same schema, such as #/$defs/amount')
    }
    for (const inner of subschemasOf(schema, root)) visit(inner.schema)
  }
  visit(root)
}

/** `/member: what was expected`. Names that a client made up are shown without what could mislead, and values never. */
function describe(error: ErrorObject | undefined): string {
  if (!error) return 'it is not as the schema of its type says'
  const { keyword, instancePath, params, message = 'not as the schema of its type says' } = error
  switch (keyword) {
    case 'required':
      return `${shown(`${instancePath}/${String(params['missingProperty'])}`)} is missing`
    case 'additionalProperties':
      return `${shown(`${instancePath}/${String(params['additionalProperty'])}`)} is no member of this type`
    case 'unevaluatedProperties':
      return `${shown(`${instancePath}/${String(params['unevaluatedProperty'])}`)} is no member of this type`
    case 'type':
      return `${place(instancePath)} is expected to be of the type ${String(params['type'])}`
    case 'enum':
      return `${place(instancePath)} is expected to be one of ${JSON.stringify(params['allowedValues'])}`
    case 'const':
      return `${place(instancePath)} is expected to be ${JSON.stringify(params['allowedValue'])}`
    case 'format':
      return `${place(instancePath)} is expected to have the format ${String(params['format'])}`
    case 'pattern':
      // The pattern itself would not survive an error_description, RFC 6749 §5.2.
      return `${place(instancePath)} does not have the expected form`
    default:
      return `${place(instancePath)} ${message}`
  }
}

function place(instancePath: string): string {
  return instancePath === '' ? 'the element' : shown(instancePath)
}

function shown(pointer: string): string {
  return pointer.replaceAll(/[^A-Za-z0-9_./#-]/g, '?').slice(0, 80)
}
