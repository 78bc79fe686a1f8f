import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { OutboundParts } from '../../server/outbound/fetch-outbound.ts'
import { createFetchOutbound } from '../../server/outbound/fetch-outbound.ts'
import { freePort } from '../free-port.ts'

const opened: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((close) => close()))
})

/** A site of somebody else, on 127.0.0.1. */
async function openSite(listener: RequestListener) {
  const port = await freePort()
  const requests: { url: string; headers: object }[] = []
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers })
    listener(request, response)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  opened.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { host: `127.0.0.1:${port}`, port, requests }
}

const json = { 'Content-Type': 'application/json' }

const good: RequestListener = (_, response) => {
  response.writeHead(200, { ...json, 'Cache-Control': 'max-age=600' }).end('{"keys":[]}')
}

/** Something to wait for. */
function makeEvent() {
  let happen: () => void = () => undefined
  const happened = new Promise<void>((resolve) => {
    happen = resolve
  })
  return {
    happened,
    happen: () => {
      happen()
    },
  }
}

/** A guard whose time ends by hand. */
function makeGuard(parts: OutboundParts = {}) {
  const time = new AbortController()
  const reasons: unknown[] = []
  const given = makeEvent()
  const fetchOutbound = createFetchOutbound({
    deadline: () => time.signal,
    log: {
      warn: (details) => {
        reasons.push('reason' in details ? details.reason : undefined)
        given.happen()
      },
    },
    ...parts,
  })
  return {
    reasons,
    /** When the guard has given up and says so to the log. */
    givenUp: given.happened,
    endTime: () => {
      time.abort()
    },
    read: (address: string) => fetchOutbound(address, { mediaTypes: ['application/json'], read: (answer) => answer }),
  }
}

/** Asks for something that is not to be had, and says why. */
async function refusalOf(address: string, parts: OutboundParts = {}): Promise<unknown> {
  const guard = makeGuard(parts)
  const answer = guard.read(address)
  await guard.givenUp
  guard.endTime()
  expect(await answer).toBeUndefined()
  expect(guard.reasons).toHaveLength(1)
  return guard.reasons[0]
}

describe('RFC 9110 §9.3.1: what is fetched', () => {
  it('given an address that the operator lets through, then its text', async () => {
    const site = await openSite(good)
    const answer = await makeGuard({ allow: [site.host] }).read(`http://${site.host}/keys?for=us`)
    expect(answer).toEqual({ text: '{"keys":[]}', cacheControl: 'max-age=600' })
  })

  it('given a request, then it says what is wanted, and nothing about anybody', async () => {
    const site = await openSite(good)
    await makeGuard({ allow: [site.host] }).read(`http://${site.host}/keys?for=us`)
    const headers = {
      ...{ accept: 'application/json', 'accept-encoding': 'identity' },
      ...{ host: site.host, connection: 'close' },
    }
    expect(site.requests).toEqual([{ url: '/keys?for=us', headers }])
  })

  it('given a name that the operator lets through, then this machine may know it', async () => {
    const site = await openSite(good)
    const host = `localhost:${site.port}`
    expect(await makeGuard({ allow: [host] }).read(`http://${host}/`)).toBeDefined()
  })

  it('given a name, then it is resolved once, and the connection goes to that answer', async () => {
    const site = await openSite(good)
    const host = `keys.example:${site.port}`
    const asked: string[] = []
    const findAddresses = (name: string) => {
      asked.push(name)
      // Whoever asks again is sent elsewhere.
      return Promise.resolve(asked.length === 1 ? ['127.0.0.1'] : ['192.0.2.1'])
    }
    const answer = await makeGuard({ allow: [host], findAddresses }).read(`http://${host}/`)
    expect([answer?.text, asked]).toEqual(['{"keys":[]}', ['keys.example']])
  })

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json;x'])(
    'given the media type %s, then it is read',
    async (mediaType) => {
      const site = await openSite((_, response) => response.writeHead(200, { 'Content-Type': mediaType }).end('{}'))
      expect(await makeGuard({ allow: [site.host] }).read(`http://${site.host}/`)).toMatchObject({ text: '{}' })
    },
  )
})

describe('CWE-918: where nothing is fetched from', () => {
  it.each([
    ...['127.0.0.1', '127.1', '0x7f.0.0.1', '2130706433', '0177.0.0.1', '127.0.0.1.', '0', '10.0.0.1', '172.16.0.1'],
    ...['192.168.1.1', '169.254.169.254', '168.63.129.16', '100.64.0.1', '192.0.2.1', '198.18.0.1', '224.0.0.1'],
    ...['255.255.255.255', '[::1]', '[::]', '[fe80::1]', '[fd00:ec2::254]', '[ff02::1]', '[::ffff:127.0.0.1]'],
    ...['[::ffff:8.8.8.8]', '[2002:7f00:1::]', '[64:ff9b::7f00:1]', '[2001:db8::1]', '[2001::1]'],
  ])('given the address %s itself, then nothing', async (host) => {
    expect(await refusalOf(`https://${host}/keys`)).toMatch('not public')
  })

  it.each([
    [['127.0.0.1']],
    [['10.0.0.1']],
    [['::1']],
    [['::ffff:10.0.0.1']],
    [['fe80::1%eth0']],
    [['8.8.8.8', '10.0.0.1']],
    [['2606:4700::1111', '8.8.8.8', '169.254.169.254']],
    [['8.8.8.8', 'not an address']],
  ])('given a name that leads to %j, then nothing', async (addresses) => {
    const findAddresses = () => Promise.resolve(addresses)
    expect(await refusalOf('https://keys.example/', { findAddresses })).toMatch('not public')
  })

  it('given localhost, asked of the DNS, then nothing', async () => {
    expect(await refusalOf('https://localhost/')).toMatch(/not public|no address/)
  })

  it('given a name without an address, or one that cannot be resolved, then nothing', async () => {
    expect(await refusalOf('https://keys.example/', { findAddresses: () => Promise.resolve([]) })).toMatch('no address')
    const findAddresses = () => Promise.reject(new Error('SERVFAIL'))
    expect(await refusalOf('https://keys.example/', { findAddresses })).toMatch('SERVFAIL')
  })

  it.each([
    ['http://keys.example/', 'not https'],
    ['ftp://keys.example/', 'not https'],
    ['file:///etc/passwd', 'not https'],
    ['data:application/json,{}', 'not https'],
    ['https://user@keys.example/', 'user name'],
    ['https://:secret@keys.example/', 'user name'],
    ['https://keys.example:8443/', 'names a port'],
    ['https://keys.example:22/', 'names a port'],
    ['keys.example', 'Invalid URL'],
    ['', 'Invalid URL'],
  ])('given %s, then nothing, and no name is resolved', async (address, reason) => {
    const findAddresses = () => Promise.reject(new Error('asked'))
    expect(await refusalOf(address, { findAddresses })).toMatch(reason)
  })

  it('given what the operator lets through, then not its other ports, nor other names for it', async () => {
    const [site, other] = [await openSite(good), await openSite(good)]
    expect(await refusalOf(`http://${other.host}/`, { allow: [site.host] })).toMatch('not https')
    expect(await refusalOf(`http://localhost:${site.port}/`, { allow: [site.host] })).toMatch('not https')
    expect(await refusalOf(`https://127.0.0.1/`, { allow: [site.host] })).toMatch('not public')
    expect([...site.requests, ...other.requests]).toEqual([])
  })

  it('given a host without a port that the operator lets through, then its default ones', async () => {
    const findAddresses = () => Promise.resolve([])
    for (const address of ['https://keys.internal/', 'http://keys.internal/']) {
      expect(await refusalOf(address, { allow: ['keys.internal'], findAddresses })).toMatch('no address')
    }
    const elsewhere = 'https://keys.internal:8443/'
    expect(await refusalOf(elsewhere, { allow: ['keys.internal'], findAddresses })).toMatch('names a port')
  })
})

describe('RFC 9101 §10.4: what is not read', () => {
  const refusalBy = async (listener: RequestListener) => {
    const site = await openSite(listener)
    const reason = await refusalOf(`http://${site.host}/`, { allow: [site.host] })
    return { reason, requests: site.requests }
  }

  it.each([301, 302, 303, 307, 308])('given a redirect, %i, then it is not followed', async (status) => {
    const { reason, requests } = await refusalBy((_, response) =>
      response.writeHead(status, { Location: '/next' }).end(),
    )
    expect([reason, requests.length]).toEqual([`the status is ${status} and not 200`, 1])
  })

  it.each([201, 204, 206, 304, 404, 500])('given the status %i, then nothing', async (status) => {
    const { reason } = await refusalBy((_, response) => response.writeHead(status, json).end())
    expect(reason).toMatch(`the status is ${status}`)
  })

  it.each(['text/html', 'text/plain', 'application/jsonp', 'application/octet-stream', ''])(
    'given the media type "%s", then nothing',
    async (mediaType) => {
      const { reason } = await refusalBy((_, response) =>
        response.writeHead(200, { 'Content-Type': mediaType }).end('{}'),
      )
      expect(reason).toMatch('it is not application/json')
    },
  )

  it('given something compressed, then it is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    for (const encoding of ['gzip', 'br', 'deflate', 'gzip, gzip']) {
      const { reason } = await refusalBy((_, response) =>
        response.writeHead(200, { ...json, 'Content-Encoding': encoding }).end(bomb),
      )
      expect(reason).toMatch('it is compressed')
    }
  })

  it('given a size that is too large, then the body is not read', async () => {
    const { reason } = await refusalBy((_, response) => {
      response.writeHead(200, { ...json, 'Content-Length': 262_145 }).write(' ')
    })
    expect(reason).toMatch('more than 262144 bytes')
  })

  it('given a body that never ends, then it is cut', async () => {
    const { reason } = await refusalBy((_, response) => {
      response.writeHead(200, json)
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(16_384)));
      }
      response.on('drain', more)
      more()
    })
    expect(reason).toMatch('more than 262144 bytes')
  })

  it('given as many bytes as there may be, then they are read', async () => {
    const site = await openSite((_, response) => response.writeHead(200, json).end(' '.repeat(262_144)))
    const answer = await makeGuard({ allow: [site.host] }).read(`http://${site.host}/`)
    expect(answer?.text).toHaveLength(262_144)
  })

  it('given headers that are too large, then nothing', async () => {
    const { reason } = await refusalBy((_, response) =>
      response.writeHead(200, { ...json, X: 'x'.repeat(17_000) }).end('{}'),
    )
    expect(reason).toMatch(/overflow/i)
  })

  it('given bytes that are not UTF-8, then nothing', async () => {
    const { reason } = await refusalBy((_, response) => response.writeHead(200, json).end(Buffer.from([0xff, 0xfe])))
    expect(reason).toMatch('not valid')
  })

  it('given a connection that breaks in the middle, then nothing', async () => {
    const { reason } = await refusalBy((_, response) => {
      response.writeHead(200, { ...json, 'Content-Length': 100 })
      response.write('{', () => {
        response.destroy()
      })
    })
    expect(reason).toMatch('aborted')
  })

  it('given a host that switches protocols, then nothing, and no wait without end', async () => {
    const { reason } = await refusalBy((_, response) => {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
    })
    expect(reason).not.toBe('')
  })

  it('given an answer that is of no use, then it counts as none', async () => {
    const site = await openSite(good)
    const time = new AbortController()
    const log = {
      warn: () => {
        time.abort()
      },
    }
    const fetchOutbound = createFetchOutbound({ allow: [site.host], deadline: () => time.signal, log })
    const read = (): Promise<string> => Promise.reject(new Error('of no use'))
    expect(await fetchOutbound(`http://${site.host}/`, { mediaTypes: ['application/json'], read })).toBeUndefined()
  })
})

describe('The time of a fetch', () => {
  const endings: [string, RequestListener][] = [
    ['never answers', () => undefined],
    [
      'sends its head and no more',
      (_, response) => {
        response.writeHead(200, json).flushHeaders()
      },
    ],
    ['sends byte by byte', (_, response) => response.writeHead(200, json).write(' ')],
  ]
  it.each(endings)(
    'given a host that %s, when the time is over, then nothing, and the connection is closed',
    async (_, listener) => {
      const closed = makeEvent()
      const arrived = makeEvent()
      const site = await openSite((request, response) => {
        response.on('close', () => {
          closed.happen()
        })
        listener(request, response)
        arrived.happen()
      })
      const guard = makeGuard({ allow: [site.host] })
      const answer = guard.read(`http://${site.host}/`)
      await arrived.happened
      guard.endTime()
      expect(await answer).toBeUndefined()
      await closed.happened
    },
  )

  it('given a name server that never answers, when the time is over, then nothing', async () => {
    const guard = makeGuard({ findAddresses: () => new Promise(() => undefined) })
    const answer = guard.read('https://keys.example/')
    guard.endTime()
    expect(await answer).toBeUndefined()
  })

  it('given an open port, a closed one and a private one, then all are answered alike, and when the time is over', async () => {
    const site = await openSite((_, response) => response.writeHead(404).end())
    const closed = `127.0.0.1:${await freePort()}`
    const allow = [site.host, closed]
    for (const address of [`http://${site.host}/`, `http://${closed}/`, 'https://10.0.0.1/', 'https://[::1]:22/']) {
      const guard = makeGuard({ allow })
      let isSettled = false
      const answer = guard.read(address).finally(() => {
        isSettled = true
      })
      await guard.givenUp
      await new Promise((resolve) => setImmediate(resolve))
      expect([address, isSettled]).toEqual([address, false])
      guard.endTime()
      expect(await answer).toBeUndefined()
    }
  })

  it('given a port that is closed at every address of the host, then the log says so', async () => {
    const host = `keys.internal:${await freePort()}`
    const findAddresses = () => Promise.resolve(['127.0.0.1', '::1'])
    expect(await refusalOf(`http://${host}/`, { allow: [host], findAddresses })).toMatch('ECONNREFUSED')
  })

  it('given a failure, then the log names the origin, and neither path nor query', async () => {
    const time = new AbortController()
    const lines: string[] = []
    const log = {
      warn: (details: object, message: string) => {
        lines.push(JSON.stringify({ ...details, message }))
        time.abort()
      },
    }
    const fetchOutbound = createFetchOutbound({ log, deadline: () => time.signal })
    const address = 'https://user:password@10.0.0.1/path?query'
    await fetchOutbound(address, { mediaTypes: [], read: () => 'read' })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch('https://10.0.0.1"')
    expect(lines[0]).not.toMatch(/password@|path|query/)
  })
})
