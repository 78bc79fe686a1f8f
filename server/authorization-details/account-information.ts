import { z } from 'zod'
import { claimValueText, pageText, type TextKey } from '../page-text.ts'
import type { User } from '../users.ts'
import { asciiDigits } from './amount.ts'
import type { Answers, DetailReader, Narrowed } from './detail-reader.ts'
import { ibanHolder, ibanText, isPlain, listText, locationLines, otherLines, othersOf, withOthers } from './element.ts'
import type { AuthorizationDetail } from './registry.ts'

/** RFC 9396 §2: a look into accounts. The person picks accounts of theirs, drops actions, and may bring the end forward. */
export function readAccountInformation(detail: AuthorizationDetail): DetailReader | undefined {
  const parsed = accountInformation.safeParse({ ...othersOf(detail), actions: detail.actions })
  if (!parsed.success) return undefined
  const { actions, accounts, validUntil } = parsed.data
  const end = validUntil === undefined ? undefined : endOf(validUntil)
  const lastDay = end?.toISOString().slice(0, 10)

  /** The person's accounts among those that the client named; all of them when it named none. */
  const accountsFor = (user: User) =>
    bankAccountsOf(user).filter(
      ({ iban }) => accounts === undefined || accounts.some((account) => compact(account.iban) === iban),
    )

  function granted(chosen: readonly string[], kept: readonly string[], until: string | undefined): Narrowed {
    const changes = {
      accounts: accounts?.filter(({ iban }) => chosen.includes(compact(iban))) ?? chosen.map((iban) => ({ iban })),
      ...(until !== undefined && { validUntil: until }),
    }
    return { outcome: 'granted', detail: { ...withOthers(detail, changes), actions: [...kept] } }
  }

  return {
    kind: 'account_information',
    title: (lang) => pageText(lang).text('detail.accounts.title'),
    describe(context) {
      const { text, date } = pageText(context.lang)
      const named = accounts?.map(({ iban }) => ibanText(iban)) ?? [text('detail.accounts.all')]
      const labels = actions.map((action) => actionLabel(action, context.lang))
      return {
        lines: [
          { label: text('detail.accounts'), value: listText(named, context.lang) },
          { label: text('detail.actions'), value: listText(labels, context.lang) },
          ...(end === undefined ? [] : [{ label: text('detail.until'), value: date(end) }]),
          ...locationLines(detail.locations, context),
          ...otherLines(detail, shownMembers, context.lang),
        ],
        expiresAt: end,
      }
    },
    offer(context) {
      const { text, date } = pageText(context.lang)
      const own = accountsFor(context.user)
      const today = context.now.toISOString().slice(0, 10)
      const isEmpty = own.length === 0
      return {
        sensitive: true,
        lines: [...locationLines(detail.locations, context), ...otherLines(detail, shownMembers, context.lang)],
        note: isEmpty ? text('detail.accounts.none') : undefined,
        allow: undefined,
        lists: isEmpty
          ? []
          : [
              {
                member: 'account',
                label: text('detail.accounts'),
                options: own.map(({ iban, name, currency }) => ({
                  value: iban,
                  label: name,
                  about: `${ibanText(iban)} · ${currency}`,
                })),
                isTicked: false,
              },
              {
                member: 'action',
                label: text('detail.actions'),
                options: [...new Set(actions)].map((action) => ({
                  value: action,
                  label: actionLabel(action, context.lang),
                  about: action,
                })),
                isTicked: true,
              },
            ],
        field: isEmpty
          ? undefined
          : {
              member: 'until',
              kind: 'date',
              label: text('detail.until'),
              hint: end === undefined ? text('detail.until.hint.open') : text('detail.until.hint', { date: date(end) }),
              value: lastDay ?? '',
              min: today,
              max: lastDay,
            },
      }
    },
    narrow({ ticked, typed }: Answers, { lang, user, now }) {
      const chosen = accountsFor(user).filter(({ iban }) => ticked('account').includes(iban))
      const kept = actions.filter((action) => ticked('action').includes(action))
      if (chosen.length === 0 || kept.length === 0) return { outcome: 'declined' }

      const ibans = chosen.map(({ iban }) => iban)
      const wanted = asciiDigits(typed('until') ?? '')
      const today = now.toISOString().slice(0, 10)
      // An empty field keeps to what was asked: a person can bring the end forward and not put it off.
      const day = wanted === '' ? lastDay : wanted
      if (day === undefined) return granted(ibans, kept, undefined)
      const { text, date } = pageText(lang)
      if (!z.iso.date().safeParse(day).success) {
        return { outcome: 'invalid', problem: text('detail.until.problem.format', { example: lastDay ?? today }) }
      }
      if (day < today) return { outcome: 'invalid', problem: text('detail.until.problem.past', { date: date(now) }) }
      if (end !== undefined && lastDay !== undefined && day > lastDay) {
        return { outcome: 'invalid', problem: text('detail.until.problem.later', { date: date(end) }) }
      }
      // The same form as was asked for, so that both can be compared: a date, or a time.
      const isTime = validUntil !== undefined && isDateTime(validUntil)
      return granted(ibans, kept, day === lastDay ? validUntil : isTime ? `${day}T23:59:59Z` : day)
    },
  }
}

/** The bank accounts of a person. A bank asks its ledger here; the demonstration has them among the claims. */
export function bankAccountsOf(user: User): BankAccount[] {
  const parsed = bankAccounts.safeParse(user.claims['bank_accounts'])
  return parsed.success ? parsed.data : []
}

export interface BankAccount {
  iban: string
  name: string
  currency: string
}

const knownActions: ReadonlyMap<string, TextKey> = new Map([
  ['list_accounts', 'detail.action.list_accounts'],
  ['read_balances', 'detail.action.read_balances'],
  ['read_transactions', 'detail.action.read_transactions'],
])

function actionLabel(action: string, lang: string): string {
  const key = knownActions.get(action)
  return key === undefined ? claimValueText(lang, action) : pageText(lang).text(key)
}

/** The last moment; a date counts with its whole day. */
function endOf(validUntil: string): Date {
  return new Date(isDateTime(validUntil) ? validUntil.toUpperCase() : `${validUntil}T23:59:59Z`)
}

/** RFC 3339 §5.6: `t` and `z` are as good as `T` and `Z`. */
function isDateTime(text: string): boolean {
  return z.iso.datetime({ offset: true }).safeParse(text.toUpperCase()).success
}

function compact(iban: string): string {
  return iban.replaceAll(/\s/g, '').toUpperCase()
}

const bankAccounts: z.ZodType<BankAccount[]> = z.array(
  z.object({ iban: z.string().transform(compact), name: z.string(), currency: z.string() }),
)

const shownMembers = new Set(['type', 'locations', 'actions', 'accounts', 'validUntil'])

/** Exactly these members are shown, so what nests deeper may hold nothing else. */
const accountInformation = z.looseObject({
  actions: z.array(z.string().refine(isPlain)).min(1).max(20),
  accounts: z.array(ibanHolder).min(1).max(100).optional(),
  validUntil: z.union([z.iso.date(), z.string().refine(isDateTime)]).optional(),
})
