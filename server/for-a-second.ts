/** Milliseconds for which an answer of the engine is used, counted from the question. */
const freshForMs = 1_000

/** Answers that are remembered; the oldest goes first. */
const mostAnswers = 1_000

/**
 * RFC 9111 §4.2: for what is read much more often than it changes, and decides nothing by itself. Those who ask at once share one question;
 * a question that fails is forgotten. An engine in this process looks at the settings of others no more often (`server/engine/registry.ts`).
 */
export function rememberForASecond<Answer>(
  ask: (name: string) => Promise<Answer>,
  now: () => Date,
): (name: string) => Promise<Answer> {
  const remembered = new Map<string, { askedAt: number; answer: Promise<Answer> }>()

  return (name) => {
    const askedAt = now().getTime()
    const recent = remembered.get(name)
    // A clock that was set back makes nothing fresh for longer.
    if (recent && Math.abs(askedAt - recent.askedAt) < freshForMs) return recent.answer
    const answer = ask(name)
    remembered.delete(name)
    const [oldest] = remembered.keys()
    if (remembered.size >= mostAnswers && oldest !== undefined) remembered.delete(oldest)
    remembered.set(name, { askedAt, answer })
    answer.catch(() => {
      // Another question may have been asked meanwhile.
      if (remembered.get(name)?.answer === answer) remembered.delete(name)
    })
    return answer
  }
}
