import type { Response } from 'express'
import { z } from 'zod'
import { describeDetail, type DetailContext } from './authorization-details/registry.ts'
import type { DetailLine } from './authorization-details/detail-reader.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { Delivery } from './authorization-response.ts'
import type { Grant } from './consent-choice.ts'
import { pageText } from './page-text.ts'
import { renderPage, type ConsentPage, type Page, type ClientView, type ConsentRow } from './pages.ts'
import { forbidStoring, redirect, sendFormPost } from './respond.ts'
import { tokenLives, type TokenLives } from './token-lives.ts'

/** What was decided, before the browser goes back to the client. For demonstrations: it holds the code in the way on. */
export interface ReceiptPage extends Page, TokenLives {
  readonly client: ClientView
  readonly granted: readonly ReceiptItem[]
  readonly declined: readonly ReceiptItem[]
  readonly to: WayOn
}

export interface ReceiptItem {
  readonly title: string
  readonly lang: string | undefined
  /** The scope, the claim or the type of the authorization detail, as on the wire. */
  readonly name: string
  readonly lines: readonly DetailLine[]
}

/** How the answer goes to the client: RFC 6749 §4.1.2, or OAuth 2.0 Form Post Response Mode §2. */
type WayOn =
  | { readonly kind: 'link'; readonly uri: string }
  | { readonly kind: 'form'; readonly action: string; readonly fields: readonly { name: string; value: string }[] }

interface Decided {
  request: AuthorizationRequest
  /** The page on which it was decided: it knows what everything is called. */
  page: ConsentPage
  grant: Grant
  context: Omit<DetailContext, 'user'>
}

/** RFC 6749 §4.1.2: sends the receipt in place of the answer, which is its way on. */
export function receiptDelivery(decided: Decided): Delivery {
  const send = async (res: Response, to: WayOn) => {
    const html = await renderPage('receipt', receiptPage(decided, to))
    forbidStoring(res).set('Content-Type', 'text/html; charset=utf-8').send(html)
  }
  return {
    LOCATION: async ({ responseContent }, res) => {
      if (mayLink(responseContent)) await send(res, { kind: 'link', uri: responseContent })
      else redirect(res, responseContent)
    },
    FORM: async ({ responseContent }, res) => {
      const form = findForm(responseContent)
      if (form === undefined) sendFormPost(res, responseContent)
      else await send(res, { kind: 'form', ...form })
    },
  }
}

/** RFC 6749 §3.3: says what was granted and what was not, in the words of the page. */
export function receiptPage({ request, page, grant, context }: Decided, to: WayOn): ReceiptPage {
  const { serviceName, lang, dir, display, client } = page
  const isGranted = ({ asked, name }: NamedRow) => grant[asked === 'claim' ? 'claims' : 'scopes'].includes(name)
  const rows = rowsOf(page)
  const describe = (details: Grant['details']) =>
    details.map((detail) => {
      const { title, lines } = describeDetail(detail, context)
      return { title, lang: undefined, name: detail.type, lines }
    })
  return {
    ...{ serviceName, lang, dir, display, client },
    granted: [...rows.filter(isGranted).map(itemOf), ...describe(grant.details)],
    declined: [...rows.filter((row) => !isGranted(row)).map(itemOf), ...describe(grant.declinedDetails)],
    ...tokenLives(request, grant),
    to,
  }
}

function rowsOf({ identity, groups, granted, implicit, offlineAccess, lang }: ConsentPage): NamedRow[] {
  const offline = { asked: 'scope', name: 'offline_access', title: pageText(lang).text('consent.offline') } as const
  return [
    ...[
      ...identity.filter(({ mode }) => mode !== 'withheld'),
      ...groups.flatMap(({ rows }) => rows),
      ...(granted?.rows ?? []),
      ...implicit,
    ],
    ...(offlineAccess === undefined ? [] : [{ ...offline, parameter: undefined, lang: undefined }]),
  ]
}

type NamedRow = Pick<ConsentRow, 'asked' | 'name' | 'title' | 'parameter' | 'lang'>

function itemOf({ title, parameter, lang, name }: NamedRow): ReceiptItem {
  return { title: parameter === undefined ? title : `${title}: ${parameter}`, lang, name, lines: [] }
}

/** A redirect never runs a program of the page's own, and a link could: those addresses get no link. */
function mayLink(uri: string): boolean {
  return URL.canParse(uri) && printable.test(uri) && !/^(javascript|data|vbscript|blob):$/.test(new URL(uri).protocol)
}

/** Reads the engine's form; undefined when it is not of the known kind, or would change on a page of ours: then it goes out as it is. */
function findForm(html: string): { action: string; fields: { name: string; value: string }[] } | undefined {
  const [, attributes = '', inside = ''] = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(html) ?? []
  const parsed = postedForm.safeParse({
    action: attributeOf(attributes, 'action'),
    fields: [...inside.matchAll(/<input\b([^>]*)>/gi)]
      .map(([, input = '']) => input)
      .filter((input) => attributeOf(input, 'type') === 'hidden')
      .map((input) => ({ name: attributeOf(input, 'name'), value: attributeOf(input, 'value') })),
  })
  return parsed.success && mayLink(parsed.data.action) ? parsed.data : undefined
}

function attributeOf(attributes: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(attributes)?.[1]
  return value?.replaceAll(
    /&(amp|lt|gt|quot|#39|#x27|#34);/gi,
    (entity) => entities.get(entity.toLowerCase()) ?? entity,
  )
}

const entities: ReadonlyMap<string, string> = new Map([
  ...([
    ['&amp;', '&'],
    ['&lt;', '<'],
    ['&gt;', '>'],
    ['&quot;', '"'],
    ['&#34;', '"'],
    ['&#39;', "'"],
    ['&#x27;', "'"],
  ] as const),
])

const printable = /^[\x20-\x7e]*$/

const postedForm = z.object({
  action: z.string(),
  fields: z.array(z.object({ name: z.string().regex(printable), value: z.string().regex(printable) })).min(1),
})
