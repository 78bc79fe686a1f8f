import { z } from 'zod'

export interface ApiCall {
  title: string
  method: 'GET' | 'POST'
  path: string
  /** What of a token opens it, for people to read. */
  needs: string
}

export const apiCallNames = [
  'read-notes',
  'add-note',
  'read-calendar',
  'send-payment',
  'see-payment',
  'read-accounts',
  'see-token',
] as const

export type ApiCallName = (typeof apiCallNames)[number]

/** What Daybook can ask its API, and what that takes. */
export const apiCalls: Record<ApiCallName, ApiCall> = {
  'read-notes': { title: 'Read notes', method: 'GET', path: '/notes', needs: 'notes:read' },
  'add-note': { title: 'Add a note', method: 'POST', path: '/notes', needs: 'notes:write' },
  'read-calendar': { title: 'Read calendar', method: 'GET', path: '/calendar', needs: 'calendar:read' },
  'send-payment': {
    title: 'Send payment',
    method: 'POST',
    path: '/payments',
    needs: 'payments:send or payment_initiation',
  },
  'see-payment': { title: 'See a payment', method: 'GET', path: '/payments', needs: 'payment:…' },
  'read-accounts': { title: 'See bank accounts', method: 'GET', path: '/accounts', needs: 'account_information' },
  'see-token': { title: 'See what the API learns', method: 'GET', path: '/introspection', needs: 'any access token' },
}

const payment = z.object({
  id: z.string(),
  status: z.literal('accepted'),
  to: z.string(),
  amount: z.string(),
  currency: z.string(),
})

const account = z.object({ iban: z.string(), name: z.string(), currency: z.string(), balance: z.string().optional() })

const apiData = z.union([
  z.object({ notes: z.array(z.object({ text: z.string(), createdAt: z.string() })) }),
  z.object({ events: z.array(z.object({ date: z.string(), start: z.string(), end: z.string(), title: z.string() })) }),
  z.object({ accounts: z.array(account) }),
  payment,
  z.object({ text: z.string(), createdAt: z.string() }),
  z.object({ active: z.literal(true) }),
])

export interface ApiAnswer {
  call: ApiCall
  status: number
  /** The WWW-Authenticate header of a refusal (RFC 6750 §3). */
  challenge: string | undefined
  /** The JSON of the answer, indented. */
  json: string
  /** The answer as data, when the API did what it was asked. */
  data: z.infer<typeof apiData> | undefined
}

const timeoutMilliseconds = 5000

/** RFC 6750 §2.1: calls the demo API with the access token in the Authorization header. */
export async function callApi(
  apiUrl: string,
  accessToken: string,
  call: ApiCall,
  body: object | undefined,
): Promise<ApiAnswer> {
  const response = await fetch(`${apiUrl}${call.path}`, {
    method: call.method,
    headers: {
      authorization: `Bearer ${accessToken}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: 'error', // A redirect would carry the token to somebody else.
    signal: AbortSignal.timeout(timeoutMilliseconds),
  })
  const answer: unknown = await response.json()
  return {
    call,
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? undefined,
    json: JSON.stringify(answer, undefined, 2),
    data: response.ok ? apiData.parse(answer) : undefined,
  }
}
