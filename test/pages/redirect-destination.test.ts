import { describe, expect, it } from 'vitest'
import { destinationOf } from '../../server/redirect-destination.ts'

/** The host as the page writes it, with the emphasised part in brackets. */
function written(redirectUri: string): string {
  const destination = destinationOf(redirectUri)
  return destination.kind === 'web'
    ? `${destination.subdomains}[${destination.registrable}]${destination.port}`
    : JSON.stringify(destination)
}

describe('RFC 8252 §7: where a redirect URI leads', () => {
  it.each([
    ['https://app.example.com/callback', 'app.[example.com]'],
    ['https://example.com:8443/', '[example.com]:8443'],
    ['http://intranet.example.com/', 'intranet.[example.com]'],
    ['https://login.example.co.uk/', 'login.[example.co.uk]'],
    ['https://example.com.attacker.net/', 'example.com.[attacker.net]'],
    ['https://example.com@attacker.net/', '[attacker.net]'],
    ['https://shop.github.io/', '[shop.github.io]'],
    ['https://203.0.113.7/', '[203.0.113.7]'],
    ['https://[2001:db8::1]:444/', '[[2001:db8::1]]:444'],
    ['https://intranet/', '[intranet]'],
  ])('%s is written %s', (redirectUri, text) => {
    expect(written(redirectUri)).toBe(text)
  })

  it('letters of one script are readable; of several, they are written in ASCII', () => {
    expect(written('https://xn--bcher-kva.example/')).toBe('[bücher.example]')
    expect(written('https://xn--80ak6aa92e.com/')).toBe('[xn--80ak6aa92e.com]')
  })

  it.each(['http://127.0.0.1:53127/', 'http://localhost:53127/callback', 'http://[::1]:53127/'])(
    '§7.3: %s is an app on this device',
    (redirectUri) => {
      expect(destinationOf(redirectUri)).toEqual({ kind: 'loopback', port: '53127' })
    },
  )

  it('§7.3: a name that only begins like a loopback address is a web site', () => {
    expect(written('https://127.0.0.1.example.com/')).toBe('127.0.0.1.[example.com]')
    expect(written('https://localhost.example.com/')).toBe('localhost.[example.com]')
  })

  it('§7.1: a private-use scheme is an installed app', () => {
    expect(destinationOf('com.example.app:/callback')).toEqual({ kind: 'app', scheme: 'com.example.app' })
  })
})
