import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import type { HandleKey } from '../../../server/engine/handle.ts'
import { makeHandle, makeLocator } from '../../../server/engine/handle.ts'
import { openStorage } from '../../../server/engine/storage/sql.ts'
import type { ManagedGrantChange, Storage, StoredClient, TokensToKeep } from '../../../server/engine/storage/storage.ts'
import { BatchElementError } from '../../../server/engine/storage/token-batches.ts'
import { TokenValueTaken } from '../../../server/engine/storage/token-value-taken.ts'
import type { IssueChoice } from './artefacts.ts'
import { issueCode, later, makeClient, makeTokens, now } from './artefacts.ts'
import { createPostgresDatabase } from './test-databases.ts'

/*
 * PostgreSQL ends a deadlock after a second, and the verb is run again: the answer is right, and late. The server counts them.
 */

/** What two processes do about one subject and one client. */
const verbs = {
  narrow: ({ serviceId, clientId }, storage, n) =>
    storage.narrowGrants(serviceId, clientId, 'john', { scopes: ['openid', `scope-${n % 3}`] }, now),
  'revoke by subject': async (client, storage) => {
    await Promise.all([begin(storage, client), begin(storage, client)])
    await storage.revokeTokens(client.serviceId, { subject: 'john' }, now)
  },
  'revoke by client': async (client, storage) => {
    await Promise.all([begin(storage, client), begin(storage, client)])
    await storage.revokeTokens(client.serviceId, { clientId: client.clientId }, now)
  },
  end: async (client, storage) => {
    await Promise.all([create(storage, client), create(storage, client)])
    await storage.endAuthorization(client.serviceId, client.clientId, 'john', now)
  },
  merge: (client, storage, n) => change(storage, client, 'merge', n),
  replace: (client, storage, n) => change(storage, client, 'replace', n),
  'revoke a managed grant': async (client, storage) => {
    const grantId = await create(storage, client)
    await change(storage, client, 'merge', grantId)
    await storage.revokeManagedGrant(client.serviceId, grantId, now)
  },
  settings: ({ serviceId, clientId }, storage) =>
    storage.changeClientSettings(serviceId, clientId, (settings) => settings, now),
  single: async (client, storage) => {
    const { key, grant } = await issueCode(storage, client)
    const tokens = { ...makeTokens(grant).tokens, endsOthers: true }
    await storage.redeemAuthorizationCode(client.serviceId, key, tokens, now)
  },
  refresh: async (client, storage) => {
    const { refresh, grant } = await begin(storage, client)
    await storage.refreshTokens(client.serviceId, refresh, makeTokens(grant).tokens, now)
  },
  change: async (client, storage) => {
    const { access } = await begin(storage, client)
    const { key } = makeHandle(now)
    await storage.changeAccessToken(client.serviceId, access.locator, (token) => ({ accessToken: { ...token, key } }))
  },
  purge: (_client, storage, n) => storage.purgeExpired(n % 2 === 0 ? now : later(500), 100),
} satisfies Record<string, (client: StoredClient, storage: Storage, n: number) => Promise<unknown>>

type Verb = keyof typeof verbs

const everything = Object.keys(verbs).filter((name): name is Verb => Object.hasOwn(verbs, name))
const storms: [string, Verb[]][] = [
  ['narrow', ['narrow']],
  ['narrow and revoke by subject', ['narrow', 'revoke by subject']],
  ['narrow and refresh', ['narrow', 'refresh']],
  ['narrow and merge', ['narrow', 'merge']],
  ['single and revoke by subject', ['single', 'revoke by subject']],
  ['everything', everything],
]

describe('Locks on PostgreSQL', () => {
  it('the server counts a deadlock', async () => {
    const database = await createPostgresDatabase()
    await deadlock(database.url)
    expect(await countDeadlocks(database.url)).toBe(1)
    await database.drop()
  })

  it.each(storms)('%s, at two processes at once: no verb waits for one that waits for it', async (_name, names) => {
    const database = await createPostgresDatabase()
    const [one, two] = [await openStorage(database.url), await openStorage(database.url)]
    const client = await makeClient(one)
    const grantIds: string[] = []
    managed.set(client, grantIds)
    for (let n = 0; n < 6; n += 1) grantIds.push(await create(one, client))
    for (let n = 0; n < 20; n += 1) await begin(one, client)
    const workers = [one, two, one, two].flatMap((storage, worker) =>
      names.map(async (name) => {
        for (let round = 0; round < 12; round += 1) await verbs[name](client, storage, worker + round)
      }),
    )
    await Promise.all(workers)
    await Promise.all([one.close(), two.close()])
    expect(await countDeadlocks(database.url)).toBe(0)
    await database.drop()
  })
})

/** Batches for the same people and with the same values, in opposite orders. What happens meanwhile takes the same grants by their ids. */
const batches: [string, (client: StoredClient, storage: Storage) => Promise<unknown>][] = [
  ['each other', () => Promise.resolve()],
  [
    'an end of all tokens of the client',
    ({ serviceId, clientId }, one) => one.revokeTokens(serviceId, { clientId }, now),
  ],
]

describe('Batches on PostgreSQL, RFC 6749 §1.4', () => {
  it.each(batches)('in opposite orders, and %s: none waits for one that waits for it', async (_name, meanwhile) => {
    const database = await createPostgresDatabase()
    const [one, two] = [await openStorage(database.url), await openStorage(database.url)]
    const client = await makeClient(one)
    const subjects = Array.from({ length: 40 }, (_, n) => `subject-${n}`)
    for (const subject of subjects) await begin(one, client, { subject })
    for (let round = 0; round < 4; round += 1) {
      const values = subjects.map(() => ({ access: makeHandle(now).key, refresh: makeHandle(now).key }))
      const make = (which: readonly ('access' | 'refresh')[]) =>
        subjects.map((subject, n) => {
          const own = { access: makeHandle(now).key, refresh: makeHandle(now).key }
          for (const kind of which) own[kind] = values[n]?.[kind] ?? own[kind]
          return makeElement(client, subject, own)
        })
      await Promise.all([
        ...[keep(one, client, make(['access', 'refresh'])), keep(two, client, make(['access', 'refresh']).reverse())],
        ...[keep(one, client, make(['refresh'])), keep(two, client, make(['access']).reverse())],
        ...[keep(one, client, make([])), keep(two, client, make([]).reverse()), meanwhile(client, two)],
      ])
    }
    await Promise.all([one.close(), two.close()])
    expect(await countDeadlocks(database.url)).toBe(0)
    await database.drop()
  })
})

/** Tokens that somebody creates for a subject, which has no others then. */
function makeElement(
  { serviceId, clientId }: StoredClient,
  subject: string,
  { access, refresh }: Record<'access' | 'refresh', HandleKey>,
): TokensToKeep {
  const grant = { grantId: makeLocator(now), serviceId, clientId, subject, createdAt: now, expiresAt: later(600) }
  const { accessToken, refreshToken } = makeTokens(grant).tokens
  const records = { accessToken: { ...accessToken, key: access }, refreshToken: { ...refreshToken, key: refresh } }
  return { grant, records: { ...records, endsOthers: true } }
}

/** Keeps a batch, unless another one has a value of it. */
async function keep(storage: Storage, { serviceId }: StoredClient, tokens: TokensToKeep[]): Promise<void> {
  const batch = { serviceId, requestId: makeLocator(now) }
  await storage.keepTokenBatch({ ...batch, createdAt: now, expiresAt: later(600) })
  await storage.issueTokenBatch(batch, tokens, false, now).catch((error: unknown) => {
    if (!(error instanceof BatchElementError && error.cause instanceof TokenValueTaken)) throw error
  })
}

describe('A client that is deleted while a code is issued, on PostgreSQL', () => {
  it('leaves neither granted scopes nor managed grants', async () => {
    const database = await createPostgresDatabase()
    const [one, two] = [await openStorage(database.url), await openStorage(database.url)]
    const other = new Client({ connectionString: database.url })
    await other.connect()
    const client = await makeClient(one)
    const { serviceId, clientId } = client
    // Somebody keeps the last row that the code needs, until the deletion has come as far as it can.
    await other.query('BEGIN')
    await other.query(`INSERT INTO granted_scopes VALUES ($1, $2, 'john', '', '', 0)`, [serviceId, clientId])
    const issuing = issueCode(one, client, changeOf('create', makeHandle(now).handle))
    while ((await countWaiting(other)) < 1);
    const deletion = { isDone: false }
    const deleting = two.deleteClient(serviceId, clientId).finally(() => (deletion.isDone = true))
    // It is done, or it waits as the other one does.
    while (!deletion.isDone && (await countWaiting(other)) < 2);
    await other.query('ROLLBACK')
    await issuing
    expect(await deleting).toBe(true)
    const { rows } = await other.query(
      'SELECT subject FROM granted_scopes UNION ALL SELECT subject FROM managed_grants',
    )
    expect(rows).toEqual([])
    await Promise.all([one.close(), two.close(), other.end()])
    await database.drop()
  })
})

describe('An access token that is changed while its grant is narrowed, on PostgreSQL', () => {
  it('is changed as the narrowing leaves it', async () => {
    const database = await createPostgresDatabase()
    const [storage, other] = [await openStorage(database.url), new Client({ connectionString: database.url })]
    await other.connect()
    const client = await makeClient(storage)
    const { access, grant } = await begin(storage, client)
    // As far as another process has come that has not committed yet.
    await other.query('BEGIN')
    await other.query(`UPDATE grants SET scope_limits = 'photos' WHERE grant_id = $1`, [grant.grantId])
    const seen: string[][] = []
    const changing = storage.changeAccessToken(client.serviceId, access.locator, (accessToken) => {
      seen.push(accessToken.scopes)
      return { accessToken }
    })
    while ((await countWaiting(other)) < 1);
    await other.query('COMMIT')
    await changing
    expect(seen).toEqual([['photos']])
    await Promise.all([storage.close(), other.end()])
    await database.drop()
  })
})

/** How many connections to the database wait for a row. */
async function countWaiting(client: Client): Promise<number> {
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return (await client.query(waiting)).rows.length
}

/** The managed grants that there were at the beginning. */
const managed = new WeakMap<StoredClient, string[]>()

const nothing = { idToken: [], userinfo: [] }

function changeOf(action: ManagedGrantChange['action'], grantId: string): { managedGrant: ManagedGrantChange } {
  const declined = { scopes: [], claims: nothing, isDeclined: () => false }
  return { managedGrant: { action, grantId, claims: nothing, declined, mayBring: () => true } }
}

/** Tokens, unless somebody revokes their grant before they are there. */
async function begin(storage: Storage, client: StoredClient, choice: IssueChoice = {}) {
  const { key, grant } = await issueCode(storage, client, choice)
  const made = makeTokens(grant)
  await storage.redeemAuthorizationCode(client.serviceId, key, made.tokens, now)
  return { ...made, grant }
}

async function create(storage: Storage, client: StoredClient): Promise<string> {
  const { handle } = makeHandle(now)
  await begin(storage, client, changeOf('create', handle))
  return handle
}

/** Changes a managed grant; whether there still is one is not the question. */
async function change(
  storage: Storage,
  client: StoredClient,
  action: 'merge' | 'replace',
  which: string | number,
): Promise<void> {
  const ids = managed.get(client) ?? []
  const grantId = typeof which === 'string' ? which : ids[which % ids.length]
  if (grantId === undefined) throw new Error('there were managed grants')
  await issueCode(storage, client, changeOf(action, grantId)).catch((error: unknown) => {
    if (!(error instanceof Error && error.message === 'grant-gone')) throw error
  })
}

/** Two that wait for each other. */
async function deadlock(url: string): Promise<void> {
  const clients = [new Client({ connectionString: url }), new Client({ connectionString: url })]
  const hold = (client: Client, key: number) => client.query('SELECT pg_advisory_xact_lock($1)', [key])
  for (const [key, client] of clients.entries()) {
    await client.connect()
    await client.query('BEGIN')
    await hold(client, key)
  }
  await Promise.allSettled(clients.map((client, key) => hold(client, 1 - key)))
  await Promise.all(clients.map((client) => client.end()))
}

/** How often the server had to end a deadlock in this database. A connection tells at its end, so there must be none but ours. */
async function countDeadlocks(url: string): Promise<number> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const others = `SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`
  while ((await client.query(others)).rows.length > 0);
  const { rows } = await client.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  )
  await client.end()
  return Number(rows[0]?.deadlocks)
}
