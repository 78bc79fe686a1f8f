import { describe, expect, it } from 'vitest'
import { authorizationResponse } from '../../../server/engine/protocol/response-mode.ts'

const issuer = 'https://as.example'

describe('RFC 6749 §4.1.2: the authorization response in the query', () => {
  it('carries code, state and iss, RFC 9207 §2', () => {
    const { action, responseContent } = authorizationResponse(
      { redirectUri: 'https://app.example/cb', responseMode: 'query', state: 'xyz', issuer },
      { code: 'SplxlOBeZQQYbYS6WxSbIA' },
    )
    expect(action).toBe('LOCATION')
    expect(responseContent).toBe(
      'https://app.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz&iss=https%3A%2F%2Fas.example',
    )
  })

  it.each([
    ['https://app.example/cb?tenant=1', 'https://app.example/cb?tenant=1&code=c'],
    ['https://app.example/cb?', 'https://app.example/cb?code=c'],
    ['https://app.example/cb?a=1&', 'https://app.example/cb?a=1&code=c'],
    ['com.example.app:/cb', 'com.example.app:/cb?code=c'],
  ])('§3.1.2: the query of %s is kept', (redirectUri, expected) => {
    expect(authorizationResponse({ redirectUri, responseMode: 'query' }, { code: 'c' }).responseContent).toBe(expected)
  })

  it.each(['a b+c', '"><script>', 'ü€😀', '%00%0a', "'&=#?", '\u0000\n'])(
    'state %j comes back as it was sent',
    (state) => {
      const { responseContent } = authorizationResponse(
        { redirectUri: 'https://app.example/cb', responseMode: 'query', state },
        {},
      )
      expect(new URL(responseContent).searchParams.get('state')).toBe(state)
    },
  )
})

describe('OAuth 2.0 Multiple Response Types §2.1: the authorization response in the fragment', () => {
  it('carries the same, and leaves the query as it is', () => {
    const target = {
      redirectUri: 'https://app.example/cb?tenant=1',
      responseMode: 'fragment',
      state: 'a b',
      issuer,
    } as const
    expect(authorizationResponse(target, { code: 'c' })).toEqual({
      action: 'LOCATION',
      responseContent: 'https://app.example/cb?tenant=1#code=c&state=a%20b&iss=https%3A%2F%2Fas.example',
    })
  })
})

describe('OAuth 2.0 Form Post §2', () => {
  const hostile = '"><script>alert(1)</script>'
  const { action, responseContent } = authorizationResponse(
    { redirectUri: 'https://app.example/cb?a="1"', responseMode: 'form_post', state: hostile, issuer },
    { error: 'access_denied' },
  )

  it('is a page that posts to the redirect URI', () => {
    expect(action).toBe('FORM')
    expect(responseContent).toContain('<form method="post" action="https://app.example/cb?a=&quot;1&quot;">')
    expect(responseContent).toContain('<input type="hidden" name="error" value="access_denied">')
    expect(responseContent).toContain('<button type="submit">')
  })

  it('encodes every value', () => {
    expect(responseContent).not.toContain('<script>')
    expect(responseContent).toContain('value="&quot;&gt;&lt;script&gt;')
  })
})
