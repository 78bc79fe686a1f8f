import { z } from 'zod'

const detail = z.looseObject({ type: z.string() })

/** An element of `authorization_details` (RFC 9396 §2), as it is sent and as it comes back. */
export type AuthorizationDetail = z.infer<typeof detail>

/** RFC 9396 §7: the granted elements of a token response. What is not in the answer was not granted. */
export function parseDetails(authorizationDetails: unknown): AuthorizationDetail[] {
  return z.array(detail).catch([]).parse(authorizationDetails)
}

export const detailTypes = ['payment_initiation', 'account_information'] as const
export type DetailType = (typeof detailTypes)[number]

/** What the person may change about the payment that Daybook asks for. */
export interface WantedPayment {
  amount: string
  creditor: string
}

export const usualPayment: WantedPayment = { amount: '45.00', creditor: 'Corner bakery' }

const titles = new Map<string, string>([
  ['payment_initiation', 'Make one payment'],
  ['account_information', 'See bank accounts'],
] satisfies [DetailType, string][])

/** RFC 9396 §2: what Daybook asks for beyond scopes. Which accounts is left to the person: Daybook does not know what they have. */
export function wantedDetails(
  types: readonly DetailType[],
  { amount, creditor }: WantedPayment,
): AuthorizationDetail[] {
  const details = {
    payment_initiation: {
      type: 'payment_initiation',
      actions: ['initiate'],
      instructedAmount: { currency: 'EUR', amount },
      creditorName: creditor,
      remittanceInformationUnstructured: 'Bread for the week',
    },
    account_information: {
      type: 'account_information',
      actions: ['list_accounts', 'read_balances', 'read_transactions'],
    },
  } satisfies Record<DetailType, AuthorizationDetail>
  return types.map((type) => details[type])
}

export interface DetailComparison {
  type: string
  title: string
  outcome: 'granted' | 'narrowed' | 'declined' | 'added'
  /** One for each member that either side has. */
  members: { name: string; asked: string | undefined; granted: string | undefined }[]
}

/** RFC 9396 §7: what was granted beside what was asked for. Daybook asks for each type once, so the type says what belongs together. */
export function compareDetails(
  asked: readonly AuthorizationDetail[],
  granted: readonly AuthorizationDetail[],
): DetailComparison[] {
  const types = [...new Set([...asked, ...granted].map(({ type }) => type))]
  return types.map((type) => {
    const hasType = (detail: AuthorizationDetail) => detail.type === type
    const [wanted, got] = [asked.find(hasType), granted.find(hasType)]
    const [before, after] = [readableMembers(wanted), readableMembers(got)]
    const members = [...new Set([...before.keys(), ...after.keys()])].map((name) => ({
      name,
      asked: before.get(name),
      granted: after.get(name),
    }))
    const isSame = members.every((member) => member.asked === member.granted)
    const outcome = wanted === undefined ? 'added' : got === undefined ? 'declined' : isSame ? 'granted' : 'narrowed'
    return { type, title: titles.get(type) ?? type, outcome, members }
  })
}

function readableMembers(detail: AuthorizationDetail | undefined): Map<string, string> {
  return new Map(flatten({ ...detail }, '').filter(([path]) => path !== 'type'))
}

/** Each value with the path to it; the items of a list are one value. */
function flatten(value: unknown, path: string): [path: string, value: string][] {
  if (Array.isArray(value)) return [[path, value.map(readableItem).join(', ')]]
  if (typeof value !== 'object' || value === null) return [[path, String(value)]]
  return Object.entries(value).flatMap(([name, member]) => flatten(member, path === '' ? name : `${path}.${name}`))
}

function readableItem(item: unknown): string {
  return flatten(item, '')
    .map(([, value]) => value)
    .join(' ')
}
