import { pageText } from '../page-text.ts'
import { cut } from '../pages.ts'
import type { DetailReader } from './detail-reader.ts'
import { locationLines, otherLines } from './element.ts'
import type { AuthorizationDetail } from './registry.ts'

/**
 * RFC 9396 §5: an element that is not what its type says. It is shown as it is and cannot be allowed: a client could otherwise have
 * the card of an unknown type, which says and asks less, by writing a known one a little wrong.
 */
export function readUnreadable(detail: AuthorizationDetail): DetailReader {
  const shown = new Set(['type', 'locations'])
  const describe: DetailReader['describe'] = (context) => ({
    lines: [...locationLines(detail.locations, context), ...otherLines(detail, shown, context.lang)],
    expiresAt: undefined,
  })
  return {
    kind: 'unreadable',
    title: () => cut(detail.type, 100),
    describe,
    offer: (context) => ({
      sensitive: false,
      lines: describe(context).lines,
      note: pageText(context.lang).text('detail.unreadable'),
      allow: undefined,
      lists: [],
      field: undefined,
    }),
    narrow: () => ({ outcome: 'declined' }),
  }
}
