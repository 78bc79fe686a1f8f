import type { Database, Query, Row } from '../../database/database.ts'
import { query, statement } from '../../database/database.ts'
import { parseHandle } from '../handle.ts'
import { contentOf, mergeContent, narrowContent, withContent, withoutDeclined } from '../protocol/grant-content.ts'
import { grantContentJson } from './authorization-json.ts'
import { forgetGrantedScopes } from './granted-scopes.ts'
import { inOrder } from './in-order.ts'
import { integer, text, time } from './row.ts'
import type {
  Authorization,
  CodeIssue,
  GrantContent,
  ManagedGrant,
  ManagedGrantRefusal,
  Remainder,
  Storage,
} from './storage.ts'

const insert = statement(
  'create_managed_grant',
  `INSERT INTO managed_grants (grant_id, service_id, client_id, subject, content_json, created_at, modified_at)
   VALUES ($1, $2, $3, $4, $5, $6, $6)`,
)
const select = statement(
  'find_managed_grant',
  `SELECT m.grant_id, m.client_id, m.subject, m.content_json, m.created_at, m.modified_at FROM managed_grants m
   JOIN clients c ON c.service_id = m.service_id AND c.client_id = m.client_id
   WHERE m.grant_id = $1 AND m.service_id = $2`,
)
const hold = statement(
  'hold_managed_grant',
  `UPDATE managed_grants SET modified_at = modified_at WHERE grant_id = $1 AND service_id = $2 AND client_id = $3
   RETURNING subject, content_json`,
)
const holdAll = statement(
  'hold_managed_grants_of_subject',
  `SELECT grant_id, content_json FROM managed_grants WHERE service_id = $1 AND client_id = $2 AND subject = $3
   ORDER BY grant_id FOR UPDATE`,
)
const setContent = statement(
  'set_managed_grant_content',
  'UPDATE managed_grants SET content_json = $2, modified_at = $3 WHERE grant_id = $1',
)
const remove = statement(
  'delete_managed_grant',
  'DELETE FROM managed_grants WHERE grant_id = $1 AND service_id = $2 RETURNING client_id, subject',
)
const removeAll = statement(
  'delete_managed_grants_of_subject',
  `DELETE FROM managed_grants
   WHERE ${inOrder('managed_grants', 'grant_id', 'service_id = $1 AND client_id = $2 AND subject = $3')}`,
)
const unrevokedParts = 'service_id = $1 AND managed_id = $2 AND revoked_at IS NULL'
const revokeParts = statement(
  'revoke_parts_of_managed_grant',
  `UPDATE grants SET revoked_at = $3 WHERE ${inOrder('grants', 'grant_id', unrevokedParts)}`,
)
const endRefreshTokens = statement(
  'end_refresh_tokens_of_managed_grant',
  `UPDATE grants SET refresh_ended_at = $3,
     refresh_expires_at = CASE WHEN refresh_expires_at > $3 THEN $3 ELSE refresh_expires_at END
   WHERE ${inOrder('grants', 'grant_id', `${unrevokedParts} AND refresh_ended_at IS NULL`)}`,
)

/** Grant Management for OAuth 2.0: grants that the client can name. */
export function managedGrantVerbs(database: Database): Pick<Storage, 'findManagedGrant' | 'revokeManagedGrant'> {
  return {
    async findManagedGrant(serviceId, grantId) {
      // PostgreSQL refuses some texts. What is not made like an id of ours is not one.
      if (!parseHandle(grantId)) return undefined
      const [row] = await database.read(query(select, grantId, serviceId))
      return row && managedGrant(row)
    },

    revokeManagedGrant: (serviceId, grantId, now) =>
      database.transact(function* () {
        const [removed] = parseHandle(grantId) ? yield query(remove, grantId, serviceId) : []
        if (!removed) return false
        yield query(revokeParts, serviceId, grantId, now.getTime())
        yield* forgetGrantedScopes(serviceId, integer(removed, 'client_id'), text(removed, 'subject'))
        return true
      }),
  }
}

/**
 * Part of a transaction, Grant Management for OAuth 2.0 §5.2: creates or changes the managed grant of an authorization. Answers with the
 * authorization as it belongs to that grant, or says why nothing was changed.
 */
export function* changeManagedGrant(
  { serviceId, grant, code, managedGrant }: CodeIssue,
  now: Date,
): Generator<Query, Authorization | ManagedGrantRefusal, Row[]> {
  const { authorization } = code
  if (!managedGrant) return authorization
  const { action, grantId, claims, declined, mayBring } = managedGrant
  const { clientId, subject } = grant
  const added = contentOf(authorization, claims)
  const managed = { ...authorization, managedGrantId: grantId }
  if (action === 'create') {
    yield query(insert, grantId, serviceId, clientId, subject, grantContentJson.write(added), now.getTime())
    return managed
  }
  // From here to the end of the transaction the row is ours: what is read of it now cannot be narrowed or revoked under our hands.
  const [held] = yield query(hold, grantId, serviceId, clientId)
  if (!held) return 'grant-gone'
  // Somebody else signed in than the one who gave the grant. It stays as it is, and this authorization is none of its parts.
  if (text(held, 'subject') !== subject) return authorization
  if (action === 'replace') {
    yield query(revokeParts, serviceId, grantId, now.getTime())
    yield query(setContent, grantId, grantContentJson.write(added), now.getTime())
    return managed
  }
  const merged = mergeContent(withoutDeclined(grantContentJson.read(text(held, 'content_json')), declined), added, now)
  const authorizationOfAll = withContent(managed, merged)
  // Since the request was checked, the grant may have got scopes that ask for more of a request.
  if (!mayBring(authorizationOfAll.scopes)) return 'grant-beyond-request'
  // §5.2: the refresh tokens that there were end, even where the new one is for other resources and cannot do what they could.
  yield query(endRefreshTokens, serviceId, grantId, now.getTime())
  yield query(setContent, grantId, grantContentJson.write(merged), now.getTime())
  return authorizationOfAll
}

/** Part of a transaction: the managed grants of a subject and a client hold at most what is left. */
export function* narrowManagedGrants(
  serviceId: number,
  clientId: number,
  subject: string,
  left: Remainder,
  now: Date,
): Generator<Query, void, Row[]> {
  for (const row of yield query(holdAll, serviceId, clientId, subject)) {
    const held = text(row, 'content_json')
    const narrowed = grantContentJson.write(narrowContent(grantContentJson.read(held), left))
    if (narrowed !== held) yield query(setContent, text(row, 'grant_id'), narrowed, now.getTime())
  }
}

/** Part of a transaction: the managed grants of a subject and a client end. What came of them is for the caller to revoke. */
export function* removeManagedGrants(
  serviceId: number,
  clientId: number,
  subject: string,
): Generator<Query, void, Row[]> {
  yield query(removeAll, serviceId, clientId, subject)
}

function managedGrant(row: Row): ManagedGrant {
  const content: GrantContent = grantContentJson.read(text(row, 'content_json'))
  return {
    ...content,
    grantId: text(row, 'grant_id'),
    clientId: integer(row, 'client_id'),
    subject: text(row, 'subject'),
    createdAt: time(row, 'created_at'),
    modifiedAt: time(row, 'modified_at'),
  }
}
