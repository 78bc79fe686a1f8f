import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../../server/engine/protocol/parameters.ts'
import { narrowResources, parseResources } from '../../../server/engine/protocol/resource.ts'
import { serviceWith } from './registered.ts'

const parseAt = (service: ReturnType<typeof serviceWith>, ...resources: string[]) =>
  parseResources(
    parseParameters(new URLSearchParams(resources.map((value): [string, string] => ['resource', value])).toString()),
    service,
  )

const parse = (...resources: string[]) => parseAt(serviceWith({}), ...resources)

const refusal = (resultCode: string): unknown => expect.objectContaining({ error: 'invalid_target', resultCode })

describe('RFC 8707 §2: resource', () => {
  it('given none, then none', () => {
    expect(parse()).toEqual([])
    expect(parse('')).toEqual([])
  })

  it('given several, then each once, in their order', () => {
    expect(parse('https://b.example/', 'https://a.example', 'https://b.example/')).toEqual([
      'https://b.example/',
      'https://a.example',
    ])
  })

  it.each(['https://api.example/app?tenant=1', 'http://localhost:3002', 'urn:example:bank', 'https://[::1]:8443/x'])(
    'given %s, which is absolute, then it is taken as it is',
    (resource) => {
      expect(parse(resource)).toEqual([resource])
    },
  )

  it.each(['https://api.example/#', 'https://api.example/#x', '#x'])(
    'given %s with a fragment, then A251308',
    (uri) => {
      expect(() => parse(uri)).toThrow(refusal('A251308'))
    },
  )

  it.each([
    '/api',
    'api.example',
    '//api.example',
    'https:',
    'https:api.example',
    'https:///api',
    'https://api.example/a b',
    'https://api.exämple',
    'https://api.example/\\',
    '1urn:x',
    'https://api.example/"',
    `https://api.example/${'x'.repeat(1_000)}`,
  ])('given %j, which is not absolute, then A251307', (resource) => {
    expect(() => parse('https://good.example', resource)).toThrow(refusal('A251307'))
  })

  it('given a service that names its resources, then those and the issuer are taken, and no other', () => {
    const service = serviceWith({
      attributes: [
        { key: 'resource.name:https://api.example/', value: 'The API' },
        { key: 'other', value: 'x' },
      ],
    })
    const known = ['https://api.example/', service.issuer]
    expect(parseAt(service, ...known)).toEqual(known)
    for (const other of ['https://api.example', `${service.issuer}/`, 'urn:x:y']) {
      expect(() => parseAt(service, known[0] ?? '', other)).toThrow(refusal('A951303'))
    }
  })

  it('given more than 20, then it is refused', () => {
    const many = Array.from({ length: 21 }, (_, index) => `https://api.example/${index}`)
    expect(parse(...many.slice(1))).toHaveLength(20)
    expect(() => parse(...many)).toThrow(refusal('A951301'))
  })
})

describe('RFC 8707 §2.2: what a token is good for', () => {
  const [a, b] = ['https://a.example', 'https://b.example']

  it('given no wish, then what was granted', () => {
    expect(narrowResources([a, b], [])).toEqual([a, b])
    expect(narrowResources(undefined, [])).toBeUndefined()
  })

  it('given a wish within what was granted, then the wish', () => {
    expect(narrowResources([a, b], [b])).toEqual([b])
  })

  it('given no limit, then the wish is the limit', () => {
    expect(narrowResources(undefined, [a])).toEqual([a])
  })

  it('given a wish beyond what was granted, then invalid_target', () => {
    expect(() => narrowResources([a], [a, b])).toThrow(refusal('A951302'))
    expect(() => narrowResources([], [a])).toThrow(refusal('A951302'))
    expect(() => narrowResources([a], ['https://a.example/'])).toThrow(refusal('A951302'))
  })

  it('given whatever is asked, one request after another, then nothing is ever added', () => {
    const lists = fc.uniqueArray(fc.constantFrom('a:1', 'a:2', 'a:3', 'a:4'))
    fc.assert(
      fc.property(lists, fc.array(lists), (granted, wishes) => {
        for (const asked of wishes) {
          try {
            const narrowed = narrowResources(granted, asked)
            expect(granted).toEqual(expect.arrayContaining(narrowed ?? ['unlimited']))
          } catch (error) {
            expect(error).toMatchObject({ error: 'invalid_target' })
          }
        }
      }),
    )
  })
})
