const locations = { type: 'array', items: { type: 'string', format: 'uri' }, minItems: 1 }

/** ISO 13616 in outline: the check digits are for a bank to check. */
const account = {
  type: 'object',
  required: ['iban'],
  properties: { iban: { type: 'string', pattern: '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$' } },
  additionalProperties: false,
}

/** A list of these words, each once. */
function someOf(words: string[]): object {
  return { type: 'array', items: { enum: words }, minItems: 1, uniqueItems: true }
}

/** RFC 9396 §2: the JSON Schema of each type of authorization details. `x-narrowing` says what a person may lower or shorten. */
export const demoDetailSchemas = {
  // One payment, as in the RFC's example. Its amount may be lowered, and nothing else about it changed.
  payment_initiation: {
    type: 'object',
    required: ['type', 'instructedAmount', 'creditorName'],
    properties: {
      type: { const: 'payment_initiation' },
      locations,
      actions: someOf(['initiate', 'status', 'cancel']),
      instructedAmount: {
        type: 'object',
        required: ['currency', 'amount'],
        properties: {
          currency: { type: 'string', pattern: '^[A-Z]{3}$' },
          // Above zero, with at most three digits after the point.
          amount: {
            type: 'string',
            pattern: '^([1-9][0-9]{0,8}(\\.[0-9]{1,3})?|0\\.([1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))$',
            'x-narrowing': 'atMost',
          },
        },
        additionalProperties: false,
      },
      creditorName: { type: 'string', minLength: 1, maxLength: 70 },
      creditorAccount: account,
      remittanceInformationUnstructured: { type: 'string', maxLength: 140 },
    },
    additionalProperties: false,
  },
  // Which accounts, what of them, and until when: the person may choose all three, also where the client left them open.
  account_information: {
    type: 'object',
    required: ['type', 'actions'],
    properties: {
      type: { const: 'account_information' },
      locations,
      actions: someOf(['list_accounts', 'read_balances', 'read_transactions']),
      accounts: { type: 'array', items: account, minItems: 1, 'x-narrowing': 'subset' },
      validUntil: { type: 'string', anyOf: [{ format: 'date' }, { format: 'date-time' }], 'x-narrowing': 'notAfter' },
    },
    additionalProperties: false,
  },
} satisfies Record<string, object>

/** RFC 9396 §10: what the service supports and its clients may be registered for. */
export const demoDetailTypes: string[] = Object.keys(demoDetailSchemas)
