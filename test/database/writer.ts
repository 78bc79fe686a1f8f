/** Writes rows one after another and says of each when it was acknowledged, until somebody kills this process. */
import { query, statement } from '../../server/database/database.ts'
import { openDatabase } from '../../server/database/open.ts'

const insert = statement('insert_row', 'INSERT INTO acknowledged (id) VALUES ($1)')

const [, , url = ''] = process.argv
const database = await openDatabase(url)
for (let group = 0; ; group += 1) {
  const ids = Array.from({ length: 8 }, (_, index) => `${group}-${index}`)
  await Promise.all(ids.map((id) => database.write(query(insert, id))))
  process.stdout.write(`${ids.join('\n')}\n`)
}
