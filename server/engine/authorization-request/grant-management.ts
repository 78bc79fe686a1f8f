import { OAuthError } from '../oauth-error.ts'
import type { GrantManagement, ManagedGrant } from '../storage/storage.ts'
import type { SentRequest } from './sent-request.ts'

/** What is to become of which grant, and what that grant holds now. */
export interface RequestedGrantManagement {
  grantManagement: GrantManagement
  /** The grant that is to be merged or replaced. */
  managedGrant?: ManagedGrant
}

/**
 * Grant Management for OAuth 2.0: `grant_management_action` and `grant_id`. A service without the endpoint does not know the parameters, so
 * they are ignored as any others that it does not know, RFC 6749 §3.1.
 */
export async function checkGrantManagement(sent: SentRequest): Promise<RequestedGrantManagement | undefined> {
  const { parameters, client, service } = sent
  if (service.settings.grantManagementEndpoint === undefined) return undefined
  const action = parameters.get('grant_management_action')
  const grantId = parameters.get('grant_id')
  if (action === undefined && grantId === undefined && !service.settings.grantManagementActionRequired) return undefined
  if (action === undefined) {
    throw invalidRequest(
      'A985301',
      grantId === undefined
        ? 'grant_management_action is missing; the service requires it.'
        : 'grant_id needs a grant_management_action: merge or replace.',
    )
  }
  if (action !== 'create' && action !== 'merge' && action !== 'replace') {
    throw invalidRequest('A985302', 'grant_management_action must be create, merge or replace.')
  }
  // A grant belongs to whoever can prove to be its client.
  if (client.settings.clientType === 'PUBLIC') {
    throw invalidRequest('A285311', 'Grants are managed for confidential clients only.')
  }
  if (action === 'create') {
    if (grantId === undefined) return { grantManagement: { action } }
    throw invalidRequest('A985303', 'grant_management_action=create makes a new grant, so grant_id must be left out.')
  }
  if (grantId === undefined) throw invalidRequest('A985304', `grant_management_action=${action} needs a grant_id.`)
  return { grantManagement: { action, grantId }, managedGrant: await findManagedGrant(grantId, sent) }
}

async function findManagedGrant(grantId: string, { client, service, storage }: SentRequest): Promise<ManagedGrant> {
  const grant = await storage.findManagedGrant(service.serviceId, grantId)
  // The grant of another client is as good as unknown: nobody learns that it is there.
  if (grant?.clientId === client.clientId) return grant
  throw new OAuthError(
    'invalid_grant_id',
    'A985305',
    'grant_id is unknown, revoked, or the grant of another client.',
    'grant-management',
  )
}

function invalidRequest(resultCode: string, description: string): OAuthError {
  return new OAuthError('invalid_request', resultCode, description, 'grant-management')
}
