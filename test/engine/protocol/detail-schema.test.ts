import { describe, expect, it } from 'vitest'
import { compileDetailSchema } from '../../../server/engine/protocol/detail-schema.ts'

const problemOf = (schema: object, detail: object) => compileDetailSchema(JSON.stringify(schema)).problemOf(detail)

describe('JSON Schema 2020-12: the rules of a type', () => {
  it('given a schema with definitions, then a reference within it is followed', () => {
    const schema = { properties: { n: { $ref: '#/$defs/count' } }, $defs: { count: { type: 'integer' } } }
    expect(problemOf(schema, { n: 1 })).toBeUndefined()
    expect(problemOf(schema, { n: 'x' })).toBe('/n is expected to be of the type integer')
  })

  it('given two patterns, then each is held against its own member', () => {
    const schema = { properties: { a: { pattern: '^a+$' }, b: { pattern: '^b+$' } } }
    expect(problemOf(schema, { a: 'aa', b: 'bb' })).toBeUndefined()
    expect(problemOf(schema, { a: 'bb', b: 'bb' })).toBe('/a does not have the expected form')
    expect(problemOf(schema, { a: 'aa', b: 'aa' })).toBe('/b does not have the expected form')
  })

  it('given a pattern that makes RegExp slow, when the text is hostile, then there is an answer', () => {
    expect(problemOf({ properties: { a: { pattern: '^(a+)+$' } } }, { a: `${'a'.repeat(30_000)}b` })).toContain('/a')
  })

  it('given enum, const and unevaluatedProperties, then the sentence names what is expected', () => {
    expect(problemOf({ properties: { a: { enum: ['x', 'y'] } } }, { a: 1 })).toBe(
      '/a is expected to be one of ["x","y"]',
    )
    expect(problemOf({ properties: { a: { const: 1 } } }, { a: 2 })).toBe('/a is expected to be 1')
    expect(problemOf({ unevaluatedProperties: false }, { a: 2 })).toBe('/a is no member of this type')
    expect(problemOf({ minProperties: 1 }, {})).toBe('the element must NOT have fewer than 1 properties')
  })

  it.each<[string, string, RegExp]>([
    ['nesting without end', `${'{"allOf":['.repeat(100_000)}{}${']}'.repeat(100_000)}`, /nested too deeply/],
    ['no JSON', '{', /as text is expected/],
    ['no object', 'true', /as text is expected/],
    ['a word that JSON Schema does not have', '{"requird":["a"]}', /unknown keyword/],
    ['a type that there is not', '{"type":"text"}', /schema is invalid/],
    ['another draft', '{"$schema":"http://json-schema.org/draft-07/schema#"}', /no schema with key or ref/],
    ['a format that is not checked', '{"properties":{"a":{"type":"string","format":"iban"}}}', /unknown format/],
    ['a pattern that is not RE2', '{"properties":{"a":{"pattern":"(?=a)"}}}', /not an RE2 pattern/],
    ['a way to narrow that there is not', '{"properties":{"a":{"x-narrowing":"less"}}}', /x-narrowing/],
    ['a reference elsewhere', '{"$ref":"https://evil.example/schema"}', /in the same schema/],
    ['a reference to a file', '{"items":[],"allOf":[{"$ref":"other.json#/a"}]}', /in the same schema/],
    ['a reference to nothing', '{"$ref":"#/$defs/nothing"}', /resolve reference/],
    ['a reference to itself', '{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a"}}}', /without end/],
    ['a base of its own', '{"$id":"https://as.example/x"}', /\$id/],
    ['a dynamic reference', '{"$dynamicRef":"#x"}', /dynamicRef/],
    ['a dynamic anchor', '{"$defs":{"a":{"$dynamicAnchor":"x"}}}', /\$dynamicAnchor is there/],
    ['a recursive reference', '{"if":{"required":["x"]},"then":{"$recursiveRef":"#"}}', /\$recursiveRef is there/],
    ['a recursive anchor', '{"items":{"$recursiveAnchor":true}}', /\$recursiveAnchor is there/],
    ['an answer that comes later', '{"$async":true,"type":"object"}', /\$async is there/],
    ['an answer that comes later, said otherwise', '{"$async":{}}', /\$async is there/],
    ['an answer that comes later inside', '{"properties":{"a":{"$async":true}}}', /\$async is there/],
    ['one behind a reference to data', '{"const":{"$async":true},"$ref":"#/const"}', /\$async is there/],
    [
      'x-narrowing of what a pattern names',
      '{"patternProperties":{"^x":{"x-narrowing":"fixed"}}}',
      /patternProperties/,
    ],
    ['x-narrowing of other members', '{"additionalProperties":{"x-narrowing":"fixed"}}', /additionalProperties/],
    ['x-narrowing of entries', '{"properties":{"a":{"items":{"x-narrowing":"fixed"}}}}', /under items/],
    ['x-narrowing of entries by their place', '{"prefixItems":[{"x-narrowing":"fixed"}]}', /prefixItems/],
    [
      'x-narrowing that depends on a member',
      '{"dependentSchemas":{"a":{"properties":{"b":{"x-narrowing":"fixed"}}}}}',
      /dependentSchemas/,
    ],
    [
      'x-narrowing behind a reference from where it is not read',
      '{"additionalProperties":{"$ref":"#/$defs/a"},"$defs":{"a":{"x-narrowing":"fixed"}}}',
      /additionalProperties/,
    ],
  ])('given %s, then an error says what is wrong', (_, text, message) => {
    expect(() => compileDetailSchema(text)).toThrow(message)
  })

  it('given a schema that goes in circles for some elements, then those are refused, and nothing breaks', () => {
    const schema = {
      $defs: { a: { if: { required: ['x'] }, then: { $ref: '#/$defs/a' } } },
      $ref: '#/$defs/a',
    }
    expect(problemOf(schema, { y: 1 })).toBeUndefined()
    expect(problemOf(schema, { x: 1 })).toMatch(/refers to itself without end/)
  })

  it('given x-narrowing that is read, through allOf, conditions and references, then it is taken', () => {
    const amount = { 'x-narrowing': 'atMost' }
    const schema = {
      allOf: [{ properties: { a: amount } }],
      if: { properties: { b: amount } },
      then: { properties: { d: amount } },
      properties: { c: { $ref: '#/$defs/amount' }, 'x-narrowing': { type: 'string' } },
      $defs: { amount },
    }
    expect(problemOf(schema, { a: 1 })).toBeUndefined()
  })

  it('given the same schema twice, then both are read', () => {
    const text = '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}'
    compileDetailSchema(text)
    expect(compileDetailSchema(text).problemOf({})).toBeUndefined()
  })

  it('given members called $id, $ref and x-narrowing, then they are members', () => {
    const schema = { properties: { $ref: { type: 'string' }, $id: { type: 'string' } } }
    expect(problemOf(schema, { $ref: 'x' })).toBeUndefined()
    expect(problemOf(schema, { $id: 1 })).toBe('/?id is expected to be of the type string')
  })
})
