import { RE2JS } from 're2js'

/** A pattern that takes time in proportion to the text, whatever the text is. */
export interface Pattern {
  /** Whether the whole text is as the pattern says. */
  matches(text: string): boolean
}

/** Characters. Repetition makes a short pattern large enough; RE2 limits what comes of it. */
const longest = 500

/** Reads a pattern for whole texts. RE2 and not RegExp: no text makes it slow, so a client may send what it matches. */
export function compilePattern(source: string): Pattern {
  const compiled = compile(source)
  return { matches: (text) => compiled.testExact(text) }
}

/** JSON Schema Validation 2020-12 §6.3.3: reads a pattern that need only occur in the text. */
export function compileSearch(source: string): { test(text: string): boolean } {
  return compile(source)
}

function compile(source: string): RE2JS {
  if (source.length > longest) throw new Error(`a pattern has at most ${longest} characters`)
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source))
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'it cannot be read'
    throw new Error(`not an RE2 pattern, which has no look-around and no back-references: ${reason}`)
  }
}
