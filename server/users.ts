import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { claimsMeant } from './claim-language.ts'
import { query, statement, type Database } from './database/database.ts'
import type { Identity } from './identity-providers.ts'
import { hashPassword, verifyPassword } from './passwords.ts'

/**
 * The people who can sign in here. The engine knows them by subject only; all else is yours. To use your own accounts, write another
 * `createUsers()` in this place: the rest of the front-end knows no more of people than this.
 */
export interface Users {
  /** Checks a password. Takes as long for a name that nobody has. */
  authenticate(username: string, password: string): Promise<User | undefined>
  find(subject: string): Promise<User | undefined>
  /** OIDC Core §5.7: whoever another provider knows by this issuer and subject; somebody new the first time. Never anybody else with that e-mail. */
  findOrAdd(identity: Identity): Promise<{ subject: string }>
  /**
   * OIDC Core §5.1: the person's claims of these names, as far as there are any. §5.2: a name with a language, `name#ja`, and every
   * name in each of the wanted languages (`claims_locales`), brings the translations, each under the tag that it is kept with.
   */
  claims(subject: string, names: readonly string[], locales?: readonly string[]): Promise<Record<string, unknown>>
}

export interface User {
  /** OIDC Core §8: never given to anybody else, and nothing can be read from it. At most 100 printable ASCII characters. */
  subject: string
  username: string
  /** Everything that is known, by claim name. */
  claims: Readonly<Record<string, unknown>>
}

/** The people of the front-end's own database. */
export function createUsers(database: Database): Users {
  async function findBySubject(subject: string): Promise<User | undefined> {
    const [row] = await database.read(query(userOfSubject, subject))
    return row && storedUser.parse(row)
  }

  return {
    async authenticate(username, password) {
      // No name has a NUL in it, and no database looks for one. It is as wrong as any other, and takes as long.
      const [row] = username.includes('\0')
        ? []
        : await database.read(query(userOfUsername, normalizeUsername(username)))
      const user = row && storedUser.parse(row)
      return (await verifyPassword(password, user?.passwordHash)) ? user : undefined
    },

    find: findBySubject,

    async findOrAdd({ provider, issuer, sub, claims }) {
      const [known] = await database.read(query(subjectOfIdentity, issuer, sub))
      if (known !== undefined) return storedIdentity.parse(known)
      const subject = randomBytes(10).toString('hex')
      // Nobody knows this password: the row looks like any other, and takes as long to check.
      const passwordHash = await hashPassword(randomBytes(32).toString('base64url'))
      return database.transact(function* () {
        const added = yield query(insertIdentity, issuer, sub, subject)
        if (added.length > 0) {
          yield query(insertUser, subject, `${provider}:${subject}`, passwordHash, JSON.stringify(claims))
          return { subject }
        }
        // Another window was faster.
        return storedIdentity.parse((yield query(subjectOfIdentity, issuer, sub))[0])
      })
    },

    async claims(subject, names, locales = []) {
      const known = (await findBySubject(subject))?.claims ?? {}
      // OIDC Core §5.3.2: what has no value is left out.
      return Object.fromEntries(claimsMeant(Object.keys(known), names, locales).map((name) => [name, known[name]]))
    },
  }
}

/** Somebody to add, with the password as it is typed. */
export interface NewUser extends User {
  password: string
}

/** Adds people who are not there yet. Whoever is there keeps the password and the data. */
export async function addUsers(database: Database, people: readonly NewUser[]): Promise<void> {
  const present = await Promise.all(people.map(({ subject }) => database.read(query(userOfSubject, subject))))
  const missing = people.filter((_person, index) => present[index]?.length === 0)
  await Promise.all(
    missing.map(async ({ subject, username, password, claims }) => {
      const passwordHash = await hashPassword(password)
      const values = [subject, normalizeUsername(username), passwordHash, JSON.stringify(claims)] as const
      return database.write(query(insertUser, ...values))
    }),
  )
}

/** One name has one spelling, however it is typed. */
function normalizeUsername(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase()
}

const storedClaims = z.looseObject({})

const storedUser = z
  .object({ subject: z.string(), username: z.string(), password_hash: z.string(), claims: z.string() })
  .transform(({ subject, username, password_hash: passwordHash, claims }) => ({
    subject,
    username,
    passwordHash,
    claims: storedClaims.parse(JSON.parse(claims)),
  }))

const storedIdentity = z.object({ subject: z.string() })

const subjectOfIdentity = statement(
  'front-end.subjectOfIdentity',
  'SELECT subject FROM identities WHERE issuer = $1 AND sub = $2',
)

const insertIdentity = statement(
  'front-end.insertIdentity',
  'INSERT INTO identities (issuer, sub, subject) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING subject',
)

const userOfUsername = statement(
  'front-end.userOfUsername',
  'SELECT subject, username, password_hash, claims FROM users WHERE username = $1',
)

const userOfSubject = statement(
  'front-end.userOfSubject',
  'SELECT subject, username, password_hash, claims FROM users WHERE subject = $1',
)

const insertUser = statement(
  'front-end.insertUser',
  'INSERT INTO users (subject, username, password_hash, claims) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
)
