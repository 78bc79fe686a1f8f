import { z } from 'zod'
import { pageText } from '../page-text.ts'
import { cut } from '../pages.ts'
import { amountText, isAmount, isMore, typedAmount } from './amount.ts'
import type { Answers, DetailLine, DetailReader } from './detail-reader.ts'
import { ibanHolder, ibanText, listText, locationLines, otherLines, othersOf, withOthers } from './element.ts'
import type { AuthorizationDetail, DetailContext } from './registry.ts'

/** RFC 9396 §2: one payment, in the form of the RFC's example. The person allows it or not, and may lower the amount. */
export function readPaymentInitiation(detail: AuthorizationDetail): DetailReader | undefined {
  const parsed = paymentInitiation.safeParse(othersOf(detail))
  if (!parsed.success) return undefined
  const { instructedAmount, creditorName, creditorAccount, remittanceInformationUnstructured: reference } = parsed.data
  const { amount, currency } = instructedAmount

  function linesIn(context: Omit<DetailContext, 'user'>): DetailLine[] {
    const { text } = pageText(context.lang)
    const line = (label: string, value: string | undefined) =>
      value === undefined ? [] : [{ label, value: cut(value, 200) }]
    return [
      ...line(text('detail.payment.amount'), amountText(amount, currency, context.lang, 'currency')),
      ...line(text('detail.payment.creditor'), creditorName),
      ...line(text('detail.payment.account'), creditorAccount && ibanText(creditorAccount.iban)),
      ...line(text('detail.payment.reference'), reference),
      ...line(text('detail.actions'), actionsText(detail.actions, context.lang)),
      ...locationLines(detail.locations, context),
      ...otherLines(detail, shownMembers, context.lang),
    ]
  }

  return {
    kind: 'payment_initiation',
    title: (lang) => pageText(lang).text('detail.payment.title'),
    describe: (context) => ({ lines: linesIn(context), expiresAt: undefined }),
    offer(context) {
      const { text } = pageText(context.lang)
      return {
        sensitive: true,
        lines: linesIn(context),
        note: undefined,
        allow: text('detail.payment.allow'),
        lists: [],
        field: {
          member: 'amount',
          kind: 'amount',
          label: text('detail.amount', { currency }),
          hint: text('detail.amount.hint', { amount: amountText(amount, currency, context.lang, 'currency') }),
          value: amountText(amount, currency, context.lang, 'field'),
          min: undefined,
          max: undefined,
          inLanguage: (typed, lang) => {
            const read = typedAmount(typed, currency, context.lang, digitsAfterPoint(amount))
            // What cannot be read is for the person to mend, and so stays as it is.
            return read === undefined ? typed : amountText(read, currency, lang, 'field')
          },
        },
      }
    },
    narrow: ({ isAllowed, typed }: Answers, { lang }) => {
      const wanted = typed('amount')
      const { text } = pageText(lang)
      const lowered = wanted === undefined ? undefined : typedAmount(wanted, currency, lang, digitsAfterPoint(amount))
      if (!isAllowed) {
        // Who lowers an amount means to pay it: a box that was overlooked is not taken for a no.
        const isLowered = lowered !== undefined && isMore(amount, lowered)
        return isLowered
          ? { outcome: 'invalid', problem: text('detail.payment.problem.tick') }
          : { outcome: 'declined' }
      }
      if (wanted === undefined) return { outcome: 'granted', detail }
      if (lowered === undefined) {
        const example = amountText(amount, currency, lang, 'field')
        return { outcome: 'invalid', problem: text('detail.amount.problem.format', { example }) }
      }
      if (isMore(lowered, amount)) {
        const most = amountText(amount, currency, lang, 'currency')
        return { outcome: 'invalid', problem: text('detail.amount.problem.more', { amount: most }) }
      }
      if (!isMore(amount, lowered)) return { outcome: 'granted', detail }
      return {
        outcome: 'granted',
        detail: withOthers(detail, { instructedAmount: { ...instructedAmount, amount: lowered } }),
      }
    },
  }
}

function digitsAfterPoint(amount: string): number {
  return amount.split('.')[1]?.length ?? 0
}

/** What may be done, in words where there are any. */
function actionsText(actions: readonly string[] | undefined, lang: string): string | undefined {
  if (actions === undefined || actions.length === 0) return undefined
  const { text } = pageText(lang)
  const words = actions.map((action) => (action === 'initiate' ? text('detail.action.initiate') : action))
  return listText(words, lang)
}

const shownMembers = new Set([
  ...[
    'type',
    'actions',
    'locations',
    'instructedAmount',
    'creditorName',
    'creditorAccount',
    'remittanceInformationUnstructured',
  ],
])

/** Exactly these members are shown, so what nests deeper may hold nothing else. */
const paymentInitiation = z.looseObject({
  instructedAmount: z
    .strictObject({ currency: z.string(), amount: z.string() })
    .refine(({ amount, currency }) => isAmount(amount, currency)),
  creditorName: z.string().min(1),
  creditorAccount: ibanHolder.optional(),
  remittanceInformationUnstructured: z.string().optional(),
})
