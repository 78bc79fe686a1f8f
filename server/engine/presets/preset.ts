import type { Client, Service } from '../../../sdk/types.ts'

/** A configuration as data: what to send to service/create and to client/create, and why. */
export interface Preset {
  title: string
  service: Advised<Service>
  client: Advised<Client>
}

/** The members of a configuration that a preset has an opinion about. */
export type Advised<Settings> = { [Member in keyof Settings]?: Advice<NonNullable<Settings[Member]>, Settings> }

/** What a preset says about one member. */
export interface Advice<Value, Settings> {
  /** What to send where there is nothing to keep; nothing, where the member is better left out. */
  value?: Value
  /** Why, with the place that says so. */
  because: string
  /** Which other values are as good. Without it the value is where to begin, and nobody is told to change it. */
  demands?: Measure<Value, Settings>
}

/** Holds a value against what is wanted. An absent value is undefined: the engine's default applies. */
export interface Measure<Value, Settings> {
  holds(given: Value | undefined, settings: Settings): boolean
  /** What to send instead, with what can be kept of the value that is there. */
  mend(given: Value | undefined): Value
}

/** The settings of a preset, ready to be sent. */
export function settingsOf<Settings extends object>(advised: Advised<Settings>): Partial<Settings> {
  const settings: Partial<Settings> = {}
  for (const member in advised) {
    const value = advised[member]?.value
    if (value !== undefined) settings[member] = value
  }
  return settings
}

/** This value, and no other. */
export function exactly<Value>(value: Value): { value: Value; demands: Measure<Value, unknown> } {
  return { value, demands: { holds: (given) => given === value, mend: () => value } }
}

/** This value, or none: the engine does the same when nothing is said. */
export function exactlyOrAbsent<Value>(value: Value): { value: Value; demands: Measure<Value, unknown> } {
  return { value, demands: { holds: (given) => given === undefined || given === value, mend: () => value } }
}

/** One of these, or none: nothing is sent where nothing is there. */
export function oneOfOrAbsent<Value>(first: Value, ...others: Value[]): { demands: Measure<Value, unknown> } {
  const good = [first, ...others]
  return { demands: { holds: (given) => given === undefined || good.includes(given), mend: () => first } }
}

/** One of these, the first where there is none. */
export function oneOf<Value>(first: Value, ...others: Value[]): { value: Value; demands: Measure<Value, unknown> } {
  const good = [first, ...others]
  return {
    value: first,
    demands: { holds: (given) => given !== undefined && good.includes(given), mend: () => first },
  }
}

/** Some of these, and nothing else. What is there is kept as far as it is good. */
export function someOf<Value>(
  value: Value[],
  ...others: Value[]
): { value: Value[]; demands: Measure<Value[], unknown> } {
  const good = [...value, ...others]
  return {
    value,
    demands: {
      holds: (given) => given !== undefined && given.length > 0 && given.every((entry) => good.includes(entry)),
      mend: (given = []) => {
        const kept = given.filter((entry) => good.includes(entry))
        return kept.length > 0 ? kept : value
      },
    },
  }
}

/** All of these, and perhaps more. */
export function atLeast<Value>(...value: Value[]): { value: Value[]; demands: Measure<Value[], unknown> } {
  return {
    value,
    demands: {
      holds: (given = []) => value.every((entry) => given.includes(entry)),
      mend: (given = []) => [...new Set([...given, ...value])],
    },
  }
}

/** A number within these limits. */
export function within(
  value: number,
  { least = 1, most }: { least?: number; most: number },
): { value: number; demands: Measure<number, unknown> } {
  return {
    value,
    demands: { holds: (given = value) => given >= least && given <= most, mend: () => value },
  }
}

/** RFC 8705 §2: whether a client authenticates with a certificate. Of the other good ways, only private_key_jwt is left. */
export function usesCertificate(method: Client['tokenAuthMethod']): boolean {
  return method === 'TLS_CLIENT_AUTH' || method === 'SELF_SIGNED_TLS_CLIENT_AUTH'
}
