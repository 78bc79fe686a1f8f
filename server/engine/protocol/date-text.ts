/** RFC 3339 §5.6: `full-date` and `date-time`. A leap second is not taken: no clock here shows it. */
const fullDate = /^\d{4}-\d{2}-\d{2}$/
const dateTime = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,30}))?([Zz]|[+-]\d{2}:\d{2})$/

/** RFC 3339 §5.6: whether the text is a day of the calendar. */
export function isDate(text: string): boolean {
  return fullDate.test(text) && isDay(text)
}

/** RFC 3339 §5.6: whether the text is an instant. */
export function isDateTime(text: string): boolean {
  return parseInstant(text) !== undefined
}

/** Whether one day, or one instant, is not later than another. False when the two are not of one kind. */
export function isNotAfter(text: string, limit: string): boolean {
  if (isDate(text) && isDate(limit)) return text <= limit
  const [instant, last] = [parseInstant(text), parseInstant(limit)]
  if (!instant || !last) return false
  if (instant.seconds !== last.seconds) return instant.seconds < last.seconds
  return instant.fraction.padEnd(30, '0') <= last.fraction.padEnd(30, '0')
}

/** Whole seconds since 1970 and the digits behind them: milliseconds would round, and a rounded limit is another limit. */
function parseInstant(text: string): { seconds: number; fraction: string } | undefined {
  const [, day = '', time = '', fraction = '', offset = ''] = dateTime.exec(text) ?? []
  if (!isDay(day)) return undefined
  const milliseconds = Date.parse(`${day}T${time}${offset.toUpperCase()}`)
  return Number.isNaN(milliseconds) || time.startsWith('24') ? undefined : { seconds: milliseconds / 1000, fraction }
}

/** Date.parse takes the 31st of a short month for the next day. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
