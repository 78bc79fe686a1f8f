import type { Engine } from '../sdk/engine.ts'
import type { FrontEnd } from './front-end.ts'

/**
 * RFC 6749 §3.3: whether the engine takes single permissions back from each token by itself. One that sets all tokens of a person and a
 * client alike could give a token more than it was issued with. Whoever does not say so is taken for such a one.
 */
export async function canNarrow({ engine }: Pick<FrontEnd, 'engine'>): Promise<boolean> {
  const known = answers.get(engine)
  if (known !== undefined) return known
  const { data } = await engine.GET('/api/info')
  // A refusal may be over the next time; an answer stays as it is.
  if (data === undefined) return false
  const answer = data.narrowing === 'per-token'
  answers.set(engine, answer)
  return answer
}

/** What an engine said, once for the life of this process. */
const answers = new WeakMap<Engine, boolean>()
