import { OAuthError } from '../oauth-error.ts'

/** The parameters of a request, parsed once. RFC 6749 §3.1: a parameter without a value counts as left out. */
export interface Parameters {
  get(name: string): string | undefined
  /** All values, in the order sent, of a parameter that may be repeated. */
  getAll(name: string): string[]
  /** Names that were sent more than once. */
  repeated: ReadonlySet<string>
  /** The named ones, application/x-www-form-urlencoded. */
  only(names: ReadonlySet<string>): string
  /** All but the named ones, application/x-www-form-urlencoded. */
  except(names: ReadonlySet<string>): string
}

/** Characters, parameters, and characters of one value: more is nothing a client has reason to send. */
const limits = { text: 65_536, parameters: 100, value: 8_192 }

/** RFC 9396 §11.4 and RFC 9101 §4: a document, and a parameter that holds all others, may be longer. */
const longerValues: ReadonlyMap<string, number> = new Map([
  ['authorization_details', 32_768],
  ['request', limits.text],
])

/** RFC 8707 §2: the one parameter that may be repeated. */
const repeatable = new Set(['resource'])

/** RFC 6749 Appendix B: parses application/x-www-form-urlencoded text into names and values. */
export function parseParameters(text: string): Parameters {
  checkLength(text)
  const entries = [...parseFormText(text)]
  if (entries.length > limits.parameters) throw tooMuch(`more than ${limits.parameters} parameters`)
  const values = new Map<string, string>()
  const repeated = new Set<string>()
  for (const [name, value] of entries) {
    const longest = longerValues.get(name) ?? limits.value
    if (value.length > longest) throw tooMuch(`a value of more than ${longest} characters`)
    if (values.has(name) && !repeatable.has(name)) repeated.add(name)
    else values.set(name, value)
  }
  return {
    get: (name) => values.get(name) || undefined,
    getAll: (name) => entries.flatMap(([other, value]) => (other === name && value !== '' ? [value] : [])),
    repeated,
    only: (names) => new URLSearchParams(entries.filter(([name]) => names.has(name))).toString(),
    except: (names) => new URLSearchParams(entries.filter(([name]) => !names.has(name))).toString(),
  }
}

/** RFC 6749 Appendix B: names and values in order. */
export function parseFormText(text: string): URLSearchParams {
  // Without the ampersand a question mark at the beginning would be lost: to the front-end, which counts who guesses, it is part of a name.
  return new URLSearchParams(`&${text}`)
}

/** RFC 9126 §2.3: a request is not longer than the server reads. */
export function checkLength(text: string): void {
  if (text.length > limits.text) throw tooMuch(`more than ${limits.text} characters`)
}

function tooMuch(what: string): OAuthError {
  return new OAuthError('invalid_request', 'A901301', `The request has ${what}.`, 'rfc6749#section-3.1')
}

/** RFC 6749 §3.1 and §3.2: request parameters must not be included more than once; all of them, or just the named ones. */
export function checkNothingRepeated({ repeated }: Parameters, names: Iterable<string> = repeated): void {
  const name = [...names].find((candidate) => repeated.has(candidate))
  if (name !== undefined) {
    throw new OAuthError(
      'invalid_request',
      'A901302',
      `The parameter ${name} is sent more than once.`,
      'rfc6749#section-3.1',
    )
  }
}

/** A list of words separated by spaces, each once, in order: `scope`, `prompt`, `acr_values`, `ui_locales`. */
export function parseWords(value: string | undefined): string[] {
  return [...new Set((value ?? '').split(' ').filter((word) => word !== ''))]
}
