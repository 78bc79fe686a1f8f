import type { Database } from './database.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

/** Opens `sqlite:<file>` or `postgres://…`. */
export async function openDatabase(url: string): Promise<Database> {
  if (url.startsWith('sqlite:') && url !== 'sqlite:') return openSqlite(url.slice('sqlite:'.length))
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url)
  // The address may hold a password: only its scheme is repeated.
  const scheme = /^[a-z+]{1,20}:/i.exec(url)?.[0] ?? 'no scheme'
  throw new Error(
    `A database address begins with "sqlite:", followed by a file, or with "postgres://"; this one has ${scheme}.`,
  )
}
