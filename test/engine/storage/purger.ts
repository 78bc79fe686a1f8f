/** Purges an engine's database as a process of its own, from the moment its standard input says so, and says of each slice that it is done. */
import { once } from 'node:events'
import { openStorage } from '../../../server/engine/storage/sql.ts'

const [, , url = '', at = '', limit = ''] = process.argv
const storage = await openStorage(url)
process.stdout.write('ready\n')
await once(process.stdin, 'data')
for (let more = true; more;) {
  more = await storage.purgeExpired(new Date(Number(at)), Number(limit))
  process.stdout.write('slice\n')
}
await storage.close()
process.exit()
