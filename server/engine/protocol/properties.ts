import type { Schema } from '../../../sdk/types.ts'
import { OAuthError } from '../oauth-error.ts'

/** A name and a value that the front-end attaches to tokens; hidden ones are not for clients. */
export type Property = Schema<'Property'>

/** Bytes of all names and values. More would weigh on every request that shows the token. */
const mostBytes = 65_535

/** Of a property: what passes a header, a log and a JSON path as it is. */
const name = /^[\x21-\x7E]{1,255}$/

/** Members that say something else where properties are shown: RFC 6749 §5, RFC 7662 §2.2, RFC 9068 §2.2, and what extends them. */
const reserved: ReadonlySet<string> = new Set(
  [
    'access_token token_type expires_in refresh_token scope id_token authorization_details grant_id error error_description error_uri',
    'issued_token_type device_secret c_nonce c_nonce_expires_in',
    'active client_id username exp iat nbf sub aud iss jti',
    'auth_time acr amr nonce azp at_hash c_hash s_hash sid groups roles entitlements',
    'cnf act may_act grant grant_type txn token_introspection',
  ].flatMap((names) => names.split(' ')),
)

/** RFC 9068 §2.2: whether a name is one of those that the engine speaks with. */
export function isReserved(name: string): boolean {
  return reserved.has(name)
}

/** What is wrong with properties, for whoever sent them; undefined when nothing is. */
export function faultOfProperties(properties: readonly Property[] = []): string | undefined {
  const keys = properties.map(({ key }) => key)
  const misnamed = keys.findIndex((key) => !name.test(key))
  if (misnamed >= 0) return `properties/${misnamed}/key: 1 to 255 visible ASCII characters are expected`
  const taken = keys.findIndex(isReserved)
  if (taken >= 0)
    return `properties/${taken}/key: ${keys[taken] ?? ''} is a member of a token or of its response; choose another name`
  if (new Set(keys).size < keys.length) return 'properties: each key is expected once'
  return faultOfSize(properties)
}

function faultOfSize(properties: readonly Property[]): string | undefined {
  const bytes = properties.reduce((sum, { key, value }) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return bytes > mostBytes ? `properties: ${mostBytes} bytes are expected at most, and there are ${bytes}` : undefined
}

/**
 * The properties that there are, with those that are added; of two with one name, the added one. Together they are no more than one token
 * may have: otherwise every refresh could add as much again. The client did not attach them, and nothing is spent yet.
 */
export function withProperties<Holder extends { properties?: Property[] }>(
  holder: Holder,
  added: readonly Property[] = [],
): Holder {
  if (added.length === 0) return holder
  const names = new Set(added.map(({ key }) => key))
  const kept = (holder.properties ?? []).filter(({ key }) => !names.has(key))
  const properties = [...kept, ...added]
  const fault = faultOfSize(properties)
  if (fault !== undefined) throw new OAuthError('server_error', 'A950201', fault, 'rfc6749#section-5.2')
  return { ...holder, properties }
}

/** What clients and resource servers see, as members of a JSON object. */
export function visibleMembers(properties: readonly Property[] = []): Record<string, string> {
  return Object.fromEntries(properties.filter(({ hidden }) => !hidden).map(({ key, value }) => [key, value]))
}

/** All of them, as members of a JSON object. */
export function allMembers(properties: readonly Property[] = []): Record<string, string> {
  return Object.fromEntries(properties.map(({ key, value }) => [key, value]))
}
