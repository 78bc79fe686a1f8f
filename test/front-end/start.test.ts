import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectEngine } from '../../sdk/engine.ts'
import { readConfig } from '../../server/config.ts'
import { createLog } from '../../server/log.ts'
import { startFrontEnd, StartError } from '../../server/start.ts'
import { freePort } from '../free-port.ts'

const service = { apiKey: 1, serviceName: 'Sample service' }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gatehouse-start-'))
})
afterAll(() => rm(folder, { recursive: true }))

const secret = 'a secret of the test that is long enough'

/** Starts the front-end with an engine that answers every question alike. */
async function start(
  env: Record<string, string>,
  answer: (request: Request) => Response | Promise<Response> = () => Response.json(service),
) {
  const config = readConfig({
    PORT: String(await freePort()),
    DEMO_PORT: '0',
    DEMO_API_PORT: '0',
    SESSION_SECRET: secret,
    DATABASE_URL: `sqlite:${path.join(folder, 'front-end.sqlite')}`,
    ...env,
  })
  const fetchAnswer = async (request: Request) => answer(request)
  const engine = connectEngine({ baseUrl: 'http://engine.internal', accessToken: 'x', fetch: fetchAnswer })
  const running = await startFrontEnd({ config, engine, serviceId: '1', log: createLog('silent') })
  return { ...running, config }
}

const production = {
  NODE_ENV: 'production',
  ISSUER: 'https://as.example',
  TRUST_PROXY: '1',
  ENGINE_ACCESS_TOKEN: 'made-for-this-front-end',
}

describe('startFrontEnd', () => {
  it('given a free port, then it answers under its issuer, with the name of the service, until it is closed', async () => {
    const running = await start({})
    const page = await fetch(running.config.issuer)
    expect(await page.text()).toContain('Sample service')
    await running.close()
    await expect(fetch(running.config.issuer)).rejects.toThrow()
    await running.close()
  })

  it('given a second start on the same database, then everybody is still there', async () => {
    const running = await start({})
    expect(await (await fetch(running.config.issuer)).text()).toContain('john')
    await running.close()
  })

  it.each(['PORT', 'DEMO_PORT', 'DEMO_API_PORT'])(
    'given that %s is taken, then it says so and how to choose another, and nothing stays open',
    async (name) => {
      const other = createServer().listen(0, 'localhost')
      await once(other, 'listening')
      const address = other.address()
      const taken = typeof address === 'object' ? String(address?.port) : ''
      const PORT = String(await freePort())
      const starting = start({ PORT, [name]: taken })
      await expect(starting).rejects.toBeInstanceOf(StartError)
      await expect(starting).rejects.toThrow(new RegExp(`Port ${taken} is taken .* ${name}=`))
      other.close()
      await expect(fetch(`http://localhost:${PORT}`)).rejects.toThrow()
    },
  )

  it('given a service with another issuer, then it does not start: its tokens would name somebody else', async () => {
    const starting = start({}, () => Response.json({ ...service, issuer: 'https://another.example' }))
    await expect(starting).rejects.toThrow(/https:\/\/another\.example.*Set ISSUER/)
  })

  it.each([401, 403, 404])(
    'given that the engine answers %i, then it does not start, and says where to look',
    async (status) => {
      const refusal = { resultCode: 'A999999', resultMessage: '[A999999] No.' }
      await expect(start({}, () => Response.json(refusal, { status }))).rejects.toThrow(/ENGINE_ACCESS_TOKEN/)
    },
  )

  it('given an engine that is not there yet, then it starts, and /readyz says that it is not ready', async () => {
    const running = await start({}, () => {
      throw new TypeError('fetch failed')
    })
    expect((await fetch(`${running.config.issuer}/healthz`)).status).toBe(200)
    expect((await fetch(`${running.config.issuer}/readyz`)).status).toBe(503)
    await running.close()
  })

  it('given production and a database of a demonstration, then it does not start', async () => {
    const running = await start({})
    await running.close()
    await expect(start(production)).rejects.toThrow(/demo user/)
  })

  it('given production and a fresh database, then it starts without anybody in it', async () => {
    const running = await start({
      ...production,
      DATABASE_URL: `sqlite:${path.join(folder, 'production.sqlite')}`,
    })
    const page = await fetch(`http://localhost:${running.config.port}`, { headers: { 'X-Forwarded-Proto': 'https' } })
    expect(page.status).toBe(200)
    expect(await page.text()).not.toMatch(/john|jane|bob|demo/i)
    await running.close()
  })

  it('given an answer under way, then closing waits for it', async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let arrived: () => void = () => undefined
    const arrival = new Promise<void>((resolve) => (arrived = resolve))
    const running = await start({}, async (request) => {
      if (request.url.endsWith('/jwks/get')) {
        arrived()
        await held
      }
      return Response.json(service)
    })
    const answer = fetch(`${running.config.issuer}/oauth/jwks`)
    await arrival
    const closing = running.close()
    release()
    expect((await answer).status).toBe(200)
    await closing
  })
})
