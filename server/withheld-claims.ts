import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { AuthorizationRequest } from './authorization-request.ts'
import { claimsMeant, isInRange, languageTagOf, untagged } from './claim-language.ts'

/* OIDC Core §5.5.1: `value` and `values` ask for a claim only as far as it has that value. */

/**
 * OIDC Core §5.5.1: the claims that a client asks for with a value that is not the person's. They are not offered and not released, by
 * no way, and what the value is instead is not told. Whether a page is needed does not depend on it: with `prompt=none` a client could
 * try one value after the other and see which of them is asked about.
 */
export function withheldClaims(
  { idTokenClaims, userInfoClaims }: AuthorizationRequest,
  claims: Readonly<Record<string, unknown>>,
): string[] {
  const limits = [...limitsOf(idTokenClaims), ...limitsOf(userInfoClaims)]
  return limits
    .filter(([name, wish]) => {
      const meant = claimsMeant(Object.keys(claims), [name], [])
      return meant.length === 0 || !meant.every((claim) => accepts(wish, claims[claim]))
    })
    .map(([name]) => name)
}

/** OIDC Core §5.5.1: of claims with their values, those that are what `claims` (its id_token, or its userinfo) asks for. */
export function onlyAsAsked(
  claims: Readonly<Record<string, unknown>>,
  asked: string | undefined,
): Record<string, unknown> {
  const limits = limitsOf(asked)
  return Object.fromEntries(
    Object.entries(claims).filter(([claim, value]) =>
      limits.every(([name, wish]) => !isAbout(name, claim) || accepts(wish, value)),
    ),
  )
}

/** OIDC Core §5.2: `name#ja` is about `name#ja-Kana-JP` as well. */
function isAbout(name: string, claim: string): boolean {
  const [range, tag] = [languageTagOf(name), languageTagOf(claim)]
  if (name === claim) return true
  return untagged(name) === untagged(claim) && range !== undefined && tag !== undefined && isInRange(tag, range)
}

function accepts({ value, values = [] }: Wish, actual: unknown): boolean {
  return [...(value === undefined ? [] : [value]), ...values].some((wanted) => isDeepStrictEqual(wanted, actual))
}

function limitsOf(json: string | undefined): [name: string, wish: Wish][] {
  if (json === undefined) return []
  return Object.entries(claimsMember.parse(JSON.parse(json))).flatMap(([name, wish]) =>
    wish === null || engineLooksAt.has(name) || (wish.value === undefined && wish.values === undefined)
      ? []
      : [[name, wish] satisfies [string, Wish]],
  )
}

/** OIDC Core §5.5.1 and §5.5.1.1: with these it compares the person and how they authenticated. */
const engineLooksAt = new Set(['sub', 'acr'])

const wish = z
  .object({ value: z.unknown(), values: z.array(z.unknown()).optional() })
  .partial()
  .nullable()
  .catch(null)

type Wish = NonNullable<z.infer<typeof wish>>

const claimsMember = z.record(z.string(), wish)
