/** OIDC Core §5.2: the name of a claim without its language tag. People consent to claims, not to their translations. */
export function untagged(name: string): string {
  return name.split('#', 1)[0] ?? name
}

/** OIDC Core §5.2: the claims, each also in the languages that are wanted. A name that has a tag already is left alone. */
export function localizedClaims(names: readonly string[], locales: readonly string[]): string[] {
  const tagged = names.filter((name) => !name.includes('#')).flatMap((name) => locales.map((tag) => `${name}#${tag}`))
  return [...new Set([...names, ...tagged])]
}
