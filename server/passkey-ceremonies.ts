import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { z } from 'zod'
import type { FrontEnd } from './front-end.ts'
import { challengeMs, issueChallenge, redeemChallenge, type ChallengePurpose } from './passkey-challenges.ts'
import { addPasskey, findPasskey, listPasskeys, recordPasskeyUse } from './passkeys.ts'
import { accountView } from './show-page.ts'
import type { User } from './users.ts'

type Ceremony = Pick<FrontEnd, 'config' | 'database' | 'log' | 'now' | 'users'>

/** More passkeys than anybody has devices. */
export const maxPasskeys = 20

/** WebAuthn §4, RP ID: the host of the issuer; undefined where that is an address, for which no browser makes passkeys. */
export function relyingPartyId({ issuer }: { issuer: string }): string | undefined {
  const { hostname } = new URL(issuer)
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : undefined
}

/** WebAuthn §5.5, PublicKeyCredentialRequestOptions: no credential is named, so that nobody learns whose passkeys there are. */
export async function requestOptions({ database, now }: Ceremony, rpID: string, browser: string): Promise<object> {
  const challenge = bytesOf(await issueChallenge(database, { browser, subject: undefined }, now()))
  return generateAuthenticationOptions({ rpID, challenge, timeout: challengeMs, userVerification: 'required' })
}

/** WebAuthn §5.4, PublicKeyCredentialCreationOptions: a passkey that its device finds without a username, and unlocks for its owner only. */
export async function creationOptions(
  { database, now }: Ceremony,
  { rpID, rpName }: { rpID: string; rpName: string },
  browser: string,
  user: User,
): Promise<object> {
  const { subject } = user
  const { username, name } = accountView(user)
  const present = await listPasskeys(database, subject)
  return generateRegistrationOptions({
    rpName,
    rpID,
    userName: username,
    userDisplayName: name,
    userID: bytesOf(userHandleOf(subject)),
    challenge: bytesOf(await issueChallenge(database, { browser, subject }, now())),
    timeout: challengeMs,
    // §5.4.7: which make of device it is, is none of our business.
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: present.map(({ credentialId, transports }) => ({
      id: credentialId,
      transports: [...transports],
    })),
    supportedAlgorithmIDs: [...algorithms],
  })
}

/** WebAuthn §7.2: verifies an assertion as JSON; returns who signed in, undefined when nobody did. Whatever it says, its challenge is spent. */
export async function verifyAssertion(
  frontEnd: Ceremony,
  browser: string | undefined,
  json: string,
): Promise<User | undefined> {
  const { config, database, users, log, now } = frontEnd
  const rpId = relyingPartyId(config)
  const assertion = assertionJson.safeParse(json).data
  if (assertion === undefined || rpId === undefined || browser === undefined) return undefined
  const challenge = await redeem(frontEnd, assertion.response.clientDataJSON, { browser, subject: undefined })
  const passkey = await findPasskey(database, assertion.id)
  // §7.2 step 6: nobody said before who comes, so the authenticator must, and it must be the one who has this passkey.
  if (challenge === undefined || passkey === undefined) return undefined
  if (assertion.response.userHandle !== userHandleOf(passkey.subject)) return undefined

  const { credentialId, publicKey, counter } = passkey
  const verified = await verifyAuthenticationResponse({
    response: assertion,
    expectedChallenge: challenge,
    expectedOrigin: config.issuer,
    expectedRPID: rpId,
    credential: { id: credentialId, publicKey: new Uint8Array(publicKey), counter },
    requireUserVerification: true,
  }).catch(refused(log))
  if (verified?.verified !== true) return undefined
  const isLatest = await recordPasskeyUse(database, credentialId, verified.authenticationInfo.newCounter, now())
  return isLatest ? users.find(passkey.subject) : undefined
}

/** WebAuthn §7.1: verifies a new credential as JSON and keeps it; returns whether it did. */
export async function registerPasskey(
  frontEnd: Ceremony,
  browser: string | undefined,
  { subject, name, json }: { subject: string; name: string; json: string },
): Promise<boolean> {
  const { config, database, log, now } = frontEnd
  const rpId = relyingPartyId(config)
  const attestation = attestationJson.safeParse(json).data
  if (attestation === undefined || rpId === undefined || browser === undefined) return false
  const challenge = await redeem(frontEnd, attestation.response.clientDataJSON, { browser, subject })
  if (challenge === undefined || !isOwnWord(attestation.response.attestationObject)) return false
  if ((await listPasskeys(database, subject)).length >= maxPasskeys) return false

  const verified = await verifyRegistrationResponse({
    response: attestation,
    expectedChallenge: challenge,
    expectedOrigin: config.issuer,
    expectedRPID: rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs: [...algorithms],
  }).catch(refused(log))
  if (verified?.verified !== true) return false
  const { id, publicKey, counter } = verified.registrationInfo.credential
  const { transports = [] } = attestation.response
  const createdAt = now()
  return addPasskey(database, { credentialId: id, subject, publicKey, counter, transports, name, createdAt })
}

/** COSE: ES256, Ed25519, and RS256 for the authenticators of Windows that know nothing else. */
const algorithms = [-7, -8, -257] as const

/** WebAuthn §5.4.3, user handle: 64 bytes at most and nothing that tells who it is, which a subject may not be. */
function userHandleOf(subject: string): string {
  return createHash('sha256').update(subject).digest('base64url')
}

/** WebAuthn §7.1 and §7.2, the challenge: the one that the browser says it answers, if it is good for that. */
async function redeem(
  { database, now }: Ceremony,
  clientDataJson: string,
  purpose: ChallengePurpose,
): Promise<string | undefined> {
  const challenge = clientData.safeParse(Buffer.from(clientDataJson, 'base64url').toString()).data?.challenge
  if (challenge === undefined) return undefined
  return (await redeemChallenge(database, challenge, purpose, now())) ? challenge : undefined
}

/**
 * WebAuthn §8.7 and §6.5.4: no attestation was asked for, so what is left is none, or the credential's own signature. A certificate in
 * its place would be somebody's to choose, and with it the address where its revocation is asked.
 */
function isOwnWord(attestationObject: string): boolean {
  try {
    const decoded = decodeAttestationObject(bytesOf(attestationObject))
    const format = decoded.get('fmt')
    return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
  } catch {
    return false
  }
}

/** The library throws whatever is wrong with what the browser sent. Here that is no failure, but no sign-in either. */
function refused(log: Ceremony['log']): (error: unknown) => undefined {
  return (error) => {
    log.info({ reason: error instanceof Error ? error.name : typeof error }, 'A passkey was refused')
    return undefined
  }
}

function bytesOf(base64url: string) {
  return new Uint8Array(Buffer.from(base64url, 'base64url'))
}

const base64url = z.string().regex(/^[\w-]+$/)

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('is no JSON')
    return z.NEVER
  }
})

/** §5.8.1. We are in no frame: whoever says so is not this page. */
const clientData = json.pipe(z.object({ challenge: base64url, crossOrigin: z.literal(false).optional() }))

const credential = { id: base64url, rawId: base64url, type: z.literal('public-key') }

/** The members that nobody here reads are left out. */
const noExtensions = z.unknown().transform(() => ({}))

/** §5.1.8.2, AuthenticationResponseJSON. */
const assertionJson = json.pipe(
  z.object({
    ...credential,
    clientExtensionResults: noExtensions,
    response: z.object({
      clientDataJSON: base64url,
      authenticatorData: base64url,
      signature: base64url,
      userHandle: base64url,
    }),
  }),
)

/** §5.1.8.1, RegistrationResponseJSON. */
const attestationJson = json.pipe(
  z.object({
    ...credential,
    clientExtensionResults: noExtensions,
    response: z.object({
      clientDataJSON: base64url,
      attestationObject: base64url,
      transports: z
        .array(z.string().regex(/^[a-z-]{1,20}$/))
        .max(10)
        .exactOptional(),
    }),
  }),
)
