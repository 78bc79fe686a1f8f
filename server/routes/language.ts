import type { RequestHandler, Response } from 'express'
import { checkForm } from '../csrf.ts'
import { readFields } from '../form.ts'
import type { FrontEnd } from '../front-end.ts'
import { languageCookies } from '../locale.ts'
import { pageLanguages } from '../page-text.ts'
import { Refusal } from '../refusal.ts'
import { redirect } from '../respond.ts'

/** POST /language — OIDC Core §3.1.2.1, the other side of ui_locales: the person picks the language, on whatever page they are. */
export function language({ config }: FrontEnd): RequestHandler {
  return async (req, res) => {
    const fields = await readFields(req)
    // Another site is refused here. The token is not asked for: most pages that show the picker begin no session, and all that a
    // forged form could do is change a language.
    checkForm(req, fields, config.issuer)
    const lang = pickedLanguage(fields)
    if (lang === undefined) {
      const description = `The form must name one language of these: ${pageLanguages.join(', ')}`
      throw new Refusal(400, { error: 'invalid_request', description, page: 'forged' })
    }

    // An error page does not repeat its address. The browser does, and when a form was posted there, the request knows its own page.
    const returned = fields.get('return')
    const address = localAddress(returned ?? req.get('referer') ?? '/', config.issuer)
    const [interaction] = /^\/interaction\/[\w-]+/.exec(address) ?? []
    keepLanguage(res, lang, config.issuer, interaction)
    redirect(res, returned === null ? (interaction ?? address) : address)
  }
}

/** OIDC Core §3.1.2.1: the language that a form picks; undefined when it names none of ours, or several. */
export function pickedLanguage(fields: URLSearchParams): string | undefined {
  const picked = fields.getAll('lang').join(' ')
  return pageLanguages.find((tag) => tag === picked)
}

/** OIDC Core §3.1.2.1: keeps the choice for this browser, and for the request whose pages have the path `interaction`. */
export function keepLanguage(res: Response, lang: string, issuer: string, interaction: string | undefined): void {
  const attributes = { httpOnly: true, sameSite: 'lax', secure: issuer.startsWith('https:') } as const
  res.cookie(languageCookies.browser, lang, { ...attributes, path: '/', maxAge: yearMs })
  // The same attributes but for the path: on the pages of this request the choice comes before the ui_locales of its client.
  if (interaction !== undefined) {
    res.cookie(languageCookies.request, lang, { ...attributes, path: interaction, maxAge: hourMs })
  }
}

const hourMs = 60 * 60 * 1000
const yearMs = 365 * 24 * hourMs

/**
 * RFC 9700 §4.11: an address of this server, or else its first page. What counts is what a browser makes of the text: `\`, tabs,
 * dots and slashes have many ways to end in the name of another host.
 */
function localAddress(text: string, issuer: string): string {
  if (!URL.canParse(text, issuer)) return '/'
  const { origin, pathname, search } = new URL(text, issuer)
  // Without its origin, an address that begins with two slashes would name a host again.
  if (origin !== issuer || pathname.startsWith('//')) return '/'
  // What a link asked for was just replaced.
  const kept = search
    .slice(1)
    .split('&')
    .filter((parameter) => !parameter.startsWith('ui_locales='))
  return kept.join('') === '' ? pathname : `${pathname}?${kept.join('&')}`
}
