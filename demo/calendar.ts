export interface CalendarEvent {
  /** ISO 8601, without a time. */
  date: string
  start: string
  end: string
  title: string
}

/** The sample calendar, by day of the week from Sunday on. */
const week: readonly (readonly Omit<CalendarEvent, 'date'>[])[] = [
  [{ start: '10:00', end: '12:00', title: 'Walk along the river' }],
  [{ start: '09:30', end: '10:00', title: 'Plan the week' }],
  [
    { start: '08:00', end: '08:45', title: 'Swim' },
    { start: '14:00', end: '15:00', title: 'Library: return two books' },
  ],
  [{ start: '12:30', end: '13:30', title: 'Lunch in the park' }],
  [{ start: '18:00', end: '19:30', title: 'Choir practice' }],
  [{ start: '16:00', end: '16:30', title: 'Clear the inbox' }],
  [{ start: '09:00', end: '11:00', title: 'Market and bakery' }],
]

const days = 7
const dayMilliseconds = 24 * 60 * 60 * 1000

/** The sample events of seven days, beginning with the day of `now` in UTC. */
export function upcomingEvents(now: Date): CalendarEvent[] {
  return Array.from({ length: days }, (_, day) => new Date(now.getTime() + day * dayMilliseconds)).flatMap((date) =>
    (week[date.getUTCDay()] ?? []).map((event) => ({ date: date.toISOString().slice(0, 10), ...event })),
  )
}
