import type { RegisteredService } from '../registry.ts'
import type { Authorization, AuthorizationRequest, ClaimNames, Declined } from '../storage/storage.ts'
import type { AuthorizationDetail } from './authorization-details.ts'
import { canonicalJson } from './canonical-json.ts'
import { idTokenClaimNames, userinfoClaimNames } from './claim-names.ts'
import { detailSchemaOf } from './detail-schema.ts'
import { untagged } from './localized-claims.ts'
import { staysWithin } from './narrowing.ts'

type Opening = Pick<Authorization, 'scopes' | 'claims' | 'consentedClaims'>
type Requested = Pick<AuthorizationRequest, 'scopes' | 'claims' | 'authorizationDetails'>
type Granted = Opening & Pick<Authorization, 'authorizationDetails'>

/** OIDC Core §5.4 and §5.5: the claims that scopes and requests open, as far as the subject consented. */
export function openedClaims({ scopes, claims, consentedClaims }: Opening, service: RegisteredService): ClaimNames {
  const open = (names: readonly string[]) =>
    [...new Set(names.map(untagged))].filter((name) => consentedClaims?.includes(name) ?? true)
  return {
    idToken: open(idTokenClaimNames(scopes, claims, service)),
    userinfo: open(userinfoClaimNames(scopes, claims, service)),
  }
}

/** Grant Management for OAuth 2.0 §5.2: what was requested and not granted, so that no merge brings it back. */
export function declinedOf(requested: Requested, granted: Granted, service: RegisteredService): Declined {
  return {
    scopes: requested.scopes.filter((scope) => !granted.scopes.includes(scope)),
    claims: declinedClaims(
      openedClaims({ scopes: requested.scopes, claims: requested.claims }, service),
      openedClaims(granted, service),
    ),
    isDeclined: liesWithin(declinedDetails(requested, granted), service),
  }
}

/** A claim that is granted in one place only is declined in the other; one that is granted in neither, wherever it was before. */
function declinedClaims(requested: ClaimNames, granted: ClaimNames): ClaimNames {
  const grantedNames = [...granted.idToken, ...granted.userinfo]
  const refused = [...requested.idToken, ...requested.userinfo].filter((name) => !grantedNames.includes(name))
  const declinedIn = (place: keyof ClaimNames) => [
    ...new Set([...refused, ...requested[place].filter((name) => !granted[place].includes(name))]),
  ]
  return { idToken: declinedIn('idToken'), userinfo: declinedIn('userinfo') }
}

/** RFC 9396 §7: elements that were not granted as they were requested, or not as often. */
function declinedDetails(
  { authorizationDetails: requested = [] }: Requested,
  { authorizationDetails: granted = [] }: Granted,
): AuthorizationDetail[] {
  const left = granted.map(({ detail }) => canonicalJson(detail))
  return requested.filter((detail) => {
    const place = left.indexOf(canonicalJson(detail))
    if (place >= 0) left.splice(place, 1)
    return place < 0
  })
}

/** What was granted earlier of a smaller amount, say, is declined together with the larger one. */
function liesWithin(declined: readonly AuthorizationDetail[], service: RegisteredService): Declined['isDeclined'] {
  return (detail) =>
    declined.some(
      (other) => other.type === detail.type && staysWithin(detail, other, detailSchemaOf(service, detail.type).root),
    )
}
