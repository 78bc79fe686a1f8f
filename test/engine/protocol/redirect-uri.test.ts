import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findRedirectUri } from '../../../server/engine/protocol/redirect-uri.ts'

const registered = [
  'https://app.example/cb',
  'https://app.example/cb?tenant=1',
  'http://127.0.0.1:49152/cb',
  'com.example.app:/cb',
]

describe('RFC 9700 §4.1.3: redirect URIs are compared as plain strings', () => {
  it.each(registered)('%s is found', (uri) => {
    expect(findRedirectUri(uri, registered, false)).toBe(uri)
  })

  it.each([
    'https://app.example/cb/',
    'https://app.example/cb?',
    'https://app.example/cb#',
    'https://app.example/CB',
    'https://APP.example/cb',
    'https://app.example:443/cb',
    'https://app.example//cb',
    'https://app.example/./cb',
    'https://app.example/x/../cb',
    'https://app.example/%63b',
    'https://app.example/cb%00',
    'https://app.example/cb ',
    ' https://app.example/cb',
    'https://app.example/cb\n',
    'https://app.example/cb;x',
    'https://app.example/cb..;/',
    'https://app.example/cb?tenant=1&x=2',
    'https://app.example/cb?tenant=2',
    'https://user@app.example/cb',
    'https://app.example@evil.example/cb',
    'https://app.example.evil.example/cb',
    'https://evil.example/https://app.example/cb',
    'https://app.example\\@evil.example/cb',
    'https://app.exampl\u0435/cb',
    'http://app.example/cb',
    '//app.example/cb',
    '/cb',
    'https://app.example',
    'javascript:alert(1)//https://app.example/cb',
    'com.example.app:/cb/../x',
    'com.example.app://cb',
    'com.example.app.evil:/cb',
    '*',
    '',
  ])('%j is not', (uri) => {
    expect(findRedirectUri(uri, registered, true)).toBeUndefined()
  })
})

describe('RFC 8252 §7.3: the port of a loopback redirect URI may vary', () => {
  it.each(['http://127.0.0.1:1/cb', 'http://127.0.0.1:65535/cb', 'http://127.0.0.1/cb'])(
    '%s is accepted where the service says so',
    (uri) => {
      expect(findRedirectUri(uri, registered, true)).toBe(uri)
      expect(findRedirectUri(uri, registered, false)).toBeUndefined()
    },
  )

  it.each([
    'http://127.0.0.1:1@evil.example/cb',
    'http://127.0.0.1.evil.example:1/cb',
    'http://127.0.0.1:1.evil.example/cb',
    'http://127.0.0.1:99999/cb',
    'http://127.0.0.1:1/other',
    'http://127.0.0.1:1/cb#x',
    'http://127.0.0.2:1/cb',
    'http://localhost:1/cb',
    'https://127.0.0.1:1/cb',
    'http://0x7f.1:1/cb',
    'http://2130706433:1/cb',
  ])('%s is not', (uri) => {
    expect(findRedirectUri(uri, registered, true)).toBeUndefined()
  })

  it('nothing that differs in more than a loopback port is ever accepted', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (uri) => {
        expect(findRedirectUri(uri, registered, true)).toBe(registered.includes(uri) ? uri : undefined)
      }),
      { numRuns: 2_000 },
    )
  })
})
