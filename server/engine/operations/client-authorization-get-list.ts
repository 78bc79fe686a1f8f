import type { Answer, Question } from '../../../sdk/types.ts'
import type { ServiceContext } from '../context.ts'
import { checkPage, pageOf, subjectOf, textOf } from '../query.ts'
import type { Page } from '../storage/storage.ts'
import { presentClientLimited } from './client-get.ts'

type List = Answer<'client_authorization_get_list_api'>

/** GET /api/{serviceId}/client/authorization/get/list[/{subject}]: the clients that hold a live token of a subject. */
export function clientAuthorizationGetList(context: ServiceContext): Promise<List> {
  return listAuthorizedClients(subjectOf(context), textOf(context, 'developer'), pageOf(context), context)
}

/** POST /api/{serviceId}/client/authorization/get/list: the same. */
export function clientAuthorizationGetListPost(
  { subject, developer, start, end }: Question<'client_authorization_get_list_api_post'>,
  context: ServiceContext,
): Promise<List> {
  return listAuthorizedClients(subject, developer, checkPage({ start, end }), context)
}

async function listAuthorizedClients(
  subject: string,
  developer: string | undefined,
  page: Page,
  { storage, registry, service, now }: ServiceContext,
): Promise<List> {
  const ids = await storage.listAuthorizedClients(service.serviceId, subject, now)
  const found = await Promise.all(ids.map((id) => registry.findClient(service.serviceId, String(id))))
  const clients = found
    .filter((client) => client !== undefined)
    .filter(({ settings }) => developer === undefined || settings.developer === developer)
  return {
    ...page,
    totalCount: clients.length,
    subject,
    ...(developer !== undefined && { developer }),
    clients: clients.slice(page.start, page.end).map(presentClientLimited),
  }
}
