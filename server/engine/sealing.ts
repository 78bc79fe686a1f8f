import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** Keeps secrets that must be used as they are, so that a copy of the database opens none of them. */
export interface Sealer {
  seal(secret: Uint8Array, place: SealedPlace): Uint8Array
  /** Throws for what was sealed with another key, in another place, or changed. */
  open(sealed: Uint8Array, place: SealedPlace): Buffer
}

/** Where a sealed secret belongs: put elsewhere, it cannot be opened. */
export interface SealedPlace {
  serviceId: number
  /** Absent for what belongs to the service itself. */
  clientId?: number
  purpose: 'client secret' | 'service keys'
}

/** Bytes. What is sealed is: version, name of the key, nonce, tag, and the secret in cipher. */
const sizes = { key: 32, version: 1, keyId: 4, nonce: 12, tag: 16 }
const version = Buffer.of(1)

/** NIST SP 800-38D: seals with AES-256-GCM; undefined without a key. */
export function createSealer(key: Uint8Array | undefined): Sealer | undefined {
  if (!key) return undefined
  if (key.length !== sizes.key) throw new Error(`The key that seals has ${sizes.key} bytes.`)
  // Says which key it takes, and nothing about it.
  const keyId = createHash('sha256').update('sealing key').update(key).digest().subarray(0, sizes.keyId)
  const header = Buffer.concat([version, keyId])

  return {
    seal(secret, place) {
      const nonce = randomBytes(sizes.nonce)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: sizes.tag })
      cipher.setAAD(associatedData(header, place))
      const text = Buffer.concat([cipher.update(secret), cipher.final()])
      return Buffer.concat([header, nonce, cipher.getAuthTag(), text])
    },

    open(sealed, place) {
      const bytes = Buffer.from(sealed)
      if (!bytes.subarray(0, header.length).equals(header)) {
        throw new Error('A secret was sealed with another key: ENGINE_ENCRYPTION_KEY is not what it was then.')
      }
      const [nonceEnd, tagEnd] = [header.length + sizes.nonce, header.length + sizes.nonce + sizes.tag]
      const nonce = bytes.subarray(header.length, nonceEnd)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: sizes.tag })
      decipher.setAAD(associatedData(header, place))
      decipher.setAuthTag(bytes.subarray(nonceEnd, tagEnd))
      return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()])
    },
  }
}

function associatedData(header: Buffer, { serviceId, clientId, purpose }: SealedPlace): Buffer {
  return Buffer.concat([header, Buffer.from(JSON.stringify([serviceId, clientId ?? null, purpose]))])
}
