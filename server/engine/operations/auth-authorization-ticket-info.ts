import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { parseHandle } from '../handle.ts'

/** POST /api/{serviceId}/auth/authorization/ticket/info: what the front-end keeps with a ticket. */
export async function authAuthorizationTicketInfo(
  { ticket }: Question<'auth_authorization_ticket_info_api'>,
  { storage, service, now }: ServiceContext,
): Promise<Answer<'auth_authorization_ticket_info_api'>> {
  const key = parseHandle(ticket)
  const found = key && (await storage.findTicket(service.serviceId, key, now))
  if (!found) return noSuchTicket
  return {
    action: 'OK',
    resultCode: 'A904001',
    resultMessage: '[A904001] The context of the ticket.',
    info: { context: found.context },
  }
}

/** A ticket that is unknown, expired or spent: nobody needs to know which. */
export const noSuchTicket = {
  action: 'NOT_FOUND',
  resultCode: 'A904201',
  resultMessage: '[A904201] The ticket is unknown, expired or spent.',
} as const
