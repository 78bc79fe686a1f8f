import { createHash } from 'node:crypto'
import type { ReadToken } from './bearer.ts'
import { boundedMap } from './bounded-map.ts'

/** RFC 7662 §4: how long an answer may be believed, and so how long a revoked token may go on opening things unless somebody says. */
const longestSeconds = 30

/** Answers that are kept; beyond it, the one that was used longest ago is asked for anew. */
const mostAnswers = 1000

interface IntrospectionCache {
  read: ReadToken
  /** The next call asks again about this token. */
  forget: (token: string) => void
}

/** RFC 7662 §4: remembers for a short while what the authorization server said about tokens. */
export function introspectionCache(introspect: ReadToken, now: () => Date): IntrospectionCache {
  const answers = boundedMap<{ answer: Awaited<ReturnType<ReadToken>>; from: number; until: number }>(mostAnswers)
  /** By token, which question about it was asked last, for as long as nobody answered it and no notice came. */
  const underWay = new Map<string, symbol>()

  return {
    async read(token) {
      const key = hashOf(token)
      const known = answers.get(key)
      const from = now().getTime()
      // A clock that was set back keeps nothing alive.
      if (known && known.from <= from && from < known.until) return known.answer

      const question = Symbol()
      underWay.set(key, question)
      try {
        const answer = await introspect(token)
        // §4: never past its expiry.
        const until = Math.min(from + longestSeconds * 1000, (answer.exp ?? Infinity) * 1000)
        // What is not active is not kept, or strangers could fill the cache. Nor is an answer that a notice overtook: it may be from before.
        if (answer.active && underWay.get(key) === question) answers.set(key, { answer, from, until })
        else answers.delete(key)
        return answer
      } finally {
        if (underWay.get(key) === question) underWay.delete(key)
      }
    },
    forget(token) {
      const key = hashOf(token)
      underWay.delete(key)
      answers.delete(key)
    },
  }
}

/** Whoever reads the memory of the API, or a dump of it, finds no token there. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
