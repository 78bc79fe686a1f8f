import { sha256 } from '../constant-time.ts'
import type { ServiceContext } from '../context.ts'
import { OAuthError } from '../oauth-error.ts'
import type { RegisteredClient } from '../registry.ts'

/** RFC 9101 §5.2.3 and §9.4, and what plain file servers say. */
const mediaTypes = ['application/oauth-authz-req+jwt', 'application/jwt', 'application/jose', 'text/plain']

/** Characters: as much as a request by value may have. */
const longest = 65_536

/** RFC 9101 §5.2 and §10.4: reads the request object at an address that the client registered, anew each time. Nothing else is ever fetched. */
export async function fetchRequestObject(
  requestUri: string,
  { settings }: RegisteredClient,
  { fetchOutbound }: ServiceContext,
): Promise<string> {
  if (!settings.requestUris?.includes(requestUri)) {
    throw refused(
      'A908302',
      'request_uri is neither one that was pushed to this server nor one that the client registered.',
    )
  }
  const [address = '', fragment = ''] = requestUri.split('#')
  const text = await fetchOutbound(address, { mediaTypes, read: (answer) => limited(answer.text) })
  if (text === undefined) throw refused('A908306', 'The request object at request_uri could not be read.')
  // OIDC Core §6.2: a fragment that can be a hash is the hash of what stands there.
  if (/^[\w-]{43}$/.test(fragment) && sha256(text).toString('base64url') !== fragment) {
    throw refused('A908307', 'The request object at request_uri is not the one whose hash the address names.')
  }
  return text.trim()
}

/** A longer one counts as one that could not be read. */
function limited(text: string): string {
  if (text.length > longest) throw new Error(`it has more than ${longest} characters`)
  return text
}

function refused(resultCode: string, description: string): OAuthError {
  return new OAuthError('invalid_request_uri', resultCode, description, 'rfc9101#section-5.2')
}
