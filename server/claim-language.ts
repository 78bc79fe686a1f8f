/* OIDC Core §5.2: a claim in a language is `name#ja-Hani-JP`: the name of the claim, and a language tag. */

/** OIDC Core §5.2: the name of a claim without its language tag. */
export function untagged(claim: string): string {
  return claim.split('#', 1).join('')
}

/** OIDC Core §5.2: the language tag of a claim; undefined when it has none. */
export function languageTagOf(claim: string): string | undefined {
  const mark = claim.indexOf('#')
  return mark < 0 ? undefined : claim.slice(mark + 1)
}

/** RFC 4647 §3.3.1, basic filtering: the range `ja` means `ja-Hani-JP`, too. Upper and lower case are the same. */
export function isInRange(tag: string, range: string): boolean {
  const [one, other] = [tag.toLowerCase(), range.toLowerCase()]
  return one === other || one.startsWith(`${other}-`)
}

/**
 * OIDC Core §5.2: which of the claims that are known of a person are meant. `name#ja` means its translations in this range; `name` alone
 * means itself, and its translations only in the locales (`claims_locales`).
 */
export function claimsMeant(known: readonly string[], names: readonly string[], locales: readonly string[]): string[] {
  const ranges = new Map<string, string[]>()
  for (const wanted of names) {
    const range = languageTagOf(wanted)
    const name = untagged(wanted)
    ranges.set(name, [...(ranges.get(name) ?? []), ...(range === undefined ? locales : [range])])
  }
  return known.filter((claim) => {
    const tag = languageTagOf(claim)
    if (tag === undefined) return names.includes(claim)
    return ranges.get(untagged(claim))?.some((range) => isInRange(tag, range)) === true
  })
}
