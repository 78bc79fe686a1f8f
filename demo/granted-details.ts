import { z } from 'zod'
import type { Account } from './accounts.ts'

/** RFC 9396 §2: the two types that the API understands, as far as it obeys them. */
const grantedDetail = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('payment_initiation'),
    actions: z.array(z.string()).optional(),
    instructedAmount: z.object({ currency: z.string(), amount: z.string() }),
    creditorName: z.string().optional(),
  }),
  z.object({
    type: z.literal('account_information'),
    actions: z.array(z.string()),
    accounts: z.array(z.object({ iban: z.string() })).optional(),
    validUntil: z.string().optional(),
  }),
])

export type GrantedDetail = z.infer<typeof grantedDetail>

/** RFC 9396 §9.2: what introspection says that a token is good for. An element that the API does not understand opens nothing. */
export function readGrantedDetails(authorizationDetails: unknown): GrantedDetail[] {
  const elements = z.array(z.unknown()).catch([]).parse(authorizationDetails)
  return elements.flatMap((element) => grantedDetail.safeParse(element).data ?? [])
}

export interface Payment {
  to: string
  amount: string
  currency: string
}

/** Whether a payment stays within one element. The demo remembers no spending: a bank would let each element pay once. */
export function coversPayment(details: readonly GrantedDetail[], { to, amount, currency }: Payment): boolean {
  return details.some(
    (detail) =>
      detail.type === 'payment_initiation' &&
      (detail.actions ?? ['initiate']).includes('initiate') &&
      (detail.creditorName ?? to) === to &&
      detail.instructedAmount.currency === currency &&
      isAtMost(amount, detail.instructedAmount.amount),
  )
}

/** Compares decimal amounts as whole numbers, because floating point cannot hold 0.10. What is no amount is never enough. */
export function isAtMost(amount: string, limit: string): boolean {
  const [some, most] = [smallestUnits(amount), smallestUnits(limit)]
  return some !== undefined && most !== undefined && some <= most
}

const longestFraction = 4

function smallestUnits(amount: string): bigint | undefined {
  const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d{1,4}))?$/.exec(amount) ?? []
  return whole === undefined ? undefined : BigInt(whole + fraction.padEnd(longestFraction, '0'))
}

export interface VisibleAccount extends Omit<Account, 'balance'> {
  balance?: string
}

/** Which of a person's accounts the elements open, and of which of these the balance, too. */
export function visibleAccounts(
  details: readonly GrantedDetail[],
  owned: readonly Account[],
  now: Date,
): VisibleAccount[] {
  return owned.flatMap(({ balance, ...account }) => {
    const actions = details.flatMap((detail) => (opensAccount(detail, account.iban, now) ? detail.actions : []))
    if (!actions.includes('list_accounts')) return []
    return [actions.includes('read_balances') ? { ...account, balance } : account]
  })
}

function opensAccount(
  detail: GrantedDetail,
  iban: string,
  now: Date,
): detail is Extract<GrantedDetail, { type: 'account_information' }> {
  if (detail.type !== 'account_information' || hasEnded(detail.validUntil, now)) return false
  return detail.accounts === undefined || detail.accounts.some((account) => account.iban === iban)
}

/** A date without a time lasts until that day is over, in UTC. What is no date has ended. */
function hasEnded(validUntil: string | undefined, now: Date): boolean {
  if (validUntil === undefined) return false
  const end = /^\d{4}-\d{2}-\d{2}$/.test(validUntil) ? `${validUntil}T23:59:59.999Z` : validUntil
  return !(now.getTime() <= Date.parse(end))
}
