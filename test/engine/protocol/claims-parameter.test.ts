import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptedValues, parseClaimsParameter } from '../../../server/engine/protocol/claims-parameter.ts'
import { OAuthError } from '../../../server/engine/oauth-error.ts'

describe('OIDC Core §5.5: the claims parameter', () => {
  it('reads the example of the specification', () => {
    const claims = parseClaimsParameter(
      JSON.stringify({
        userinfo: { given_name: { essential: true }, nickname: null, 'http://example.info/claims/groups': null },
        id_token: { auth_time: { essential: true }, acr: { values: ['urn:mace:incommon:iap:silver'] } },
      }),
    )
    expect(claims).toEqual({
      userinfo: { given_name: { essential: true }, nickname: null, 'http://example.info/claims/groups': null },
      idToken: { auth_time: { essential: true }, acr: { values: ['urn:mace:incommon:iap:silver'] } },
    })
  })

  it.each([
    '',
    '[]',
    'null',
    '1',
    '{',
    '{"id_token":1}',
    '{"id_token":{"a":1}}',
    '{"userinfo":{"a":{"essential":"yes"}}}',
    '{"userinfo":{"a":{"values":1}}}',
    '{"userinfo":{"a":{"purpose":1}}}',
    '{"userinfo":{"a":{"purpose":"no"}}}',
    `{"userinfo":{"a":{"purpose":"${'x'.repeat(301)}"}}}`,
  ])('%s is refused with invalid_request', (text) => {
    expect(() => parseClaimsParameter(text)).toThrow(expect.objectContaining({ error: 'invalid_request' }))
  })

  it('a name of an object property is a name like any other', () => {
    expect(parseClaimsParameter('{"__proto__":{"id_token":{"x":null}}}')).toEqual({ idToken: {}, userinfo: {} })
  })

  it('given a purpose of 3 to 300 characters, then it is kept', () => {
    for (const purpose of ['Age', 'x'.repeat(300)]) {
      const text = JSON.stringify({ userinfo: { birthdate: { purpose } } })
      expect(parseClaimsParameter(text).userinfo).toEqual({ birthdate: { purpose } })
    }
  })

  it('reads value before values', () => {
    expect(acceptedValues({ value: 'a', values: ['b', 1, 'c'] })).toEqual(['a', 'b', 'c'])
    expect(acceptedValues(null)).toEqual([])
  })

  it('whatever is sent, nothing but a refusal is thrown', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          parseClaimsParameter(text)
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
