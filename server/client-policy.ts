import type { AuthorizationRequest } from './authorization-request.ts'
import type { FailReason } from './decision.ts'
import { isLoopback } from './redirect-destination.ts'
import { policiesOf } from './scope-policy.ts'

/*
 * Which client may ask for what: the rules of your house. Edit this file; nothing else decides by a client's attributes.
 *
 * The client attribute `affiliation` says how close a client is to this service: `first-party`, `partner` or `third-party`. The scope
 * attribute `policy.affiliation` lists who may ask for a scope. Both are set through the engine's API, and no client can set its own.
 */

const affiliations = ['first-party', 'partner', 'third-party'] as const

type Affiliation = (typeof affiliations)[number]

export type ClientVerdict = { allowed: true } | { allowed: false; reason: FailReason; description: string }

/** RFC 6749 §3.3: whether this client may make this request at all. It is asked before any page, and with `prompt=none` too. */
export function clientPolicy(request: AuthorizationRequest): ClientVerdict {
  const affiliation = affiliationOf(request.client)
  for (const { name, attributes } of [...request.scopes, ...request.dynamicScopes]) {
    const admitted = wordsOf(attributes, 'policy.affiliation')
    if (admitted === undefined || admitted.includes(affiliation)) continue
    // An attribute without a word admits nobody: a mistake in it must not open the scope.
    const whom = admitted.length === 0 ? 'no' : admitted.join(' and ')
    const description = `The scope ${name} is for ${whom} clients, and this client is ${affiliation}. Leave it out, or ask the service to change the affiliation of the client.`
    return { allowed: false, reason: 'INVALID_SCOPE', description }
  }
  return { allowed: true }
}

/** OIDC Core §3.1.2.4: consent may be given by other means. A client of the house with the attribute `consent` = `skip` needs no page. */
export function maySkipConsent(request: AuthorizationRequest): boolean {
  const { client, prompts, dynamicScopes, authorizationDetails, gmAction } = request
  return (
    affiliationOf(client) === 'first-party' &&
    attributeOf(client.attributes, 'consent') === 'skip' &&
    mayRemember(request) &&
    !prompts.includes('CONSENT') &&
    dynamicScopes.length === 0 &&
    authorizationDetails === undefined &&
    gmAction === undefined &&
    !policiesOf(request).some(({ sensitive }) => sensitive)
  )
}

/** RFC 8252 §8.6: whether nobody else can pretend to be this client, so that a decision may be made for the person from memory. */
export function mayRemember({ client, redirectUri }: AuthorizationRequest): boolean {
  const isStatic =
    (client.clientSource ?? 'STATIC_REGISTRATION') === 'STATIC_REGISTRATION' &&
    !client.dynamicallyRegistered &&
    !client.discoveredByMetadataDocument
  if (!isStatic) return false
  if (client.clientType !== 'PUBLIC') return true
  // Any program on the device can answer at a loopback address or claim a scheme; an https address has one owner.
  const isOurs = affiliationOf(client) === 'first-party'
  return isOurs && redirectUri?.startsWith('https:') === true && !isLoopback(new URL(redirectUri))
}

/** What is not said, or said wrongly, is the least. */
function affiliationOf({ attributes }: AuthorizationRequest['client']): Affiliation {
  const said = attributeOf(attributes, 'affiliation')
  return affiliations.find((affiliation) => affiliation === said) ?? 'third-party'
}

type Attributes = AuthorizationRequest['client']['attributes']

function attributeOf(attributes: Attributes, wanted: string): string | undefined {
  return attributes.find(({ key }) => key === wanted)?.value
}

function wordsOf(attributes: Attributes, wanted: string): string[] | undefined {
  return attributeOf(attributes, wanted)
    ?.split(/[\s,]+/)
    .filter((word) => word !== '')
}
