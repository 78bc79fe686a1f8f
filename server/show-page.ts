import type { Request, Response } from 'express'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { ClientLogos } from './client-logos.ts'
import type { FrontEnd } from './front-end.ts'
import { directionOf, findText, pageLanguage } from './locale.ts'
import { renderPage, type AccountView, type ClientView, type Pages } from './pages.ts'
import { forbidStoring } from './respond.ts'
import type { User } from './users.ts'

/** What every page has. */
export interface PageFrame {
  serviceName: string
  lang: string
  dir: 'ltr' | 'rtl'
  display: 'page' | 'popup' | 'touch' | 'wap'
}

/** Renders a page and sends it, with a language picker that comes back to it. */
export async function showPage<Name extends keyof Pages>(
  res: Response,
  status: number,
  name: Name,
  page: Pages[Name],
): Promise<void> {
  // What is wrong may be the address itself, with who knows what in it: an error page repeats nothing of it.
  const address = name === 'error' ? undefined : addressOf(res.req)
  // Boxes that were ticked stay so in another language.
  const picker = name === 'consent' ? { form: 'choices' } : { address }
  const html = await renderPage(name, { ...page, picker })
  forbidStoring(res).status(status).set('Content-Type', 'text/html; charset=utf-8').send(html)
}

/** The address of the same page in another language. Where a form was posted to, that is the page it belongs to. */
function addressOf({ method, originalUrl }: Request): string {
  return method === 'GET' ? originalUrl : originalUrl.replace(/\?.*/s, '').split('/', 3).join('/')
}

/** The frame of a page, in the language of an authorization request where there is one. */
export function pageFrame(frontEnd: FrontEnd, req: Request, request?: AuthorizationRequest): PageFrame {
  const lang = pageLanguage(req, request?.uiLocales, frontEnd.supportedUiLocales)
  return {
    serviceName: request?.service.serviceName ?? frontEnd.serviceName,
    lang,
    dir: directionOf(lang),
    display: displays.find((display) => display === request?.display?.toLowerCase()) ?? 'page',
  }
}

const displays = ['page', 'popup', 'touch', 'wap'] as const

/** The client as a page shows it: in the page's language where it gave texts in several. */
export function clientView(client: AuthorizationRequest['client'], lang: string, logos: ClientLogos): ClientView {
  // A name in any language says more than an identifier.
  const [inAnotherLanguage] = client.clientNames
  const name =
    findText(client.clientNames, client.clientName, lang) ??
    (inAnotherLanguage && { text: inAnotherLanguage.value, lang: inAnotherLanguage.tag })
  const logoUri = findText(client.logoUris, client.logoUri, lang)?.text
  const badge = badgeOf(client)
  return {
    name: name?.text ?? client.clientIdAlias ?? String(client.clientId),
    lang: name?.lang,
    logoUri: logos.addressOf(logoUri, badge === undefined || badge === 'verified'),
    clientUri: findText(client.clientUris, client.clientUri, lang)?.text,
    policyUri: findText(client.policyUris, client.policyUri, lang)?.text,
    tosUri: findText(client.tosUris, client.tosUri, lang)?.text,
    badge,
  }
}

/** A person as a page shows them. */
export function accountView({ username, claims }: User): AccountView {
  const { name, email } = claims
  return {
    username,
    name: typeof name === 'string' ? name : username,
    email: typeof email === 'string' ? email : undefined,
  }
}

/** `verified` is the service's own word about a client; all others only say where the client's words come from. */
function badgeOf(client: AuthorizationRequest['client']): ClientView['badge'] {
  if (client.discoveredByMetadataDocument || client.clientSource === 'METADATA_DOCUMENT') return 'metadata-document'
  if (client.dynamicallyRegistered || client.clientSource === 'DYNAMIC_REGISTRATION') return 'registered-itself'
  return client.attributes.some(({ key, value }) => key === 'verified' && value === 'true') ? 'verified' : undefined
}
