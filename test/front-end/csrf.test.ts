import { createServer } from 'node:http'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkForm } from '../../server/csrf.ts'
import { Refusal } from '../../server/refusal.ts'
import { serve, type Served } from './serve.ts'

const issuer = 'https://as.example'
const ours = 'csrf_token=token'

describe('RFC 6749 §10.12: whose form it is', () => {
  let served: Served
  beforeAll(async () => {
    const app = express()
    app.post('/', (req, res) => {
      Object.assign(req, { session: { csrfToken: 'token' } })
      const fields = new URLSearchParams(req.url.slice(2))
      try {
        res.send(checkForm(req, fields, issuer))
      } catch (error) {
        res.status(error instanceof Refusal ? error.status : 500).send('refused')
      }
    })
    served = await serve(createServer(app))
  })
  afterAll(() => served.close())

  async function post(form: string, headers: Record<string, string>): Promise<string> {
    const res = await fetch(`${served.url}/?${form}`, { method: 'POST', headers })
    return res.text()
  }

  it.each([
    ['same-origin', undefined, 'ours'],
    ['none', undefined, 'ours'],
    ['same-origin', 'null', 'ours'],
    [undefined, issuer, 'ours'],
    [undefined, 'null', 'ours'],
    [undefined, undefined, 'ours'],
    ['cross-site', undefined, 'refused'],
    ['cross-site', issuer, 'refused'],
    ['same-site', undefined, 'refused'],
    ['', undefined, 'refused'],
    [undefined, 'https://evil.example', 'refused'],
    [undefined, 'https://as.example.evil.example', 'refused'],
    [undefined, 'http://as.example', 'refused'],
  ])('given the right token, Sec-Fetch-Site %s and Origin %s, then %s', async (site, origin, expected) => {
    const headers = {
      ...(site !== undefined && { 'Sec-Fetch-Site': site }),
      ...(origin !== undefined && { Origin: origin }),
    }
    expect(await post(ours, headers)).toBe(expected)
  })

  it.each([
    '',
    'csrf_token=',
    'csrf_token=other',
    'csrf_token=token&csrf_token=token',
    'CSRF_TOKEN=token',
    'csrf_token[]=token',
  ])('given the fields %j, then the form is stale', async (form) => {
    expect(await post(form, { 'Sec-Fetch-Site': 'same-origin' })).toBe('stale')
  })
})
