import { fetchProtectedResource, type Configuration } from 'openid-client'
import { DaybookRefusal } from './problems.ts'
import type { SignIn } from './sign-in.ts'

/** Grant Management for OAuth 2.0: asks the server what the grant holds now. Takes the scope grant_management_query. */
export async function queryGrant(server: Configuration, signIn: SignIn): Promise<void> {
  const response = await callGrantEndpoint(server, signIn, 'GET')
  signIn.grantContent = JSON.stringify(await response.json(), undefined, 2)
}

/** Grant Management for OAuth 2.0: ends the grant with everything that came of it. Takes the scope grant_management_revoke. */
export async function revokeGrant(server: Configuration, signIn: SignIn): Promise<void> {
  await callGrantEndpoint(server, signIn, 'DELETE')
  signIn.grantContent = undefined
  signIn.revoked = true
}

async function callGrantEndpoint(
  server: Configuration,
  { grantId, tokens }: SignIn,
  method: 'GET' | 'DELETE',
): Promise<Response> {
  const endpoint = server.serverMetadata()['grant_management_endpoint']
  if (grantId === undefined || typeof endpoint !== 'string') {
    throw new DaybookRefusal(
      400,
      'There is no grant to manage',
      'Choose a grant management action on the start page. The server must know grant management, too.',
    )
  }
  const url = new URL(`${endpoint}/${encodeURIComponent(grantId)}`)
  const response = await fetchProtectedResource(server, tokens.accessToken, url, method)
  if (response.ok) return response
  throw new DaybookRefusal(
    502,
    'Gatehouse did not find the grant',
    `It answered ${response.status}. The grant may have been revoked, or the person took it back under Connected apps.`,
  )
}
