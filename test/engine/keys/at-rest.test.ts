import { randomBytes } from 'node:crypto'
import type { JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { sealServiceKeys } from '../../../server/engine/all-in-one.ts'
import { generateKey, parseJwks } from '../../../server/engine/keys.ts'
import { SealedKeysError } from '../../../server/engine/storage/sealed-keys.ts'
import { openStorage } from '../../../server/engine/storage/sql.ts'
import type { Storage } from '../../../server/engine/storage/storage.ts'
import type { TestDatabase } from '../storage/contract.ts'
import { createPostgresDatabase, createSqliteDatabase } from '../storage/test-databases.ts'

const now = new Date('2026-03-01T12:00:00Z')
const encryptionKey = randomBytes(32)

/** The private parts of keys, in the forms in which a database may show them. */
function secretsOf(jwks: string | undefined): string[] {
  const parts = parseJwks(jwks).flatMap(({ d, p, q, dp, dq, qi }) => [d, p, q, dp, dq, qi])
  return parts.flatMap((part) => (part === undefined ? [] : formsOf(part)))
}

function formsOf(part: string): string[] {
  const bytes = Buffer.from(part, 'base64url')
  return [part, bytes.toString('hex'), bytes.toString('latin1'), Buffer.from(part).toString('hex')]
}

async function makeKeys(): Promise<string> {
  const keys: JWK[] = await Promise.all([generateKey('ES256'), generateKey('RS256'), generateKey('ECDH-ES')])
  return JSON.stringify({ keys })
}

describe.each([
  ['SQLite', createSqliteDatabase],
  ['PostgreSQL', createPostgresDatabase],
])('RFC 7517 §9.2: private keys in the database, on %s', (dialect, createDatabase) => {
  async function withDatabase(use: (database: TestDatabase) => Promise<void>): Promise<void> {
    const database = await createDatabase()
    try {
      await use(database)
    } finally {
      await database.drop()
    }
  }

  async function withStorage<Result>(
    { url }: TestDatabase,
    key: Uint8Array | undefined,
    use: (storage: Storage) => Promise<Result>,
  ): Promise<Result> {
    const storage = await openStorage(url, key)
    try {
      return await use(storage)
    } finally {
      await storage.close()
    }
  }

  it('given an encryption key, then a dump has none of them, and the service has all', async () => {
    await withDatabase(async (database) => {
      const [jwks, later] = [await makeKeys(), await makeKeys()]
      await withStorage(database, encryptionKey, async (storage) => {
        const created = await storage.createService({ serviceName: 'A bank', jwks }, now)
        expect(created.settings).toEqual({ serviceName: 'A bank', jwks })
        expect(await storage.findService(created.serviceId)).toEqual(created)
        const updated = await storage.replaceService(created.serviceId, { jwks: later }, now, 1)
        expect(updated?.settings).toEqual({ jwks: later })
        expect((await storage.listServices('all', { start: 0, end: 9 })).items).toEqual([updated])
      })
      const dump = await database.dump()
      for (const secret of [...secretsOf(jwks), ...secretsOf(later)]) expect(dump).not.toContain(secret)
    })
  })

  it('given keys that were kept before there was an encryption key, then the next start seals them', async () => {
    await withDatabase(async (database) => {
      const jwks = await makeKeys()
      const plain = await withStorage(database, undefined, (storage) => storage.createService({ jwks }, now))
      expect(await database.dump()).toContain(secretsOf(jwks)[0])
      await withStorage(database, encryptionKey, async (storage) => {
        await Promise.all([storage.sealServiceKeys(), storage.sealServiceKeys()])
        expect(await storage.findService(plain.serviceId)).toEqual(plain)
      })
      // SQLite keeps bytes that were deleted until it needs their room: docs/keys.md says to rotate.
      if (dialect === 'SQLite') return
      const dump = await database.dump()
      for (const secret of secretsOf(jwks)) expect(dump).not.toContain(secret)
    })
  })

  it('given another key or none, then nothing starts, and the error says why', async () => {
    await withDatabase(async (database) => {
      const jwks = await makeKeys()
      await withStorage(database, encryptionKey, (storage) => storage.createService({ jwks }, now))
      await withStorage(database, undefined, async (storage) => {
        await expect(sealServiceKeys(storage)).rejects.toThrow('ENGINE_ENCRYPTION_KEY is not set')
      })
      await withStorage(database, randomBytes(32), async (storage) => {
        await expect(sealServiceKeys(storage)).rejects.toThrow('ENGINE_ENCRYPTION_KEY is not what it was')
        await expect(storage.findService(1_000_001)).rejects.toThrow(SealedKeysError)
      })
    })
  })

  it('given a lost key, then new keys take the place of the sealed ones, and the settings stay', async () => {
    await withDatabase(async (database) => {
      const [jwks, fresh] = [await makeKeys(), await makeKeys()]
      await withStorage(database, encryptionKey, (storage) => storage.createService({ serviceName: 'A', jwks }, now))
      await withStorage(database, undefined, async (storage) => {
        await expect(storage.replaceLostKeys(1_000_001, fresh, now)).rejects.toThrow('no key to seal')
      })
      await withStorage(database, randomBytes(32), async (storage) => {
        await storage.replaceLostKeys(1_000_001, fresh, now)
        const service = await storage.findService(1_000_001)
        expect(service).toMatchObject({ version: 2, settings: { serviceName: 'A', jwks: fresh } })
      })
    })
  })

  it('given a change to a version that is no more, then nothing changes', async () => {
    await withDatabase(async (database) => {
      await withStorage(database, encryptionKey, async (storage) => {
        const { serviceId } = await storage.createService({ serviceName: 'first' }, now)
        const change = (serviceName: string) => storage.replaceService(serviceId, { serviceName }, now, 1)
        const answers = await Promise.all(['a', 'b', 'c', 'd'].map(change))
        expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1)
        expect(await storage.findService(serviceId)).toMatchObject({ version: 2 })
      })
    })
  })
})
