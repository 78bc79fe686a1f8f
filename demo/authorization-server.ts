import { isIPv4 } from 'node:net'
import {
  allowInsecureRequests,
  ClientError,
  ClientSecretBasic,
  discovery,
  enableNonRepudiationChecks,
  ResponseBodyError,
  type Configuration,
} from 'openid-client'

export interface Registration {
  issuer: string
  clientId: string
  clientSecret: string
}

/** Finds the authorization server when it is first needed, and again after every failure. */
export type AuthorizationServer = () => Promise<Configuration>

const timeoutSeconds = 5

/** OIDC Discovery §4: the endpoints come from the issuer's metadata. Nothing is asked before the first use, so the server may start later. */
export function authorizationServer({ issuer, clientId, clientSecret }: Registration): AuthorizationServer {
  const issuerUrl = new URL(issuer)
  let found: Promise<Configuration> | undefined

  return () => {
    found ??= find().catch((error: unknown) => {
      found = undefined
      throw error
    })
    return found
  }

  function find(): Promise<Configuration> {
    return discovery(issuerUrl, clientId, undefined, ClientSecretBasic(clientSecret), {
      timeout: timeoutSeconds,
      execute: [
        // OIDC Core §3.1.3.7 item 6 lets TLS stand in for the signature. A loopback issuer has no TLS, so the signature is always verified.
        enableNonRepudiationChecks,
        ...(isLoopbackHttp(issuerUrl) ? [allowInsecureRequests] : []),
      ],
    })
  }
}

/** RFC 8252 §8.3: plain http is safe only where it does not leave the machine. Everywhere else openid-client insists on https. */
export function isLoopbackHttp(url: URL): boolean {
  if (url.protocol !== 'http:') return false
  if (url.hostname === 'localhost' || url.hostname.endsWith('.localhost') || url.hostname === '[::1]') return true
  return isIPv4(url.hostname) && url.hostname.startsWith('127.')
}

/** Says whether an error means that the server could not be reached at all. */
export function isUnreachable(error: unknown): boolean {
  // What fetch throws in Node when a connection fails (`fetch failed`) or breaks off (`terminated`).
  if (error instanceof TypeError) return error.message === 'fetch failed' || error.message === 'terminated'
  if (error instanceof DOMException) return error.name === 'TimeoutError'
  return error instanceof ClientError && error.code === 'OAUTH_TIMEOUT'
}

/** Says whether an error is the server's trouble and may pass: it could not be reached, or it answered with a 5xx. */
export function isOutage(error: unknown): boolean {
  if (error instanceof ResponseBodyError) return error.status >= 500
  if (error instanceof ClientError && error.cause instanceof Response) return error.cause.status >= 500
  return isUnreachable(error)
}
