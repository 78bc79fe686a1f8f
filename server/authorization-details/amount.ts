import { pageText } from '../page-text.ts'

/* Amounts of money are decimal text: floating point would round them. */

/** ISO 4217: how many digits a currency has after the point. */
export function fractionDigits(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** ISO 4217: whether text is an amount of a currency, more than nothing, as programs write it. */
export function isAmount(text: string, currency: string): boolean {
  const [, fraction = ''] = text.split('.')
  if (!/^[A-Z]{3}$/.test(currency)) return false
  return isDecimal(text) && fraction.length <= fractionDigits(currency) && /[1-9]/.test(text)
}

/** An amount as people of the language read it: with the currency, or bare for a field that they change. */
export function amountText(amount: string, currency: string, lang: string, style: 'currency' | 'field'): string {
  if (!isDecimal(amount)) throw new Error('An amount must be decimal text')
  const [, fraction = ''] = amount.split('.')
  const locale = pageText(lang).text('intl.locale')
  const digits = { maximumFractionDigits: fractionDigits(currency) }
  return style === 'currency'
    ? new Intl.NumberFormat(locale, { ...digits, style, currency }).format(amount)
    : new Intl.NumberFormat(locale, { ...digits, useGrouping: false, minimumFractionDigits: fraction.length }).format(
        amount,
      )
}

/**
 * An amount as somebody typed it, in the digits and with the separators of any language, as decimal text with at least so many
 * digits after the point; undefined when it is not one, or could be read in two ways.
 */
export function typedAmount(typed: string, currency: string, lang: string, digits: number): string | undefined {
  const text = asciiDigits(typed)
    .replaceAll('٫', '.')
    .replaceAll('٬', ',')
    .replaceAll(/[\s'’]/g, '')
  const marks = text.match(/[.,]/g) ?? []
  const last = marks.at(-1)
  // One mark alone is a point, unless the language puts it between thousands and it stands there: then 1,234 is no 1.234.
  const isGrouping =
    new Set(marks).size === 1 && (marks.length > 1 || (last === groupingMark(lang) && /^\d{1,3}[.,]\d{3}$/.test(text)))
  const end = last === undefined || isGrouping ? text.length : text.lastIndexOf(last)
  const whole = text.slice(0, end)
  const fraction = text.slice(end + 1)
  if (!/^(\d{1,15}|\d{1,3}(,\d{3}){1,4}|\d{1,3}(\.\d{3}){1,4})$/.test(whole)) return undefined
  if (end < text.length && (!/^\d+$/.test(fraction) || whole.includes(text.charAt(end)))) return undefined
  const units = whole.replaceAll(/[.,]/g, '').replace(/^0+(?=\d)/, '')
  const amount = digits === 0 && fraction === '' ? units : `${units}.${fraction.padEnd(digits, '0')}`
  return isAmount(amount, currency) ? amount : undefined
}

/** Compares two amounts, exactly. */
export function isMore(amount: string, other: string): boolean {
  const digits = Math.max(...[amount, other].map((text) => text.split('.')[1]?.length ?? 0))
  const [one, two] = [amount, other].map((text) => {
    const [whole = '', fraction = ''] = text.split('.')
    return BigInt(whole + fraction.padEnd(digits, '0'))
  })
  return one !== undefined && two !== undefined && one > two
}

/** Digits of Arabic, Persian and full-width keyboards as ASCII. */
export function asciiDigits(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replaceAll(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .trim()
}

function groupingMark(lang: string): string | undefined {
  const parts = new Intl.NumberFormat(pageText(lang).text('intl.locale')).formatToParts(1_234_567)
  return parts.find(({ type }) => type === 'group')?.value
}

function isDecimal(text: string): text is `${number}` {
  return /^(0|[1-9]\d{0,14})(\.\d+)?$/.test(text)
}
