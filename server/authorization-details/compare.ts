import type { DetailLine } from './detail-reader.ts'
import { detailId, type AuthorizationDetail } from './registry.ts'

/** An element that a person allowed in part, and in what lines it is less than was asked for. */
export interface NarrowedDetail {
  readonly requested: AuthorizationDetail
  readonly changes: readonly Change[]
}

/** One line in words; nothing was asked for where the person set a limit of their own. */
export interface Change {
  readonly label: string
  readonly asked: string | undefined
  readonly allowed: string
}

/**
 * RFC 9396 §7: what became of the elements of a request. A record keeps two lists, without saying what came of what: an element that was
 * granted as it is, is itself; any other comes from the one of its type that it shares most lines with.
 */
export function compareDetails(
  requested: readonly AuthorizationDetail[],
  granted: readonly AuthorizationDetail[],
  linesOf: (detail: AuthorizationDetail) => readonly DetailLine[],
): { narrowed: NarrowedDetail[]; declined: AuthorizationDetail[] } {
  const open = [...requested]
  const take = (detail: AuthorizationDetail | undefined) => {
    const place = open.findIndex((candidate) => candidate === detail)
    return place < 0 ? undefined : open.splice(place, 1)[0]
  }
  const changed = granted.filter((detail) => {
    const id = detailId(detail)
    return take(open.find((candidate) => detailId(candidate) === id)) === undefined
  })
  const narrowed = changed.flatMap((detail) => {
    const lines = linesOf(detail)
    const shared = (candidate: AuthorizationDetail) =>
      linesOf(candidate).filter((line) => lines.some((other) => isSame(line, other))).length
    const [closest] = open
      .filter(({ type }) => type === detail.type)
      .toSorted((one, other) => shared(other) - shared(one))
    const origin = take(closest)
    return origin === undefined ? [] : [{ requested: origin, changes: changesOf(linesOf(origin), lines) }]
  })
  return { narrowed, declined: open }
}

function changesOf(asked: readonly DetailLine[], allowed: readonly DetailLine[]): Change[] {
  return allowed
    .filter((line) => !asked.some((other) => isSame(line, other)))
    .map(({ label, value }) => ({
      label,
      asked: asked.find((line) => line.label === label)?.value,
      allowed: value,
    }))
}

function isSame(one: DetailLine, other: DetailLine): boolean {
  return one.label === other.label && one.value === other.value
}
