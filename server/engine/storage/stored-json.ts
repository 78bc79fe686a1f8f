/** How a value is kept as JSON text. */
interface StoredJson<Value> {
  write(value: Value): string
  read(text: string): Value
}

/**
 * JSON of the engine's own making. The guard looks at the members that must be there: text that an older version wrote
 * differently and no migration brought along stops here, and not as an undefined somewhere in the protocol.
 */
export function storedJson<Value>(looksRight: (value: unknown) => value is Value): StoredJson<Value> {
  return {
    write: (value) => JSON.stringify(value),
    read(text) {
      const value: unknown = JSON.parse(text)
      if (!looksRight(value)) throw new TypeError('stored JSON lacks a member that it must have')
      return value
    },
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
