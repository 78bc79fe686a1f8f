import { dirname } from 'node:path'
import { mkdirSync } from 'node:fs'

// As ours: what Node has, and before 22.13 the package that the project itself uses.
const [major, minor] = process.versions.node.split('.').map(Number)
const builtIn = major > 22 || (major === 22 && minor >= 13)
const { DatabaseSync } = await import(builtIn ? 'node:sqlite' : '@photostructure/sqlite')

/**
 * What the peer remembers, as durable as what we remember: WAL, synchronous=FULL, 64 MiB of cache, prepared statements. One table, found
 * by its key; indexes on what else the peer looks for.
 */
export function sqliteAdapter(file) {
  mkdirSync(dirname(file), { recursive: true })
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536')
  database.exec(`
    CREATE TABLE things (
      id TEXT PRIMARY KEY, payload TEXT NOT NULL, grant_id TEXT, uid TEXT, user_code TEXT, expires_at INTEGER, consumed_at INTEGER
    ) WITHOUT ROWID;
    CREATE INDEX things_of_grant ON things (grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX things_by_uid ON things (uid) WHERE uid IS NOT NULL;
    CREATE INDEX things_by_user_code ON things (user_code) WHERE user_code IS NOT NULL;
    CREATE INDEX things_by_expiry ON things (expires_at);
  `)
  const upsert = database.prepare(`
    INSERT INTO things (id, payload, grant_id, uid, user_code, expires_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
      user_code = excluded.user_code, expires_at = excluded.expires_at
  `)
  const columns = 'SELECT payload, consumed_at, expires_at FROM things'
  const find = database.prepare(`${columns} WHERE id = ?`)
  const findByUid = database.prepare(`${columns} WHERE uid = ?`)
  const findByUserCode = database.prepare(`${columns} WHERE user_code = ?`)
  const consume = database.prepare('UPDATE things SET consumed_at = ? WHERE id = ?')
  const destroy = database.prepare('DELETE FROM things WHERE id = ?')
  const revoke = database.prepare('DELETE FROM things WHERE grant_id = ?')

  // Statements do not keep their database: without this it is collected as garbage, and closed.
  process.once('exit', () => database.close())

  /** What the row holds, unless it is over. */
  function read(row) {
    if (row === undefined || (row.expires_at !== null && row.expires_at <= seconds())) return undefined
    const payload = JSON.parse(row.payload)
    return row.consumed_at === null ? payload : { ...payload, consumed: row.consumed_at }
  }

  return (model) => {
    const idOf = (id) => `${model}:${id}`
    return {
      async upsert(id, payload, expiresIn) {
        const { grantId = null, uid = null, userCode = null } = payload
        const expiresAt = expiresIn === undefined ? null : seconds() + expiresIn
        upsert.run(idOf(id), JSON.stringify(payload), grantId, uid, userCode, expiresAt)
      },
      find: async (id) => read(find.get(idOf(id))),
      findByUid: async (uid) => read(findByUid.get(uid)),
      findByUserCode: async (userCode) => read(findByUserCode.get(userCode)),
      consume: async (id) => void consume.run(seconds(), idOf(id)),
      destroy: async (id) => void destroy.run(idOf(id)),
      revokeByGrantId: async (grantId) => void revoke.run(grantId),
    }
  }
}

function seconds() {
  return Math.floor(Date.now() / 1000)
}
