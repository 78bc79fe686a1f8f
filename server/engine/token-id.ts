import type { AccessToken } from './storage/storage.ts'

/**
 * RFC 7519 §4.1.7: names an access token where its value must not be seen; the `jti` of one that is a JWT. It opens nothing. The locator
 * finds the record, and the grant tells it from others that have the same value at another time.
 */
export function tokenIdOf({ key, grantId }: Pick<AccessToken, 'key' | 'grantId'>): string {
  return Buffer.concat([key.locator, grantId]).toString('base64url')
}
