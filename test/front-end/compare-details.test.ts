import { describe, expect, it } from 'vitest'
import { compareDetails } from '../../server/authorization-details/compare.ts'
import { describeDetail, type AuthorizationDetail } from '../../server/authorization-details/registry.ts'

const context = { lang: 'en', now: new Date('2026-11-01T12:00:00Z'), resourceName: (uri: string) => uri }
const compare = (requested: AuthorizationDetail[], granted: AuthorizationDetail[]) =>
  compareDetails(requested, granted, (detail) => describeDetail(detail, context).lines)

const payment = (amount: string, creditorName = 'Merchant A'): AuthorizationDetail => ({
  type: 'payment_initiation',
  otherFields: JSON.stringify({ instructedAmount: { currency: 'EUR', amount }, creditorName }),
})
const accounts = (actions: string[], ibans?: string[], validUntil?: string): AuthorizationDetail => ({
  type: 'account_information',
  actions,
  otherFields: JSON.stringify({ accounts: ibans?.map((iban) => ({ iban })), validUntil }),
})

describe('RFC 9396 §7: what became of the elements of a request', () => {
  it('given what was granted as it was asked for, then there is nothing to say', () => {
    const details = [payment('60.00'), payment('60.00'), accounts(['read_balances'])]
    expect(compare(details, details)).toEqual({ narrowed: [], declined: [] })
  })

  it('given a lower amount, then what was asked for and what was allowed', () => {
    const { narrowed, declined } = compare([payment('60.00')], [payment('40.00')])
    expect(narrowed).toEqual([
      { requested: payment('60.00'), changes: [{ label: 'Amount', asked: '€60.00', allowed: '€40.00' }] },
    ])
    expect(declined).toEqual([])
  })

  it('given several of one type, then each is compared with the one that it comes from', () => {
    const [one, other] = [payment('60.00'), payment('60.00', 'Merchant B')]
    const { narrowed, declined } = compare([one, other], [payment('40.00', 'Merchant B')])
    expect(narrowed.map(({ requested }) => requested)).toEqual([other])
    expect(declined).toEqual([one])
    expect(compare([one, one], [one])).toEqual({ narrowed: [], declined: [one] })
  })

  it('given one account, fewer actions and an end, then each of them; an end that nobody asked for has no other side', () => {
    const requested = accounts(['list_accounts', 'read_balances'])
    const granted = accounts(['list_accounts'], ['DE02120300000000202051'], '2026-12-01')
    const [change] = compare([requested], [granted]).narrowed
    expect(change?.changes.map(({ label, asked }) => [label, asked !== undefined])).toEqual([
      ['Accounts', true],
      ['What it may do', true],
      ['Until', false],
    ])
  })

  it('given nothing of it, then all of it was declined', () => {
    const details = [payment('60.00'), accounts(['read_balances'])]
    expect(compare(details, [])).toEqual({ narrowed: [], declined: details })
  })
})
