import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../../server/engine/protocol/parameters.ts'
import { parametersOfClaims } from '../../../server/engine/protocol/request-object-parameters.ts'

const read = (claims: Record<string, unknown>) => parseParameters(parametersOfClaims(claims))

describe('RFC 9101 §4: the claims of a request object are the parameters of the request', () => {
  it('given text, then it is kept as it is, whatever its characters', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'grapheme' })), (sent) => {
        const parameters = read({ ...sent, iss: 'x', aud: ['y'], exp: 1 })
        const expected = Object.entries(sent).filter(([name]) => !/^(iss|sub|aud|exp|nbf|iat|jti)$/.test(name))
        for (const [name, value] of expected) expect(parameters.get(name)).toBe(value)
        expect(parameters.repeated.size).toBe(0)
      }),
    )
  })

  it('given JSON, then it is the text that stands for it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = read({ claims: { userinfo: value } }).get('claims')
        expect(JSON.parse(text ?? '')).toEqual(JSON.parse(JSON.stringify({ userinfo: value })))
      }),
    )
  })

  it('given numbers and truth values, then they are digits and words', () => {
    const parameters = read({ max_age: 0, x: true, authorization_details: [{ type: 'a', __proto__: null }] })
    expect(['max_age', 'x', 'authorization_details'].map((name) => parameters.get(name))).toEqual([
      '0',
      'true',
      '[{"type":"a"}]',
    ])
  })

  it('RFC 8707 §2: given a list of resources, then each is one', () => {
    const resource = ['https://a.example', 'urn:b']
    expect(read({ resource }).getAll('resource')).toEqual(resource)
    expect(read({ resource: 'urn:b' }).getAll('resource')).toEqual(['urn:b'])
    // Of other parameters there is one value: a list is none that they could have.
    expect(read({ scope: ['openid'] }).get('scope')).toBe('["openid"]')
  })

  it('RFC 6749 §3.1: given nothing, then the parameter is left out', () => {
    expect(parametersOfClaims({ state: '', nonce: null, jti: 'x' })).toBe('')
  })
})
