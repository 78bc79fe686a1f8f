import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** What an authenticator signs, as far as a test wants it otherwise than it should be. */
export interface Otherwise {
  origin?: string
  type?: string
  crossOrigin?: boolean
  rpId?: string
  /** WebAuthn §6.1: UP 0x01, UV 0x04. */
  flags?: number
  counter?: number
  userHandle?: string | undefined
}

/** WebAuthn §6: an authenticator of this program, with one ES256 credential, in the browser of an origin. */
export function softwareAuthenticator(origin: string, credentialId = randomBytes(16).toString('base64url')) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  let counter = 0
  let userHandle: string | undefined

  function clientDataOf(type: string, challenge: string, otherwise: Otherwise): Buffer {
    const { crossOrigin = false } = otherwise
    return Buffer.from(
      JSON.stringify({ type: otherwise.type ?? type, challenge, origin: otherwise.origin ?? origin, crossOrigin }),
    )
  }

  /** §6.1. */
  function authenticatorData(attested: Buffer, { rpId = new URL(origin).hostname, ...otherwise }: Otherwise): Buffer {
    counter = otherwise.counter ?? counter + 1
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    const flags = (otherwise.flags ?? 0x05) | (attested.length > 0 ? 0x40 : 0)
    return Buffer.concat([sha256(Buffer.from(rpId)), Buffer.from([flags]), count, attested])
  }

  return {
    credentialId,

    /** §7.1: the attestation object is `none`, unless a test gives another format and its statement in CBOR. */
    create(
      options: { challenge: string; user: { id: string } },
      otherwise: Otherwise = {},
      { format, statement } = { format: 'none', statement: Buffer.from([0xa0]) },
    ): string {
      userHandle = options.user.id
      const id = Buffer.from(credentialId, 'base64url')
      // COSE_Key, RFC 9053 §7.1: kty EC2, alg ES256, crv P-256, x, y.
      const key = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(x, 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(y, 'base64url'),
      ])
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, key])
      const data = authenticatorData(attested, otherwise)
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]),
        ...[cborText('fmt'), cborText(format), cborText('attStmt'), statement, cborText('authData')],
        Buffer.from([0x58, data.length]),
        data,
      ])
      return JSON.stringify({
        ...{ id: credentialId, rawId: credentialId, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: clientDataOf('webauthn.create', options.challenge, otherwise).toString('base64url'),
          attestationObject: attestationObject.toString('base64url'),
          transports: ['internal'],
        },
      })
    },

    /** §7.2. */
    get({ challenge }: { challenge: string }, otherwise: Otherwise = {}): string {
      const clientData = clientDataOf('webauthn.get', challenge, otherwise)
      const data = authenticatorData(Buffer.alloc(0), otherwise)
      const signature = sign('sha256', Buffer.concat([data, sha256(clientData)]), privateKey)
      return JSON.stringify({
        ...{ id: credentialId, rawId: credentialId, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: clientData.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle: 'userHandle' in otherwise ? otherwise.userHandle : userHandle,
        },
      })
    },
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** RFC 8949 §3.1: a short text. */
function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)])
}
