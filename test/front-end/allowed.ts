import { authorizationRequestFrom } from '../../server/authorization-request.ts'
import { completeWithConsent, completeWithDenial, type Consent } from '../../server/consents.ts'
import type { Database } from '../../server/database/database.ts'
import { beginInteraction } from '../../server/interactions.ts'

/** An accepted request of a client, as an engine describes it. */
export function requestOf(client: { clientId: number } & Record<string, unknown>) {
  return authorizationRequestFrom(
    {
      action: 'INTERACTION',
      resultCode: 'A004001',
      resultMessage: '',
      ticket: 'ticket',
      client,
      service: { apiKey: 1 },
      maxAge: 0,
    },
    '',
  )
}

/** What a test's person allowed a client: everything it asked for, unless `decided` says otherwise. */
export async function allow(
  database: Database,
  subject: string,
  client: { clientId: number } & Record<string, unknown>,
  decided: Partial<Consent>,
  now: Date,
): Promise<void> {
  const consent = consentOf(subject, client, decided)
  const id = await beginInteraction(database, requestOf(client), 'browser', now)
  await completeWithConsent(database, id, consent, now)
}

/** What a test's person denied a client. */
export async function deny(
  database: Database,
  subject: string,
  client: { clientId: number } & Record<string, unknown>,
  denied: Partial<Consent>,
  now: Date,
): Promise<void> {
  const id = await beginInteraction(database, requestOf(client), 'browser', now)
  await completeWithDenial(database, id, consentOf(subject, client, denied), now)
}

function consentOf(
  subject: string,
  client: { clientId: number } & Record<string, unknown>,
  decided: Partial<Consent>,
): Consent {
  const request = requestOf(client)
  const { granted = [], declined = [], details = [] } = decided
  return {
    subject,
    client: request.client,
    redirectUri: request.redirectUri,
    requested: [...granted, ...declined],
    granted,
    declined,
    dynamicScopes: [],
    claims: [],
    declinedClaims: [],
    requestedDetails: details,
    details,
    replaces: false,
    resources: [],
    duration: 'unlimited',
    endsAt: undefined,
    ipClass: 'loopback',
    locale: 'en',
    sentencesHash: Buffer.alloc(32, 1).toString('base64url'),
    ...decided,
  }
}
