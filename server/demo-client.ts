import { demoUsers } from './demo-people.ts'
import type { FrontEnd } from './front-end.ts'

/** The address of the demonstration's client: for pages that have little else to show. Undefined outside demo mode. */
export function demoClientUri(frontEnd: FrontEnd): string | undefined {
  const { demoPort } = frontEnd.config
  return demoUsers(frontEnd).length > 0 && demoPort !== 0 ? `http://localhost:${demoPort}` : undefined
}
