export interface Account {
  iban: string
  name: string
  currency: string
  balance: string
}

/** The sample accounts, by the subject of the demonstration's people. The numbers are the examples of the IBAN registry. */
const accountsBySubject = new Map<string, readonly Account[]>([
  [
    '6f0f5c1e8d4b4a7c9b2e', // john
    [
      { iban: 'IE29AIBK93115212345678', name: 'Everyday', currency: 'EUR', balance: '1254.20' },
      { iban: 'DE89370400440532013000', name: 'Savings', currency: 'EUR', balance: '8800.00' },
      { iban: 'GB29NWBK60161331926819', name: 'Travel', currency: 'GBP', balance: '312.75' },
    ],
  ],
  [
    'c2a9417be3d05f68a1d4', // jane
    [{ iban: 'LU280019400644750000', name: 'Household', currency: 'JPY', balance: '184000' }],
  ],
])

/** The accounts that belong to a person: whatever a token names besides is not theirs, and stays shut. */
export function accountsOf(subject: string | undefined): readonly Account[] {
  return accountsBySubject.get(subject ?? '') ?? []
}
