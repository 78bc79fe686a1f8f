import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkNothingRepeated,
  parseFormText,
  parseParameters,
  parseWords,
} from '../../../server/engine/protocol/parameters.ts'
import { parseParameters as parseInFrontEnd } from '../../../server/form.ts'

describe('RFC 6749 §3.1: request parameters', () => {
  it('a parameter without a value counts as left out', () => {
    expect(parseParameters('scope=&state=x').get('scope')).toBeUndefined()
  })

  it('a parameter that is sent twice is refused, RFC 8707 resource excepted', () => {
    expect(() => {
      checkNothingRepeated(parseParameters('a=1&a=2'))
    }).toThrow(expect.objectContaining({ error: 'invalid_request' }))
    checkNothingRepeated(parseParameters('resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example&b=1'))
  })

  it('the first of two values is the one that is read, whatever became of the second', () => {
    expect(parseParameters('a=1&a=2').get('a')).toBe('1')
  })

  it('a question mark at the beginning belongs to the first name', () => {
    const parameters = parseParameters('?client_id=two&a=1')
    expect([parameters.get('client_id'), parameters.get('?client_id'), parameters.get('a')]).toEqual([
      undefined,
      'two',
      '1',
    ])
  })

  it('the front-end reads every text as the engine does: it must count guesses for the client that they are about', () => {
    const piece = fc.constantFrom(
      '?',
      '&',
      '=',
      '+',
      '%',
      '%26',
      '%3',
      '%00',
      '#',
      ';',
      '\uFEFF',
      'client_id',
      'a',
      'é',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(text, (sent) => {
        expect([...parseFormText(sent)]).toEqual([...parseInFrontEnd(sent)])
        const [inEngine, inFrontEnd] = [parseParameters(sent), parseInFrontEnd(sent)]
        const differing = [...inFrontEnd.keys()].filter((name) => (inEngine.get(name) ?? '') !== inFrontEnd.get(name))
        expect(differing).toEqual([])
      }),
    )
  })

  it.each(['__proto__', 'constructor', 'toString', 'foo[bar]'])('%s is a name like any other', (name) => {
    const parameters = parseParameters('x=1')
    expect(parameters.get(name)).toBeUndefined()
    expect(parseParameters(`${encodeURIComponent(name)}=1`).get(name)).toBe('1')
  })

  it.each([
    ['a text of more than 64 KiB', `a=${'x'.repeat(65_536)}`],
    ['more than 100 parameters', Array.from({ length: 101 }, (_, index) => `p${index}=1`).join('&')],
    ['a value of more than 8 KiB', `a=${'x'.repeat(8_193)}`],
  ])('%s is refused', (_, text) => {
    expect(() => parseParameters(text)).toThrow(expect.objectContaining({ error: 'invalid_request' }))
  })

  it('RFC 8707 §2: all values of resource, in order, without empty ones', () => {
    const parameters = parseParameters('resource=b%3A1&x=1&resource=&resource=a%3A1&resource=b%3A1')
    expect(parameters.getAll('resource')).toEqual(['b:1', 'a:1', 'b:1'])
    expect(parameters.getAll('none')).toEqual([])
    expect(parameters.only(new Set(['resource']))).toBe('resource=b%3A1&resource=&resource=a%3A1&resource=b%3A1')
  })

  it('RFC 9396 §2: authorization_details may be longer than other values, and has an end as well', () => {
    const parse = (characters: number) => parseParameters(`authorization_details=${'x'.repeat(characters)}`)
    expect(parse(32_768).get('authorization_details')).toHaveLength(32_768)
    expect(() => parse(32_769)).toThrow(expect.objectContaining({ error: 'invalid_request' }))
  })

  it('what is kept is what was named, as it was sent', () => {
    const kept = parseParameters('client_id=c&client_secret=s&state=a+b%2B&scope=x').only(
      new Set(['client_id', 'state', 'scope']),
    )
    expect(kept).toBe('client_id=c&state=a+b%2B&scope=x')
  })

  it('never throws anything but a refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parameters = parseParameters(text)
        expect(parameters.get('client_id')).not.toBe('')
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('RFC 6749 §3.3: lists of words', () => {
  it('keeps order, drops repetitions and spare spaces', () => {
    expect(parseWords(' b  a b ')).toEqual(['b', 'a'])
    expect(parseWords(undefined)).toEqual([])
  })
})
