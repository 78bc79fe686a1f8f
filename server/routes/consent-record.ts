import type { RequestHandler } from 'express'
import { membersOf } from '../authorization-details/element.ts'
import { findConnectedApp, listConsents, type ConsentRecord } from '../connected-apps.ts'
import type { FrontEnd } from '../front-end.ts'
import { clientIdOf, nothingHere } from '../open-app.ts'
import { sendJson } from '../respond.ts'
import { requirePerson } from './sign-in.ts'

/** GET /apps/:clientId/record.json — GDPR Art. 7(1), 15(3): the evidence of what a person decided, as a file of their own. */
export function consentRecord(frontEnd: FrontEnd): RequestHandler {
  return async (req, res) => {
    const clientId = clientIdOf(req)
    const person = await requirePerson(frontEnd, req, res, `/apps/${clientId}`)
    if (person === undefined) return
    const { config, database, serviceName, now } = frontEnd
    const { subject, username } = person
    const records = await listConsents(database, subject, clientId)
    // The evidence outlives the access: whoever removed a client may still ask what they had agreed to.
    if (records.length === 0) throw nothingHere()
    const connected = await findConnectedApp(database, subject, clientId, now())
    const record = {
      issuer: config.issuer,
      service: serviceName,
      subject,
      username,
      // Absent once the client is removed.
      client: { client_id: clientId, client_name: connected?.client.clientName },
      made_at: now().toISOString(),
      records: records.map(entryOf),
    }
    res.set('Content-Disposition', `attachment; filename="consent-record-${clientId}.json"`)
    sendJson(res, 200, JSON.stringify(record, null, 2))
  }
}

function entryOf(record: ConsentRecord): object {
  const { event, at, requested, granted, declined, claims, declinedClaims, details, duration, endsAt } = record
  const requestedDetails = details.requested.map(membersOf)
  const circumstances = {
    language: record.locale,
    sentences_hash: record.sentencesHash,
    address_class: record.ipClass,
  }
  if (event !== 'decided' && event !== 'denied' && event !== 'skipped') {
    const removed = { scopes: declined, claims: declinedClaims, authorization_details: requestedDetails }
    return { event, at: at.toISOString(), removed, ...circumstances }
  }
  return {
    event,
    at: at.toISOString(),
    requested: {
      scopes: requested,
      claims: [...claims, ...declinedClaims],
      authorization_details: requestedDetails,
    },
    granted: { scopes: granted, claims, authorization_details: details.granted.map(membersOf) },
    declined: {
      scopes: declined,
      claims: declinedClaims,
      // Whoever allows some may have narrowed the others; whoever denies says no to each as it was.
      ...(event === 'denied' && { authorization_details: requestedDetails }),
    },
    // A denial lasts for no time.
    ...(event !== 'denied' && { duration, ends_at: endsAt?.toISOString() ?? null }),
    ...circumstances,
  }
}
