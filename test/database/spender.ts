/** Tries to spend every thing that nobody has spent, all at once, and says how many it won. Several of these race each other. */
import { query, statement } from '../../server/database/database.ts'
import { openDatabase } from '../../server/database/open.ts'

const selectAll = statement('select_things', 'SELECT id FROM things')
const spend = statement(
  'spend_thing',
  'UPDATE things SET spent_at = $2 WHERE id = $1 AND spent_at IS NULL RETURNING id',
)

const [, , url = ''] = process.argv
const database = await openDatabase(url)
const ids = (await database.read(query(selectAll))).map(({ id }) => String(id))
const answers = await Promise.all(ids.map((id) => database.write(query(spend, id, process.pid))))
await database.close()
process.stdout.write(String(answers.filter((rows) => rows.length === 1).length))
