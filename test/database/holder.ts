/** Holds the write lock of an SQLite database, says so, and commits a row when its standard input ends. */
import { readFileSync } from 'node:fs'
import { query, statement } from '../../server/database/database.ts'
import { openDatabase } from '../../server/database/open.ts'

const insert = statement('insert_row', 'INSERT INTO acknowledged (id) VALUES ($1)')

const [, , url = ''] = process.argv
const database = await openDatabase(url)
await database.transact(function* () {
  yield query(insert, 'theirs')
  process.stdout.write('locked')
  readFileSync(0) // Standard input. A verb runs in one go, so this waits where it is, inside the transaction.
})
await database.close()
