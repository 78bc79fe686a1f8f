import { createServer } from 'node:http'
import express, { Router, type Express, type NextFunction, type Request, type Response } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer } from '../../server/http-server.ts'
import { serve, type Served } from './serve.ts'

/** Something of everything that Express adds to requests and responses. */
function sampleApp(): Express {
  const app = express()
  app.set('query parser', 'simple')
  app.set('trust proxy', 1)
  app.get('/request', (req, res) => {
    res.json({
      ip: req.ip,
      protocol: req.protocol,
      secure: req.secure,
      path: req.path,
      query: req.query,
      header: req.get('x-sample'),
      accepts: req.accepts(['html', 'json']),
      sameApp: req.app === app && res.app === app && res.req === req && req.res === res,
    })
  })
  app.get('/redirect', (_req, res) => {
    res.redirect(303, '/elsewhere')
  })
  app.get('/cookie', (_req, res) => {
    res.cookie('name', 'value', { httpOnly: true, sameSite: 'lax' }).vary('Cookie').type('text').send('sent')
  })
  const router = Router()
  router.get('/:name', (req, res) => {
    res.locals['seen'] = req.params['name']
    res.send(`${req.baseUrl} ${req.originalUrl} ${String(res.locals['seen'])}`)
  })
  app.use('/mounted', router)
  const inner = express()
  inner.get('/where', (req, res) => {
    res.send(`${req.baseUrl} ${String(req.app === inner)}`)
  })
  app.use('/inner', inner)
  app.get('/error', () => {
    throw new Error('failed')
  })
  app.get('/rejection', async () => {
    await Promise.reject(new Error('failed later'))
  })
  app.use((error: Error, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) next(error)
    else res.status(500).json({ error: error.message })
  })
  return app
}

describe('createHttpServer: the prototypes that Express would set are there already', () => {
  let plain: Served
  let quick: Served

  beforeAll(async () => {
    plain = await serve(createServer(sampleApp()))
    quick = await serve(createHttpServer(sampleApp()))
  })

  afterAll(async () => {
    await plain.close()
    await quick.close()
  })

  const paths = [
    '/request?a=1&a=2&b[c]=3',
    '/redirect',
    '/cookie',
    '/mounted/thing?x=1',
    '/inner/where',
    '/error',
    '/rejection',
    '/nothing-here',
  ]
  it.each(paths)('given %s, when it is asked for, then the answer is the one of a plain server', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST']) {
      expect(await ask(quick, path, method)).toEqual(await ask(plain, path, method))
    }
  })

  it('given a request behind a proxy, when a route reads it, then it is a request of Express', async () => {
    const { body } = await ask(quick, '/request?a=1&a=2', 'GET')
    expect(JSON.parse(body)).toEqual({
      ip: '203.0.113.9',
      protocol: 'https',
      secure: true,
      path: '/request',
      query: { a: ['1', '2'] },
      header: 'yes',
      accepts: 'html',
      sameApp: true,
    })
  })

  it('given a request, when Express takes it, then its prototype stays the one it was made with', async () => {
    const app = express()
    app.get('/', (req, res) => {
      res.json({
        request: Object.getPrototypeOf(req) === requestBefore,
        response: Object.getPrototypeOf(res) === responseBefore,
      })
    })
    const server = createHttpServer(app)
    let requestBefore: unknown
    let responseBefore: unknown
    server.prependListener('request', (req, res) => {
      requestBefore = Object.getPrototypeOf(req)
      responseBefore = Object.getPrototypeOf(res)
    })
    const served = await serve(server)
    const { body } = await ask(served, '/', 'GET')
    await served.close()
    expect(JSON.parse(body)).toEqual({ request: true, response: true })
  })

  it('given headers of more than 16 KiB, when they arrive, then 431', async () => {
    const res = await fetch(quick.url, { headers: { 'X-Large': 'x'.repeat(17 * 1024) } })
    expect(res.status).toBe(431)
  })
})

async function ask({ url }: Served, path: string, method: string) {
  const headers = { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https', 'X-Sample': 'yes' }
  const res = await fetch(url + path, { method, headers, redirect: 'manual' })
  const headersButDate = [...res.headers].filter(([name]) => name !== 'date')
  return { status: res.status, headers: headersButDate, body: await res.text() }
}
