import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readOrMakeEncryptionKey } from '../../server/engine/encryption-key.ts'
import type { SealedPlace, Sealer } from '../../server/engine/sealing.ts'
import { createSealer } from '../../server/engine/sealing.ts'

const place: SealedPlace = { serviceId: 1, clientId: 2, purpose: 'client secret' }
const secret = Buffer.from('a secret of some length')

function sealerWith(key: Uint8Array): Sealer {
  const sealer = createSealer(key)
  if (!sealer) throw new Error('no sealer')
  return sealer
}

describe('NIST SP 800-38D: secrets are sealed', () => {
  const key = randomBytes(32)
  const sealer = sealerWith(key)

  it('given the key and the place, then the secret comes back, and never looks the same', () => {
    const [one, other] = [sealer.seal(secret, place), sealer.seal(secret, place)]
    expect(sealerWith(key).open(one, place)).toEqual(secret)
    expect(Buffer.compare(one, other)).not.toBe(0)
    expect(Buffer.from(one).includes(secret)).toBe(false)
  })

  it.each<[string, SealedPlace]>([
    ['service', { ...place, serviceId: 3 }],
    ['client', { ...place, clientId: 3 }],
    ['owner', { serviceId: 1, purpose: 'client secret' }],
  ])('given another %s, then it does not open', (_, elsewhere) => {
    expect(() => sealer.open(sealer.seal(secret, place), elsewhere)).toThrow()
  })

  it('given another key, then the error says what to look at, and nothing of the secret', () => {
    const sealed = sealer.seal(secret, place)
    expect(() => sealerWith(randomBytes(32)).open(sealed, place)).toThrow('ENGINE_ENCRYPTION_KEY')
  })

  it('given one bit that was changed, wherever, then it does not open', () => {
    const sealed = sealer.seal(secret, place)
    for (const index of sealed.keys()) {
      const changed = Uint8Array.from(sealed, (byte, at) => (at === index ? byte ^ 1 : byte))
      expect(() => sealer.open(changed, place)).toThrow()
    }
    expect(() => sealer.open(sealed.subarray(0, 20), place)).toThrow()
  })

  it('given no key, then there is no sealer; given one of another size, then an error', () => {
    expect(createSealer(undefined)).toBeUndefined()
    expect(() => createSealer(randomBytes(16))).toThrow('32 bytes')
  })
})

describe('The key of a development engine', () => {
  const inFolder = async (use: (folder: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-key-'))
    try {
      await use(join(folder, '.data'))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  it('is made once, however many engines start at once, and only its owner reads it', () =>
    inFolder(async (folder) => {
      const keys = await Promise.all(Array.from({ length: 16 }, () => readOrMakeEncryptionKey(folder)))
      const [first] = keys
      expect(first).toHaveLength(32)
      for (const key of keys) expect(key).toEqual(first)
      expect(await readOrMakeEncryptionKey(folder)).toEqual(first)
      expect(await readdir(folder)).toEqual(['engine-encryption-key'])
      expect((await stat(join(folder, 'engine-encryption-key'))).mode & 0o077).toBe(0)
    }))

  it('given a file that holds none, then the error says what to do', () =>
    inFolder(async (folder) => {
      await readOrMakeEncryptionKey(folder)
      await writeFile(join(folder, 'engine-encryption-key'), 'short')
      await expect(readOrMakeEncryptionKey(folder)).rejects.toThrow('Delete it')
    }))
})
