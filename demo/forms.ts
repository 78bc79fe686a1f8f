import express, { type RequestHandler } from 'express'
import { z } from 'zod'
import { apiCalls, type ApiCall, type ApiCallName } from './api-calls.ts'
import { DaybookRefusal } from './problems.ts'
import { scopeNames } from './scopes.ts'
import type { Sessions } from './session.ts'
import { grantActions, methods, prompts, resourceNames, type SignInRequest } from './sign-in.ts'
import { claimNames } from './wanted-claims.ts'
import { detailTypes, usualPayment } from './wanted-details.ts'

/** Reads forms: small, flat, and no field more often than the longest form needs. */
export const readForm = express.urlencoded({ extended: false, limit: '8kb', parameterLimit: 60 })

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

/** The ticked boxes of one name. What Daybook does not offer is left out. */
function boxes<Value extends string>(offered: readonly Value[]) {
  const oneOrMore = z.union([z.string().transform((value) => [value]), z.array(z.string())])
  return oneOrMore.default([]).transform((values) => offered.filter((value) => values.includes(value)))
}

const signInForm = z.object({
  scope: boxes(scopeNames),
  // It becomes part of a list of scopes, so it must not bring others along.
  payment_id: z
    .string()
    .regex(/^[A-Za-z0-9-]{0,36}$/)
    .default(''),
  claim: boxes(claimNames),
  detail: boxes(detailTypes),
  // What an amount may look like is for Gatehouse to say.
  amount: z.string().trim().max(16).default(usualPayment.amount),
  creditor: z.string().trim().max(70).default(usualPayment.creditor),
  resource: boxes(resourceNames),
  grant: z.enum(grantActions).default(''),
  method: z.enum(methods).default('plain'),
  prompt: z.enum(prompts).default(''),
})

/** The choices of the start page. */
export function parseSignInForm(body: unknown): SignInRequest {
  const form = parseForm(signInForm, body)
  return {
    scopes: form.scope,
    paymentId: form.payment_id,
    claims: form.claim,
    details: form.detail,
    payment: { amount: form.amount, creditor: form.creditor },
    resources: form.resource,
    grantAction: form.grant,
    method: form.method,
    prompt: form.prompt,
  }
}

export type FormFields = readonly (readonly [name: string, value: string])[]

/** The fields of a form that asks for the same again: what parseSignInForm reads. */
export function signInFields(request: SignInRequest): FormFields {
  const all = (name: string, values: readonly string[]) => values.map((value) => [name, value] as const)
  return [
    ...all('scope', request.scopes),
    ['payment_id', request.paymentId],
    ...all('claim', request.claims),
    ...all('detail', request.details),
    ['amount', request.payment.amount],
    ['creditor', request.payment.creditor],
    ...all('resource', request.resources),
    ['grant', request.grantAction],
    ['method', request.method],
    ['prompt', request.prompt],
  ]
}

const apiCallForm = z.object({
  call: z.string().refine((name): name is ApiCallName => Object.hasOwn(apiCalls, name)),
  text: z.string().max(500).optional(),
  to: z.string().max(70).optional(),
  amount: z.string().max(16).optional(),
  payment: z.string().max(36).default(''),
})

/** Which call to make and what to send with it. What the fields may hold is for the API to say. */
export function parseApiCallForm(body: unknown): { call: ApiCall; body: object | undefined } {
  const { call: name, text, to, amount, payment } = parseForm(apiCallForm, body)
  const call = apiCalls[name]
  if (name === 'add-note') return { call, body: { text } }
  if (name === 'send-payment') return { call, body: { to, amount, currency: 'EUR' } }
  if (name === 'see-payment')
    return { call: { ...call, path: `${call.path}/${encodeURIComponent(payment)}` }, body: undefined }
  return { call, body: undefined }
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
