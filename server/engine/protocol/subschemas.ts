import { isJsonObject } from './json.ts'

/** Keywords with one schema, with a list of schemas, and with schemas by name. */
const keywords = {
  one: [
    ...['if', 'then', 'else', 'not', 'items', 'contains', 'unevaluatedItems', 'additionalProperties'],
    ...['propertyNames', 'unevaluatedProperties', 'contentSchema'],
  ],
  list: ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'],
  named: ['properties', 'patternProperties', 'dependentSchemas', 'dependencies', '$defs', 'definitions'],
} as const

/** A schema inside another one, and the keyword that it stands under. */
export interface Subschema {
  keyword: string
  schema: Record<string, unknown>
}

/** JSON Schema 2020-12 §8.2.3.1, §10 and §11: the schemas right inside a schema, and the one that it refers to. */
export function subschemasOf(schema: Record<string, unknown>, root: Record<string, unknown>): Subschema[] {
  const found: [keyword: string, schema: unknown][] = [
    ...keywords.one.map((keyword): [string, unknown] => [keyword, schema[keyword]]),
    ...keywords.list.flatMap((keyword) => listOf(schema[keyword]).map((inner): [string, unknown] => [keyword, inner])),
    ...keywords.named.flatMap((keyword) =>
      namedIn(schema[keyword]).map((inner): [string, unknown] => [keyword, inner]),
    ),
    ['$ref', findReferred(schema['$ref'], root)],
  ]
  return found.flatMap(([keyword, inner]) => (isJsonObject(inner) ? [{ keyword, schema: inner }] : []))
}

/** RFC 6901: what a reference within the same schema leads to. */
export function findReferred($ref: unknown, root: Record<string, unknown>): unknown {
  if (typeof $ref !== 'string') return undefined
  const names = $ref.split('/').slice(1)
  return names.reduce<unknown>((inner, name) => {
    const member = name.replaceAll('~1', '/').replaceAll('~0', '~')
    // §4: the entries of an array are named by their index.
    if (Array.isArray(inner)) return /^(0|[1-9]\d*)$/.test(member) ? listOf(inner)[Number(member)] : undefined
    return isJsonObject(inner) && Object.hasOwn(inner, member) ? inner[member] : undefined
  }, root)
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function namedIn(value: unknown): unknown[] {
  return isJsonObject(value) ? Object.values(value) : []
}
