import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { parseHandle } from '../handle.ts'
import { isJsonObject, parseJsonObject } from '../protocol/json.ts'
import { noSuchTicket } from './auth-authorization-ticket-info.ts'

type UpdateQuestion = Question<'auth_authorization_ticket_update_api'>

/** POST /api/{serviceId}/auth/authorization/ticket/update: replaces what the front-end keeps with a ticket. */
export async function authAuthorizationTicketUpdate(
  { ticket, info }: UpdateQuestion,
  { storage, service, now }: ServiceContext,
): Promise<Answer<'auth_authorization_ticket_update_api'>> {
  const key = parseHandle(ticket)
  const text = contextOf(info)
  if (!key || !(await storage.setTicketContext(service.serviceId, key, text, now))) return noSuchTicket
  return {
    action: 'OK',
    resultCode: 'A904002',
    resultMessage: '[A904002] The context was replaced.',
    info: { context: text },
  }
}

/** The contract allows an object, the same object as JSON text, and plain text. */
function contextOf(info: UpdateQuestion['info']): string {
  if (typeof info !== 'string') return info.context ?? ''
  const parsed = parseJsonObject(info)
  return isJsonObject(parsed) && typeof parsed['context'] === 'string' ? parsed['context'] : info
}
