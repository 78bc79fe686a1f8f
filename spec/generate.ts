/**
 * `npm run generate`: makes what follows from spec/engine.yaml: the types of the SDK, and the schemas that the engine
 * holds every body against. Generating again changes nothing; `npm run check` makes sure of it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import openapiTypescript, { astToString } from 'openapi-typescript'
import * as prettier from 'prettier'
import { parse } from 'yaml'

const methods = ['get', 'post', 'put', 'delete'] as const
const specification = new URL('./engine.yaml', import.meta.url)
const notice = 'Generated from spec/engine.yaml by `npm run generate`. Change the specification instead.'

await write(
  '../sdk/schema.ts',
  `/** ${notice} */\n\n${astToString(await openapiTypescript(specification, { alphabetize: true }))}`,
)
await write('../server/engine/contract.json', JSON.stringify(await contract()))

/** The operations with the schemas of their bodies: `$ref` still points into `components`. */
async function contract(): Promise<object> {
  const document: unknown = parse(await readFile(specification, 'utf8'))
  if (!isSpecification(document)) throw new Error('spec/engine.yaml has no paths or no schemas.')
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method]
      if (!operation) return []
      const body = operation.requestBody?.content['application/json']?.schema
      return [
        {
          method: method.toUpperCase(),
          path,
          operationId: operation.operationId,
          right: operation['x-right'],
          body: body?.$ref.split('/').pop(),
        },
      ]
    }),
  )
  const schemas: Record<string, unknown> = {}
  for (const { body } of operations) if (body) collect(body, document.components.schemas, schemas)
  return { notice, operations, schemas }
}

/** Takes a schema and all that it refers to. */
function collect(name: string, from: Record<string, unknown>, into: Record<string, unknown>): void {
  if (name in into) return
  const schema = withoutProse(from[name])
  into[name] = schema
  for (const [, reference] of JSON.stringify(schema).matchAll(/#\/components\/schemas\/(\w+)/g)) {
    if (reference) collect(reference, from, into)
  }
}

interface SpecificationDocument {
  paths: Record<string, Partial<Record<(typeof methods)[number], SpecificationOperation>>>
  components: { schemas: Record<string, unknown> }
}

function isSpecification(document: unknown): document is SpecificationDocument {
  return typeof document === 'object' && document !== null && 'paths' in document && 'components' in document
}

interface SpecificationOperation {
  operationId: string
  'x-right'?: string
  requestBody?: { content: Record<string, { schema: { $ref: string } }> }
}

/** Descriptions are for readers of the specification; a validator has no use for them. */
function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProse)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === 'description' && typeof inner === 'string'))
      .map(([key, inner]) => [key, withoutProse(inner)]),
  )
}

async function write(target: string, text: string): Promise<void> {
  const file = new URL(target, import.meta.url)
  const options = await prettier.resolveConfig(file)
  await writeFile(file, await prettier.format(text, { ...options, filepath: file.pathname }))
}
