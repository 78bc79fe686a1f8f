/** Enough of a token to tell two apart, and never enough to use one. */
export function maskToken(token: string): string {
  return `${token.slice(0, Math.min(8, Math.floor(token.length / 4)))}…`
}
