import type { Repeated } from './every-minute.ts'
import { everyMinute } from './every-minute.ts'
import type { Storage } from './storage/storage.ts'

/** Rows of one kind that go at once: short transactions, so that nobody waits long behind one. */
const slice = 500

interface PurgeParts {
  storage: Pick<Storage, 'purgeExpired'>
  now: () => Date
  log: { error: (details: object, message: string) => void }
}

/** Removes what expired, at once and then every minute, a slice at a time. It keeps no process alive. */
export function startPurge({ storage, now, log }: PurgeParts): Repeated {
  return everyMinute(async (isStopped) => {
    try {
      while (!isStopped() && (await storage.purgeExpired(now(), slice))) await new Promise(setImmediate)
    } catch (err) {
      // What is left stays expired, and the next sweep tries again.
      log.error({ err }, 'Expired rows could not be removed.')
    }
  })
}
