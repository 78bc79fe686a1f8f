import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

interface PropertySchema {
  $ref?: string
  type?: string
  enum?: readonly string[]
  items?: PropertySchema
  oneOf?: readonly PropertySchema[]
  readOnly?: boolean
}

interface SpecificationDocument {
  components: { schemas: Record<string, PropertySchema & { properties?: Record<string, PropertySchema> }> }
}

const document = readSpecification(new URL('../../spec/engine.yaml', import.meta.url))

/** The members of Service or Client, as spec/engine.yaml has them. */
export function membersOf(schema: 'Service' | 'Client'): Record<string, PropertySchema> {
  return document.components.schemas[schema]?.properties ?? {}
}

/** A value that switches something on, whatever it is. */
export function switchingOn(schema: PropertySchema | undefined): unknown {
  const { $ref, type, enum: values, items, oneOf } = schema ?? {}
  if ($ref !== undefined) return switchingOn(document.components.schemas[$ref.split('/').pop() ?? ''])
  if (oneOf) return switchingOn(oneOf[0])
  if (values) return values[0]
  switch (type ?? '') {
    case 'boolean':
      return true
    case 'integer':
      return 1
    case 'array':
      return [switchingOn(items)]
    case 'object':
      return { key: 'x', value: 'x', name: 'x', uri: 'https://x.example' }
    default:
      return 'x'
  }
}

/** Values that switch nothing on. */
export function switchingOff(schema: PropertySchema | undefined): unknown[] {
  const { $ref, type, enum: values, oneOf } = schema ?? {}
  if ($ref !== undefined || oneOf || values || type === 'object') return [null]
  switch (type ?? '') {
    case 'boolean':
      return [false, null]
    case 'integer':
      return [0, null]
    case 'array':
      return [[], null]
    default:
      return ['', null]
  }
}

function readSpecification(file: URL): SpecificationDocument {
  const isDocument = (value: unknown): value is SpecificationDocument =>
    typeof value === 'object' && value !== null && 'components' in value
  const value: unknown = parse(readFileSync(file, 'utf8'))
  if (isDocument(value)) return value
  throw new Error('spec/engine.yaml has no components.')
}
