import { pageText } from '../page-text.ts'
import { cut } from '../pages.ts'
import type { Answers, DetailReader, OfferedList } from './detail-reader.ts'
import { isPlain, locationLines, otherLines } from './element.ts'
import type { AuthorizationDetail, DetailContext } from './registry.ts'

/** RFC 9396 §2: an element of a type that nobody wrote a reader for. */
export function readOther(detail: AuthorizationDetail): DetailReader {
  // §2.2: these are lists of single rights for every type, so a shorter one asks for less.
  const narrowable = commonLists.filter((member) => canBeTicked(detail[member]))
  // `datatypes` is the only name that is not the same on the wire.
  const apart = new Set(['type', 'locations', ...narrowable.map((member) => member.toLowerCase())])

  function listFor(member: (typeof commonLists)[number], { lang, resourceName }: DetailContext): OfferedList {
    return {
      member,
      label: pageText(lang).text(`detail.${member}`),
      options: [...new Set(detail[member])].map((value) => {
        const name = member === 'locations' ? resourceName(value) : value
        return { value, label: name, about: name === value ? undefined : value }
      }),
      isTicked: true,
    }
  }

  return {
    kind: 'other',
    title: () => cut(detail.type, 100),
    describe: (context) => ({
      lines: [
        ...locationLines(detail.locations, context),
        ...otherLines(detail, new Set(['type', 'locations']), context.lang),
      ],
      expiresAt: undefined,
    }),
    offer: (context) => ({
      // Nobody here can say what is at stake.
      sensitive: true,
      lines: [
        ...(narrowable.includes('locations') ? [] : locationLines(detail.locations, context)),
        ...otherLines(detail, apart, context.lang),
      ],
      note: undefined,
      allow: pageText(context.lang).text('detail.allow'),
      lists: narrowable.map((member) => listFor(member, context)),
      field: undefined,
    }),
    narrow({ isAllowed, ticked }: Answers) {
      if (!isAllowed) return { outcome: 'declined' }
      const kept = narrowable.map(
        (member) => [member, (detail[member] ?? []).filter((value) => ticked(member).includes(value))] as const,
      )
      if (kept.some(([, values]) => values.length === 0)) return { outcome: 'declined' }
      return { outcome: 'granted', detail: { ...detail, ...Object.fromEntries(kept) } }
    },
  }
}

const commonLists = ['locations', 'actions', 'dataTypes', 'privileges'] as const

/** One value is taken or left with the element. Values that a browser would change on their way are shown, and are no boxes. */
function canBeTicked(values: readonly string[] | undefined): boolean {
  return values !== undefined && new Set(values).size > 1 && values.length <= 20 && values.every(isPlain)
}
