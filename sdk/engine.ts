import createClient from 'openapi-fetch'
import { LightRequest } from './light-fetch.ts'
import type { paths } from './schema.ts'

/** Where the engine is, and what opens it. */
export interface EngineAccess {
  /** Base URL of the engine's API, for example `https://engine.example`. */
  baseUrl: string
  /** API access token of the front-end. */
  accessToken: string
  /** An engine in this process, instead of one behind `baseUrl`. */
  fetch?: (request: Request) => Promise<Response>
}

export type Engine = ReturnType<typeof connectEngine>

/** Milliseconds that a remote engine may take. */
const patienceMs = 10_000

/** Connects to the engine of `spec/engine.yaml`, near or far: the same calls and the same JSON. */
export function connectEngine({ baseUrl, accessToken, fetch: inProcess }: EngineAccess) {
  const headers = { Authorization: `Bearer ${accessToken}` }
  return inProcess
    ? createClient<paths>({ baseUrl, headers, fetch: inProcess, Request: LightRequest })
    : createClient<paths>({ baseUrl, headers, fetch: overTheNetwork })
}

function overTheNetwork(request: Request): Promise<Response> {
  return fetch(request, { signal: AbortSignal.timeout(patienceMs), redirect: 'error' })
}

/** The engine refused the call itself, or could not be reached: a fault of ours, never of the client application. */
export class EngineError extends Error {
  readonly status: number
  readonly resultCode: string | undefined

  constructor(status: number, resultCode: string | undefined, message: string) {
    super(message)
    this.name = 'EngineError'
    this.status = status
    this.resultCode = resultCode
  }
}

type Outcome<Data> = { data: Data; response: Response } | { data?: undefined; error?: unknown; response: Response }

/** Waits for an answer of the engine and returns its body; throws an {@link EngineError} when the call failed. */
export async function ask<Data>(call: Promise<Outcome<Data>>): Promise<Exclude<Data, undefined>> {
  const outcome = await call
  if (outcome.response.ok && isPresent(outcome.data)) return outcome.data
  const { resultCode, resultMessage } = faultOf('error' in outcome ? outcome.error : undefined)
  const { status } = outcome.response
  throw new EngineError(status, resultCode, resultMessage ?? `The engine answered ${status} without a message.`)
}

function isPresent<Data>(data: Data): data is Exclude<Data, undefined> {
  return data !== undefined
}

function faultOf(error: unknown): { resultCode?: string; resultMessage?: string } {
  if (typeof error !== 'object' || error === null) return {}
  return {
    ...('resultCode' in error && typeof error.resultCode === 'string' && { resultCode: error.resultCode }),
    ...('resultMessage' in error && typeof error.resultMessage === 'string' && { resultMessage: error.resultMessage }),
  }
}
