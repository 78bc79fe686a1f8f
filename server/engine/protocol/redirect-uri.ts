/** RFC 8252 §7.3: hosts that never leave the device. */
const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?(?=[/?]|$)/

/**
 * RFC 9700 §4.1.3: the redirect URI that was sent is one of the registered, compared as plain strings. With `anyLoopbackPort`, the port
 * of a loopback address may differ, RFC 8252 §7.3.
 */
export function findRedirectUri(
  sent: string,
  registered: readonly string[],
  anyLoopbackPort: boolean,
): string | undefined {
  if (registered.includes(sent)) return sent
  if (!anyLoopbackPort || !isWellFormed(sent)) return undefined
  const portless = withoutPort(sent)
  return portless !== undefined && registered.some((uri) => withoutPort(uri) === portless) ? sent : undefined
}

/** RFC 8252 §7.3: http on the device itself, where nothing listens in between. */
export function isLoopbackRedirect(uri: string): boolean {
  return loopback.test(uri) && isWellFormed(uri)
}

function withoutPort(uri: string): string | undefined {
  const match = loopback.exec(uri)
  return match ? `http://${match[1] ?? ''}${uri.slice(match[0].length)}` : undefined
}

function isWellFormed(uri: string): boolean {
  return URL.canParse(uri) && !uri.includes('#') && /^[\x21-\x7E]+$/.test(uri)
}
