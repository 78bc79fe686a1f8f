import { grantableDetails, narrowDetails, parseAuthorizationDetails } from '../protocol/authorization-details.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { narrowResources, parseResources } from '../protocol/resource.ts'
import type { RegisteredClient, RegisteredService } from '../registry.ts'
import type { Authorization } from '../storage/storage.ts'

/**
 * RFC 8707 §2.2 and RFC 9396 §6: an access token is good for what its request names of the authorization, and for all of it where the
 * request names nothing. `resources` are those of the request.
 */
export function narrowAuthorization(
  authorization: Authorization,
  parameters: Parameters,
  client: RegisteredClient,
  service: RegisteredService,
): { authorization: Authorization; resources: string[] } {
  const resources = parseResources(parameters, service)
  const accessTokenResources = narrowResources(authorization.resources, resources)
  const asked = parseAuthorizationDetails(parameters.get('authorization_details'), service, client)
  // What the client may not request any more, no token brings either.
  const grantable =
    authorization.authorizationDetails && grantableDetails(authorization.authorizationDetails, service, client)
  const authorizationDetails = narrowDetails(grantable, asked, service)
  return {
    authorization: {
      ...authorization,
      ...(accessTokenResources && { accessTokenResources }),
      ...(authorizationDetails && { authorizationDetails }),
    },
    resources,
  }
}
