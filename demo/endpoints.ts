import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { accountsOf } from './accounts.ts'
import { ApiRefusal, BearerRefusal } from './api-refusal.ts'
import { carriesDetail, checkScope, type Caller } from './bearer.ts'
import { boundedMap } from './bounded-map.ts'
import { upcomingEvents } from './calendar.ts'
import { coversPayment, visibleAccounts, type GrantedDetail, type Payment } from './granted-details.ts'

export interface Endpoint {
  method: 'get' | 'post'
  path: string
  /** What a token needs, for people to read; either is enough. */
  opens: { scope?: string; authorizationDetails?: GrantedDetail['type'] }
  description: string
  /** RFC 6750 §3.1: throws when the token opens nothing here. It runs before the body is read. */
  check: (caller: Caller, id: string) => void
  answer: (call: ApiRequest) => { status: number; body: object }
}

interface ApiRequest {
  caller: Caller
  /** The last segment of the path, where that is a value. */
  id: string
  body: unknown
}

interface Note {
  id: string
  text: string
  createdAt: string
}

interface AcceptedPayment extends Payment {
  id: string
  status: 'accepted'
  acceptedAt: string
}

const ownerLimit = 1000
const kept = 50

const noteForm = z.strictObject({ text: z.string().trim().min(1).max(500) })

const paymentForm = z.strictObject({
  to: z.string().trim().min(1).max(70),
  amount: z.string().regex(/^(?!0+(\.0+)?$)\d{1,6}(\.\d{2})?$/, 'must be above zero, for example 12.50'),
  currency: z.enum(['EUR', 'GBP', 'JPY', 'USD']),
})

/** What the API can do, and what each takes. Notes and payments live in memory and go when the process does. */
export function createEndpoints(now: () => Date): readonly Endpoint[] {
  const notebooks = boundedMap<readonly Note[]>(ownerLimit)
  const payments = boundedMap<readonly AcceptedPayment[]>(ownerLimit)
  return [
    {
      method: 'get',
      path: '/notes',
      ...openedByScope('notes:read'),
      description: 'Your notes, newest first',
      answer: ({ caller: { owner } }) => ({ status: 200, body: { notes: notebooks.get(owner) ?? [] } }),
    },
    {
      method: 'post',
      path: '/notes',
      ...openedByScope('notes:write'),
      description: `Adds a note, {"text": "…"}, and keeps the ${kept} newest`,
      answer: ({ caller: { owner }, body }) => {
        const note = { id: randomUUID(), text: parseBody(noteForm, body).text, createdAt: now().toISOString() }
        notebooks.set(owner, [note, ...(notebooks.get(owner) ?? [])].slice(0, kept))
        return { status: 201, body: note }
      },
    },
    {
      method: 'get',
      path: '/calendar',
      ...openedByScope('calendar:read'),
      description: 'The coming seven days; everybody has the same sample calendar',
      answer: () => ({ status: 200, body: { events: upcomingEvents(now()) } }),
    },
    {
      method: 'post',
      path: '/payments',
      opens: { scope: 'payments:send', authorizationDetails: 'payment_initiation' },
      description: 'Accepts a payment, {"to": "…", "amount": "12.50", "currency": "EUR"}; no money moves',
      check: (caller) => {
        if (!carriesDetail(caller, 'payment_initiation')) checkScope(caller, 'payments:send')
      },
      answer: ({ caller, body }) => {
        const payment = parseBody(paymentForm, body)
        const mayPayAnything = caller.scopes.includes('payments:send')
        if (!mayPayAnything && !coversPayment(caller.authorizationDetails, payment)) {
          throw new BearerRefusal(
            403,
            'insufficient_scope',
            'The payment goes beyond the authorization details: its amount, currency and creditor must stay within them',
            'payments:send',
          )
        }
        const accepted = { id: randomUUID(), status: 'accepted', ...payment, acceptedAt: now().toISOString() } as const
        payments.set(caller.owner, [accepted, ...(payments.get(caller.owner) ?? [])].slice(0, kept))
        return { status: 201, body: accepted }
      },
    },
    {
      method: 'get',
      path: '/payments/:id',
      opens: { scope: 'payment:<id>' },
      description: 'One payment that was accepted before',
      check: (caller, id) => {
        // What is no scope of ours goes into no challenge, because a header cannot hold it.
        if (!/^[A-Za-z0-9-]{1,36}$/.test(id)) throw noPayment()
        checkScope(caller, `payment:${id}`)
      },
      answer: ({ caller: { owner }, id }) => {
        const payment = payments.get(owner)?.find((candidate) => candidate.id === id)
        if (payment === undefined) throw noPayment()
        return { status: 200, body: payment }
      },
    },
    {
      method: 'get',
      path: '/accounts',
      opens: { authorizationDetails: 'account_information' },
      description: 'The accounts that the authorization details name, with balances where they say read_balances',
      check: (caller) => {
        if (carriesDetail(caller, 'account_information')) return
        // No scope would be enough, so the challenge names none.
        throw new BearerRefusal(403, 'insufficient_scope', 'The access token carries no account_information (RFC 9396)')
      },
      answer: ({ caller: { authorizationDetails, subject } }) => ({
        status: 200,
        body: { accounts: visibleAccounts(authorizationDetails, accountsOf(subject), now()) },
      }),
    },
    {
      method: 'get',
      path: '/introspection',
      opens: {},
      description: 'What the authorization server tells the API about the access token; any access token will do',
      check: () => undefined,
      answer: ({ caller: { introspection } }) => ({ status: 200, body: introspection }),
    },
  ]
}

function openedByScope(scope: string): Pick<Endpoint, 'opens' | 'check'> {
  return {
    opens: { scope },
    check: (caller) => {
      checkScope(caller, scope)
    },
  }
}

function noPayment(): ApiRefusal {
  return new ApiRefusal(404, 'not_found', 'There is no such payment of yours')
}

function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  if (body === undefined) throw new ApiRefusal(415, 'invalid_request', 'Send JSON, with Content-Type: application/json')
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`)
  throw new ApiRefusal(400, 'invalid_request', problems.join('; '))
}
