import { createServer } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFormLimits, formLimits, parseParameters, readFields, readForm } from '../../server/form.ts'
import { Refusal } from '../../server/refusal.ts'
import { serve, type Served } from './serve.ts'

const formType = 'application/x-www-form-urlencoded'

/** Answers with the text it read, or with the refusal. */
function echo(): ReturnType<typeof createServer> {
  return createServer((req, res) => {
    readForm(req).then(
      (text) => res.end(text),
      (error: unknown) => {
        res.statusCode = error instanceof Refusal ? error.status : 500
        res.end(error instanceof Refusal ? error.message : String(error))
      },
    )
  })
}

describe('RFC 6749 appendix B: forms are read as the text they are', () => {
  let served: Served
  beforeAll(async () => {
    served = await serve(echo())
  })
  afterAll(() => served.close())

  async function post(
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = { 'Content-Type': formType },
  ) {
    const res = await fetch(served.url, { method: 'POST', body, headers })
    return { status: res.status, text: await res.text() }
  }

  it.each(['', 'a=1', 'a=1&a=2&b[c]=3', '?a=1', 'a=%00&%zz&=&&', 'scope=a+b%20c', 'n=ä'])(
    'given %j, then exactly that',
    async (body) => {
      expect(await post(body)).toEqual({ status: 200, text: body })
    },
  )

  it('given the media type with a parameter or in capitals, then it is the same', async () => {
    expect((await post('a=1', { 'Content-Type': `${formType.toUpperCase()}; charset=UTF-8` })).status).toBe(200)
  })

  it.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain', `${formType}x`])(
    'given %s, then 415',
    async (type) => {
      expect((await post('a=1', { 'Content-Type': type })).status).toBe(415)
    },
  )

  it('given a compressed body, then 415: nobody inflates what a stranger sends', async () => {
    expect((await post('a=1', { 'Content-Type': formType, 'Content-Encoding': 'gzip' })).status).toBe(415)
  })

  it('given 64 KiB, then it is read; given one byte more, declared or streamed, then 413', async () => {
    const parameters = fill
    expect((await post(parameters(formLimits.bytes))).status).toBe(200)
    expect((await post(parameters(formLimits.bytes + 1))).status).toBe(413)
    const stream = new Blob([parameters(formLimits.bytes + 1)]).stream()
    const res = await fetch(served.url, {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { 'Content-Type': formType },
    })
    expect(res.status).toBe(413)
  })

  it('given a body that is cut off, then the reader hears of it', async () => {
    const refused = new Promise((resolve, reject) => {
      const server = createServer((req) => {
        readForm(req).then(reject, resolve)
      })
      void serve(server).then(async (cutOff) => {
        const controller = new AbortController()
        const body = new ReadableStream({
          start: (stream) => {
            stream.enqueue(new TextEncoder().encode('a=1'))
          },
        })
        const headers = { 'Content-Type': formType }
        server.once('request', () => {
          controller.abort()
        })
        await fetch(cutOff.url, { method: 'POST', body, duplex: 'half', headers, signal: controller.signal }).catch(
          () => undefined,
        )
        await cutOff.close()
      })
    })
    expect(await refused).toMatchObject({ status: 400 })
  })
})

/** Parameters that together have so many bytes, none of them too large. */
function fill(bytes: number): string {
  const part = `a=${'x'.repeat(4_000)}&`
  const text = part.repeat(Math.ceil(bytes / part.length))
  return text.slice(0, bytes)
}

describe('RFC 9126 §2.3: limits', () => {
  it('given 100 parameters, then it passes; given one more, then 400', () => {
    expect(() => {
      checkFormLimits(Array(100).fill('a=1').join('&'))
    }).not.toThrow()
    expect(() => {
      checkFormLimits(Array(101).fill('a=1').join('&'))
    }).toThrow(Refusal)
  })

  it('given a value of 8 KiB, then it passes, however it is encoded; given one byte more, then 400', () => {
    const limit = formLimits.valueBytes
    for (const value of ['x'.repeat(limit), '%78'.repeat(limit), '%C3%A4'.repeat(limit / 2)]) {
      expect(() => {
        checkFormLimits(`a=${value}`)
      }).not.toThrow()
      expect(() => {
        checkFormLimits(`a=${value}x`)
      }).toThrow(Refusal)
    }
  })

  it('RFC 9101 §4: given a request object, then it may be as long as a body', () => {
    expect(() => {
      checkFormLimits(`request=${'x'.repeat(formLimits.requestBytes)}`)
    }).not.toThrow()
    expect(() => {
      checkFormLimits(`request=${'x'.repeat(formLimits.requestBytes + 1)}`)
    }).toThrow(Refusal)
  })

  it('given any text, then it passes or is refused', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (text) => {
        try {
          checkFormLimits(text)
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal)
        }
      }),
    )
  })
})

describe('parameters', () => {
  it('given a question mark at the beginning, then it belongs to the first name', () => {
    expect([...parseParameters('?client_id=a&client_id=b')]).toEqual([
      ['?client_id', 'a'],
      ['client_id', 'b'],
    ])
  })

  it('given names of prototypes, then they are names', () => {
    expect(parseParameters('__proto__=1&constructor=2&scope[a]=3').getAll('__proto__')).toEqual(['1'])
  })

  it('given a form that is asked for twice, then it is read once', async () => {
    const read: URLSearchParams[] = []
    const once = await serve(
      createServer((req, res) => {
        void Promise.all([readFields(req), readFields(req)]).then((both) => {
          read.push(...both)
          res.end()
        })
      }),
    )
    await fetch(once.url, { method: 'POST', body: new URLSearchParams({ a: '1' }) })
    await once.close()
    expect(read).toHaveLength(2)
    expect(read[0]).toBe(read[1])
  })
})
