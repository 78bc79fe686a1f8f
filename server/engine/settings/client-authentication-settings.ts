import { isIP } from 'node:net'
import type { Client, Service } from '../../../sdk/types.ts'
import { parseJwks } from '../keys.ts'
import { parseCertificate } from '../protocol/certificate.ts'
import { isAuthorityAt } from '../protocol/certificate-chain.ts'
import type { RegisteredName } from '../protocol/certificate-name.ts'
import { nameMembers, registeredNamesOf } from '../protocol/certificate-name.ts'
import { parseDistinguishedName } from '../protocol/distinguished-name.ts'
import { isUri } from '../protocol/uri.ts'
import type { RegisteredService } from '../registry.ts'
import type { Sealer } from '../sealing.ts'
import { settingFault } from './setting-fault.ts'
import { checkUnique } from './texts.ts'
import { checkWebAddress } from './web-address.ts'

/** OIDC Core §9: whoever signs with its secret must be verified with the secret, so it is kept, sealed, or not at all. */
export function checkSecretMethods(settings: Service, sealer: Sealer | undefined): void {
  for (const member of ['supportedTokenAuthMethods', 'supportedRevocationAuthMethods'] as const) {
    if (settings[member]?.includes('CLIENT_SECRET_JWT')) checkSealer(member, sealer)
  }
}

/** CLIENT_SECRET_JWT is taken where there is a key to seal secrets with. */
export function checkSealer(member: string, sealer: Sealer | undefined): void {
  if (sealer) return
  throw settingFault(
    member,
    'CLIENT_SECRET_JWT needs secrets that can be read again, and the engine has no key to seal them with; set ENGINE_ENCRYPTION_KEY to 32 bytes, for example what `openssl rand -hex 32` prints',
  )
}

/** RFC 8705 §2.1: the authorities that certificates must lead to, or the word of the operator that somebody else has seen to it. */
export async function checkTrustedRoots(settings: Service, now: Date): Promise<void> {
  const { trustedRootCertificates: roots = [], mutualTlsValidatePkiCertChain: isValidated } = settings
  const member = 'trustedRootCertificates'
  checkUnique(member, roots)
  for (const [index, root] of roots.entries()) {
    const certificate = parseCertificate(root)
    if (!certificate || !(await isAuthorityAt(certificate, now))) {
      throw settingFault(
        `${member}/${index}`,
        'the certificate of an authority is expected as PEM: valid now, with basicConstraints CA, and with a key of today',
      )
    }
  }
  if (isValidated && roots.length === 0 && supportsPki(settings)) {
    throw settingFault(
      member,
      'TLS_CLIENT_AUTH needs a certificate authority to trust; say mutualTlsValidatePkiCertChain: false only where whoever ends TLS verifies the chain of every client certificate',
    )
  }
}

function supportsPki({ supportedTokenAuthMethods = [], supportedRevocationAuthMethods = [] }: Service): boolean {
  return [...supportedTokenAuthMethods, ...supportedRevocationAuthMethods].includes('TLS_CLIENT_AUTH')
}

/** RFC 8705 §5: the endpoints that clients call themselves, by their names in the metadata. */
const directEndpoints: ReadonlyMap<string, keyof Service> = new Map([
  ['token_endpoint', 'tokenEndpoint'],
  ['revocation_endpoint', 'revocationEndpoint'],
  ['introspection_endpoint', 'introspectionEndpoint'],
  ['pushed_authorization_request_endpoint', 'pushedAuthReqEndpoint'],
  ['userinfo_endpoint', 'userInfoEndpoint'],
  ['grant_management_endpoint', 'grantManagementEndpoint'],
  ['registration_endpoint', 'registrationEndpoint'],
  ['device_authorization_endpoint', 'deviceAuthorizationEndpoint'],
  ['backchannel_authentication_endpoint', 'backchannelAuthenticationEndpoint'],
] satisfies [string, keyof Service][])

/** RFC 8705 §5: another address for each of some endpoints. People are sent to no alias, so there is none for authorization_endpoint. */
export function checkMtlsEndpointAliases(settings: Service): void {
  const { mtlsEndpointAliases: aliases = [] } = settings
  const member = 'mtlsEndpointAliases'
  checkUnique(
    member,
    aliases.map(({ name }) => name),
  )
  for (const [index, { name, uri }] of aliases.entries()) {
    const endpoint = directEndpoints.get(name)
    if (!endpoint || settings[endpoint] === undefined) {
      const names = [...directEndpoints].flatMap(([known, of]) => (settings[of] === undefined ? [] : [known]))
      throw settingFault(`${member}/${index}/name`, `an endpoint that the service has is expected: ${names.join(', ')}`)
    }
    checkWebAddress(`${member}/${index}/uri`, uri)
  }
}

/** RFC 8705 §2.1.2, §2.2 and §3.4: what a client registers about its certificate. */
export function checkCertificateSettings(settings: Client, { settings: service }: RegisteredService): void {
  const { tokenAuthMethod: method, jwks, jwksUri, selfSignedCertificateKeyId: kid } = settings
  checkNames(registeredNamesOf(settings), method === 'TLS_CLIENT_AUTH')
  const isSelfSigned = method === 'SELF_SIGNED_TLS_CLIENT_AUTH'
  if (isSelfSigned && jwks === undefined && jwksUri === undefined) {
    throw settingFault('jwks', 'SELF_SIGNED_TLS_CLIENT_AUTH needs the key of the certificate, here or at jwksUri')
  }
  if (kid && !isSelfSigned) {
    throw settingFault('selfSignedCertificateKeyId', 'it goes with SELF_SIGNED_TLS_CLIENT_AUTH only')
  }
  if (kid && jwksUri === undefined && !parseJwks(jwks).some((key) => key.kid === kid)) {
    throw settingFault('selfSignedCertificateKeyId', 'the kid of a key in jwks is expected')
  }
  if (settings.tlsClientCertificateBoundAccessTokens && !service.tlsClientCertificateBoundAccessTokens) {
    throw settingFault(
      'tlsClientCertificateBoundAccessTokens',
      'the service does not bind tokens to certificates; set its tlsClientCertificateBoundAccessTokens first',
    )
  }
}

function checkNames(names: readonly RegisteredName[], isNeeded: boolean): void {
  const [first, second] = names
  if (first && !isNeeded) throw settingFault(first.member, 'it goes with TLS_CLIENT_AUTH only')
  if (isNeeded && (!first || second)) {
    throw settingFault(
      first?.member ?? nameMembers[0],
      `TLS_CLIENT_AUTH needs exactly one of ${nameMembers.join(', ')}`,
    )
  }
  if (first) checkName(first)
}

/** RFC 5280 §4.2.1.6: what names of each kind look like. */
const expectedNames = {
  tlsClientAuthSanDns: {
    isExpected: (name: string) => /^[A-Za-z0-9_*-]+(\.[A-Za-z0-9_-]+)*$/.test(name),
    expectation: 'the name of a host is expected',
  },
  tlsClientAuthSanUri: { isExpected: isUri, expectation: 'a URI is expected' },
  tlsClientAuthSanIp: {
    isExpected: (address: string) => isIP(address) !== 0,
    expectation: 'an IPv4 or IPv6 address is expected',
  },
  tlsClientAuthSanEmail: {
    isExpected: (address: string) => /^[^@\s]+@[^@\s]+$/.test(address),
    expectation: 'an e-mail address is expected',
  },
} as const

function checkName({ member, value }: RegisteredName): void {
  if (member !== 'tlsClientAuthSubjectDn') {
    if (expectedNames[member].isExpected(value)) return
    throw settingFault(member, expectedNames[member].expectation)
  }
  try {
    parseDistinguishedName(value)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be read'
    throw settingFault(member, `a distinguished name as RFC 4514 writes it is expected: ${reason}`)
  }
}
