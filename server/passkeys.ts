import { z } from 'zod'
import { query, statement, type Database } from './database/database.ts'

/** WebAuthn §4, credential record: the public half of a passkey, and whose it is. */
export interface Passkey {
  /** base64url. */
  credentialId: string
  subject: string
  /** A COSE_Key. */
  publicKey: Uint8Array
  counter: number
  transports: readonly string[]
  /** What the person calls it; may be empty. */
  name: string
  createdAt: Date
  lastUsedAt: Date | undefined
}

/** WebAuthn §7.1: keeps a new passkey. Returns false when there is one with this credential ID already, whoever has it. */
export async function addPasskey(
  database: Database,
  { credentialId, subject, publicKey, counter, transports, name, createdAt }: Omit<Passkey, 'lastUsedAt'>,
): Promise<boolean> {
  const key = [credentialId, subject, publicKey, counter] as const
  const rows = await database.write(query(insert, ...key, transports.join(' '), name, createdAt.getTime()))
  return rows.length === 1
}

/** WebAuthn §7.2 step 6: the passkey that signed. */
export async function findPasskey(database: Database, credentialId: string): Promise<Passkey | undefined> {
  const [row] = await database.read(query(selectOne, credentialId))
  return row && storedPasskey.parse(row)
}

/** WebAuthn §4: the passkeys of a person, the oldest first. */
export async function listPasskeys(database: Database, subject: string): Promise<Passkey[]> {
  const rows = await database.read(query(selectAll, subject))
  return rows.map((row) => storedPasskey.parse(row))
}

/**
 * WebAuthn §7.2 step 22: writes down that a passkey signed. Returns false when it was removed meanwhile, or when its counter did not
 * grow: then there are two authenticators with one key, or this signature is not the latest.
 */
export async function recordPasskeyUse(
  database: Database,
  credentialId: string,
  counter: number,
  now: Date,
): Promise<boolean> {
  const rows = await database.write(query(recordUse, credentialId, counter, now.getTime()))
  return rows.length === 1
}

/** WebAuthn §4: forgets a passkey of a person; nobody signs in with it any more. Returns false when there was none. */
export async function removePasskey(database: Database, credentialId: string, subject: string): Promise<boolean> {
  const rows = await database.write(query(remove, credentialId, subject))
  return rows.length === 1
}

const storedPasskey = z
  .object({
    credential_id: z.string(),
    subject: z.string(),
    public_key: z.instanceof(Uint8Array),
    counter: z.number(),
    transports: z.string(),
    name: z.string(),
    created_at: z.number(),
    last_used_at: z.number().nullable(),
  })
  .transform((row): Passkey => ({
    credentialId: row.credential_id,
    subject: row.subject,
    publicKey: row.public_key,
    counter: row.counter,
    transports: row.transports.split(' ').filter((transport) => transport !== ''),
    name: row.name,
    createdAt: new Date(row.created_at),
    lastUsedAt: row.last_used_at === null ? undefined : new Date(row.last_used_at),
  }))

const columns = 'credential_id, subject, public_key, counter, transports, name, created_at, last_used_at'

const insert = statement(
  'front-end.insertPasskey',
  `INSERT INTO passkeys (credential_id, subject, public_key, counter, transports, name, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING credential_id`,
)

const selectOne = statement('front-end.selectPasskey', `SELECT ${columns} FROM passkeys WHERE credential_id = $1`)

const selectAll = statement(
  'front-end.selectPasskeys',
  `SELECT ${columns} FROM passkeys WHERE subject = $1 ORDER BY created_at, credential_id`,
)

const recordUse = statement(
  'front-end.recordPasskeyUse',
  `UPDATE passkeys SET counter = $2, last_used_at = $3
   WHERE credential_id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0)) RETURNING credential_id`,
)

const remove = statement(
  'front-end.removePasskey',
  'DELETE FROM passkeys WHERE credential_id = $1 AND subject = $2 RETURNING credential_id',
)
