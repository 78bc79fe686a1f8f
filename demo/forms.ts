import express, { type RequestHandler } from 'express'
import { z } from 'zod'
import { apiCalls, type ApiCallName } from './api-calls.ts'
import { DaybookRefusal } from './problems.ts'
import { scopeNames } from './scopes.ts'
import type { Sessions } from './session.ts'
import { methods, prompts, type SignInRequest } from './sign-in.ts'

/** Reads forms: small, flat, and no field more often than the longest form needs. */
export const readForm = express.urlencoded({ extended: false, limit: '8kb', parameterLimit: 40 })

/** RFC 6819 §4.4.1.8, cross-site request forgery: a form counts only when Daybook's own page sent it. */
export function refuseForeignForms(origin: string, sessions: Sessions): RequestHandler {
  return (req, _res, next) => {
    const site = req.get('sec-fetch-site')
    const sender = req.get('origin')
    const isOwn =
      site !== undefined
        ? site === 'same-origin' || site === 'none'
        : sender === undefined || sender === origin || sender === 'null'
    // Old browsers say too little about where a form came from, so its hidden token has the last word.
    const form = z.object({ form_token: z.string() }).safeParse(req.body)
    if (isOwn && form.success && sessions.verifyFormToken(req, form.data.form_token)) {
      next()
      return
    }
    throw new DaybookRefusal(
      403,
      'Daybook did not recognise this form',
      'It was sent by another page, or it is older than your cookies. Open the start page and press the button there.',
    )
  }
}

const oneOrMore = z.union([z.string().transform((value) => [value]), z.array(z.string())])

const signInForm = z.object({
  scope: oneOrMore.default([]).transform((values) => scopeNames.filter((name) => values.includes(name))),
  method: z.enum(methods).default('plain'),
  prompt: z.enum(prompts).default(''),
})

/** The choices of the start page. Scopes that Daybook does not offer are left out. */
export function parseSignInForm(body: unknown): SignInRequest {
  const { scope, method, prompt } = parseForm(signInForm, body)
  return { scopes: scope, method, prompt }
}

const apiCallForm = z.object({
  call: z.string().refine((name): name is ApiCallName => Object.hasOwn(apiCalls, name)),
  text: z.string().max(500).optional(),
  to: z.string().max(70).optional(),
  amount: z.string().max(10).optional(),
})

/** Which call to make and what to send with it. What the fields may hold is for the API to say. */
export function parseApiCallForm(body: unknown): { name: ApiCallName; body: object | undefined } {
  const { call, text, to, amount } = parseForm(apiCallForm, body)
  if (call === 'add-note') return { name: call, body: { text } }
  if (call === 'send-payment') return { name: call, body: { to, amount, currency: 'EUR' } }
  return { name: call, body: undefined }
}

function parseForm<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new DaybookRefusal(
    400,
    'Daybook did not understand this form',
    'A field is missing or holds something that the page does not offer.',
  )
}
