import type { Repeated } from '../every-minute.ts'
import { everyMinute } from '../every-minute.ts'
import type { Storage } from '../storage/storage.ts'
import { algorithmsDue, rotateKeys } from './rotation.ts'

/** Services that are looked at together. */
const slice = 100

interface ScheduleParts {
  storage: Pick<Storage, 'findService' | 'listServices' | 'replaceService'>
  now: () => Date
  log: { error: (details: object, message: string) => void }
}

/** OIDC Core §10.1.1: looks after the keys, at once and then every minute. It keeps no process alive. */
export function startKeySchedule(parts: ScheduleParts): Repeated {
  return everyMinute((isStopped) => tendKeys(parts, isStopped))
}

/** OIDC Core §10.1.1: publishes the keys that are due, and removes those that nothing needs, of every service. */
export async function tendKeys({ storage, now, log }: ScheduleParts, isStopped = () => false): Promise<void> {
  try {
    for (let start = 0; ; start += slice) {
      const { items } = await storage.listServices('all', { start, end: start + slice })
      for (const { serviceId } of items) {
        if (isStopped()) return
        await rotateKeys(serviceId, algorithmsDue, { storage, now })
      }
      if (items.length < slice) return
    }
  } catch (err) {
    // The keys stay as they are, and the next round tries again.
    log.error({ err }, 'Keys could not be looked after.')
  }
}
