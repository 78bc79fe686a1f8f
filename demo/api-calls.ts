import { z } from 'zod'

export interface ApiCall {
  title: string
  method: 'GET' | 'POST'
  path: string
  scope: string
}

export type ApiCallName = 'read-notes' | 'add-note' | 'read-calendar' | 'send-payment'

/** What Daybook can ask its API, and which scope that takes. */
export const apiCalls = {
  'read-notes': { title: 'Read notes', method: 'GET', path: '/notes', scope: 'notes:read' },
  'add-note': { title: 'Add a note', method: 'POST', path: '/notes', scope: 'notes:write' },
  'read-calendar': { title: 'Read calendar', method: 'GET', path: '/calendar', scope: 'calendar:read' },
  'send-payment': { title: 'Send payment', method: 'POST', path: '/payments', scope: 'payments:send' },
} as const satisfies Record<ApiCallName, ApiCall>

const apiData = z.union([
  z.object({ notes: z.array(z.object({ text: z.string(), createdAt: z.string() })) }),
  z.object({ events: z.array(z.object({ date: z.string(), start: z.string(), end: z.string(), title: z.string() })) }),
  z.object({ status: z.literal('accepted'), to: z.string(), amount: z.string(), currency: z.string() }),
  z.object({ text: z.string(), createdAt: z.string() }),
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
