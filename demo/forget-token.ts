import { isUnreachable } from './authorization-server.ts'

const timeoutMilliseconds = 5000

/**
 * RFC 7662 §4: tells an API that something has happened to an access token, so that it forgets what it knew about it. An API that
 * remembers nothing has nothing to do here, and one that cannot be reached remembers for a few seconds only: neither is an error.
 */
export async function forgetToken(apiUrl: string, accessToken: string): Promise<void> {
  try {
    await fetch(`${apiUrl}/introspection`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${accessToken}` },
      redirect: 'error', // A redirect would carry the token to somebody else.
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
  } catch (error) {
    if (!isUnreachable(error)) throw error
  }
}
