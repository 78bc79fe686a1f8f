import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAccessToken, parseClientCredentials, readAccessToken, readDpopProof } from '../../server/credentials.ts'
import { Refusal } from '../../server/refusal.ts'

function basic(text: string | Buffer): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}

describe('RFC 6749 §2.3.1: client credentials in the Authorization header', () => {
  it('given the header of the RFC, then the id and the secret', () => {
    expect(parseClientCredentials('Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3')).toEqual({
      clientId: 's6BhdRkqt3',
      clientSecret: '7Fjfp0ZBr1KtDRbnfVdmIw',
    })
  })

  it('given form-encoded characters, then they are decoded after the colon is found', () => {
    expect(parseClientCredentials(basic('https%3A%2F%2Fclient.example%2F:a+b%2Bc%25%3A'))).toEqual({
      clientId: 'https://client.example/',
      clientSecret: 'a b+c%:',
    })
  })

  it('given a colon and ampersands in the secret, then they belong to it', () => {
    expect(parseClientCredentials(basic('id:a:b&c=d'))).toEqual({ clientId: 'id', clientSecret: 'a:b&c=d' })
  })

  it('given no header or another scheme, then nothing', () => {
    expect(parseClientCredentials(undefined)).toEqual({})
    expect(parseClientCredentials('Bearer abc')).toEqual({})
    expect(parseClientCredentials('Basics abc')).toEqual({})
  })

  it('given the scheme in other letters, then it is the same (RFC 9110 §11.1)', () => {
    expect(parseClientCredentials('bAsIc aWQ6c2VjcmV0')).toEqual({ clientId: 'id', clientSecret: 'secret' })
  })

  it.each([
    ['no base64', 'Basic ***'],
    ['nothing', 'Basic '],
    ['the scheme alone', 'Basic'],
    ['base64 without its padding', 'Basic aWQ6c2VjcmV0cw'],
    ['base64 with spare bits set', 'Basic aWQ6c2VjcmV0c3=='],
    ['no colon', basic('id')],
    ['a broken escape', basic('id:100%')],
    ['an escape that is not UTF-8', basic('id:%FF')],
    ['bytes that are not UTF-8', basic(Buffer.from([0x69, 0x3a, 0xff]))],
    ['a control character', basic('id:%00')],
    ['a character beyond ASCII', basic('id:ä')],
  ])('given %s, then 401 invalid_client with a challenge (§5.2)', (_what, header) => {
    expect(refusalOf(() => parseClientCredentials(header))).toMatchObject({
      status: 401,
      details: { error: 'invalid_client', headers: { 'WWW-Authenticate': 'Basic realm="token"' } },
    })
  })

  it('given any id and secret of printable ASCII, when they are encoded as the RFC says, then they come back', () => {
    const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) })
    fc.assert(
      fc.property(text, text, (clientId, clientSecret) => {
        const encode = (value: string) => new URLSearchParams({ v: value }).toString().slice(2)
        const header = basic(`${encode(clientId)}:${encode(clientSecret)}`)
        expect(parseClientCredentials(header)).toEqual({ clientId, clientSecret })
      }),
    )
  })

  it('given any header at all, then credentials or a refusal', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `Basic ${text}`),
          fc.string().map(basic),
        ),
        (header) => {
          try {
            parseClientCredentials(header)
          } catch (error) {
            expect(error).toBeInstanceOf(Refusal)
          }
        },
      ),
    )
  })
})

describe('RFC 6750 §2: access tokens', () => {
  it('given the header of the RFC, then the token', () => {
    const bearer = { scheme: 'Bearer', accessToken: 'mF_9.B5f-4.1JqM' }
    expect(parseAccessToken('Bearer mF_9.B5f-4.1JqM')).toEqual(bearer)
    expect(parseAccessToken('bearer  mF_9.B5f-4.1JqM')).toEqual(bearer)
  })

  it('RFC 9449 §7.1: given the scheme DPoP in whatever letters, then the token', () => {
    expect(parseAccessToken('DPoP mF_9.B5f-4.1JqM')).toEqual({ scheme: 'DPoP', accessToken: 'mF_9.B5f-4.1JqM' })
    expect(parseAccessToken('dpop abc')).toEqual({ scheme: 'DPoP', accessToken: 'abc' })
  })

  it('given another scheme, then nothing', () => {
    expect(parseAccessToken('Basic abc')).toBeUndefined()
    expect(parseAccessToken(undefined)).toBeUndefined()
  })

  it.each(['Bearer a b', 'Bearer a"b', 'Bearer ä', 'Bearer a,b', 'Bearer =', 'Bearer ', 'DPoP a b'])(
    'given %s, then 400 invalid_request with a challenge',
    (header) => {
      const refusal = refusalOf(() => parseAccessToken(header))
      expect(refusal).toMatchObject({ status: 400, details: { error: 'invalid_request' } })
    },
  )

  it('given a token in the header and none in a form, then the one of the header', async () => {
    for (const method of ['GET', 'POST']) expect(await read(method, { authorization: 'Bearer abc' })).toEqual(abc)
  })

  it('§2.2: given a token in a posted form, then that one', async () => {
    expect(await read('POST', form, 'access_token=abc')).toEqual(abc)
  })

  it('given a token in both, or twice in the form, then 400', async () => {
    const both = read('POST', { ...form, authorization: 'Bearer abc' }, 'access_token=abc')
    await expect(both).rejects.toMatchObject({ status: 400 })
    const twice = read('POST', form, 'access_token=abc&access_token=abc')
    await expect(twice).rejects.toMatchObject({ status: 400 })
  })

  it('§3.1: given no credentials, then 401 and nothing but the scheme', async () => {
    const nothing = read('GET', {})
    await expect(nothing).rejects.toMatchObject({ status: 401, details: { headers: { 'WWW-Authenticate': 'Bearer' } } })
  })

  it('RFC 9700 §4.3.2: given a token in the query, then it is not read', async () => {
    const inQuery = read('GET', {}, '', '/oauth/userinfo?access_token=abc')
    await expect(inQuery).rejects.toMatchObject({ status: 401 })
  })
})

describe('RFC 9449 §4.3: the DPoP header', () => {
  const proven = { dpop: 'the-proof', htm: 'GET', htu: 'https://as.example/oauth/userinfo' }

  it('given one, then it comes with the method, and with the address at the issuer, whatever the Host header says', () => {
    const req = incoming('GET', { dpop: 'the-proof', host: 'evil.example' }, '', '/oauth/userinfo?a=b')
    expect(readDpopProof(req, 'https://as.example')).toEqual(proven)
  })

  it('RFC 9112 §3.2.2: given a whole address that makes no sense, then 400', () => {
    const req = incoming('POST', { dpop: 'the-proof' }, '', 'http://a:99999/oauth/token')
    expect(() => readDpopProof(req, 'https://as.example')).toThrow(Refusal)
  })

  it('given none, then nothing', () => {
    expect(readDpopProof(incoming('GET', {}), 'https://as.example')).toEqual({})
  })

  it('§7.1: given an access token in the scheme DPoP, then the proof goes with it', async () => {
    const presented = read('GET', { authorization: 'DPoP abc', dpop: 'the-proof' })
    expect(await presented).toEqual({ accessToken: 'abc', proof: proven })
  })

  it('§7.2: given a bearer token, then a proof beside it counts for nothing', async () => {
    expect(await read('GET', { authorization: 'Bearer abc', dpop: 'the-proof' })).toEqual(abc)
    expect(await read('POST', { ...form, dpop: 'the-proof' }, 'access_token=abc')).toEqual(abc)
  })

  it('§7.1: given the scheme DPoP and no proof, then 401 with a challenge', async () => {
    const challenge: unknown = expect.stringMatching(/^DPoP error="invalid_dpop_proof", /)
    await expect(read('GET', { authorization: 'DPoP abc' })).rejects.toMatchObject({
      status: 401,
      details: { error: 'invalid_dpop_proof', headers: { 'WWW-Authenticate': challenge } },
    })
  })
})

const abc = { accessToken: 'abc', proof: {} }

function read(...request: Parameters<typeof incoming>) {
  return readAccessToken(incoming(...request), 'https://as.example')
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** A request as Node hands it over, without a network. */
function incoming(
  method: string,
  headers: Record<string, string>,
  body = '',
  url = '/oauth/userinfo',
): IncomingMessage {
  const req = new IncomingMessage(new Socket())
  Object.assign(req, { method, url, headers })
  req.push(body)
  req.push(null)
  return req
}

function refusalOf(parse: () => unknown): Refusal {
  try {
    parse()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('Nothing was refused.')
}
