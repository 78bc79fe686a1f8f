/** A person with a browser that has no JavaScript: cookies, forms and redirects over HTTP, within one issuer. */
export interface Person {
  /** Opens an address and follows redirects, as long as they stay at the issuer. */
  visit(url: string | URL): Promise<Page>
  /** Fills in the form that has these fields or this button, and sends it. */
  submit(page: Page, fields: Fields, button?: { name: string; value: string }): Promise<Page>
  signIn(page: Page, username?: string, password?: string): Promise<Page>
  /** Ticks exactly these scopes, and decides. */
  decide(page: Page, decision: 'allow' | 'deny', scopes?: readonly string[]): Promise<Page>
  /** A second window of the same browser would share these. */
  cookies: Map<string, string>
  /** One request as it is, without following anything. */
  request(url: string | URL, init?: RequestInit): Promise<Response>
}

type Fields = Record<string, string | readonly string[]>

/** Where a visit ended: a page of the issuer, or the address of somebody else that the browser was sent to. */
export interface Page {
  url: URL
  status: number
  html: string
  headers: Headers
  /** Set when the browser was sent away from the issuer. */
  sentTo?: URL
  forms: Form[]
}

interface Form {
  action: string
  method: string
  inputs: { name: string; type: string; value: string; checked: boolean }[]
  buttons: { name: string; value: string }[]
}

/** What a browser's requests go out with. */
export type Fetch = (url: string | URL, init: RequestInit) => Promise<Response>

export function person(issuer: string, send: Fetch = fetch): Person {
  const cookies = new Map<string, string>()

  async function request(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    if (!headers.has('accept')) headers.set('accept', 'text/html')
    const response = await send(url, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(cookie)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  async function follow(url: URL, init?: RequestInit): Promise<Page> {
    let response = await request(url, init)
    let at = url
    for (let hops = 0; response.status >= 300 && response.status < 400; hops += 1) {
      if (hops === 10) throw new Error(`More than ten redirects, the last to ${at.href}`)
      at = new URL(response.headers.get('location') ?? '', at)
      if (at.origin !== new URL(issuer).origin)
        return { url: at, status: response.status, html: '', headers: response.headers, sentTo: at, forms: [] }
      response = await request(at)
    }
    const html = await response.text()
    return { url: at, status: response.status, html, headers: response.headers, forms: formsOf(html) }
  }

  const self: Person = {
    cookies,
    request,
    visit: (url) => follow(new URL(url)),
    submit(page, fields, button) {
      const form = page.forms.find((candidate) => fits(candidate, fields, button))
      if (!form)
        throw new Error(
          `No form at ${page.url.href} (${page.status}) takes ${JSON.stringify({ fields, button })}:\n${page.html}`,
        )
      const body = new URLSearchParams()
      for (const { name, type, value } of form.inputs) if (type === 'hidden') body.append(name, value)
      for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) body.append(name, value)
      if (button) body.append(button.name, button.value)
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        origin: page.url.origin,
        'sec-fetch-site': 'same-origin',
      }
      return follow(new URL(form.action, page.url), { method: 'POST', headers, body: body.toString() })
    },
    signIn: (page, username = 'john', password = username) => self.submit(page, { username, password }),
    decide: (page, decision, scopes = []) =>
      self.submit(page, scopes.length > 0 ? { scope: scopes } : {}, { name: 'decision', value: decision }),
  }
  return self
}

function fits(form: Form, fields: Fields, button?: { name: string; value: string }): boolean {
  const hasFields = Object.keys(fields).every((name) => form.inputs.some((input) => input.name === name))
  const hasButton = !button || form.buttons.some(({ name, value }) => name === button.name && value === button.value)
  return hasFields && hasButton
}

/** The forms of a page of ours: attributes are quoted, and forms do not nest. */
function formsOf(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, attributes = '', inside = '']) => ({
    action: attributeOf(attributes, 'action') ?? '',
    method: attributeOf(attributes, 'method') ?? 'get',
    inputs: [...inside.matchAll(/<input\b([^>]*)>/g)].map(([, input = '']) => ({
      name: attributeOf(input, 'name') ?? '',
      type: attributeOf(input, 'type') ?? 'text',
      value: attributeOf(input, 'value') ?? '',
      checked: /\schecked\b/.test(input),
    })),
    buttons: [...inside.matchAll(/<button\b([^>]*)>/g)].map(([, button = '']) => ({
      name: attributeOf(button, 'name') ?? '',
      value: attributeOf(button, 'value') ?? '',
    })),
  }))
}

function attributeOf(attributes: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1]
  return value?.replaceAll(/&(amp|lt|gt|quot|#39|#34);/g, (entity) => entities[entity] ?? entity)
}

const entities: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#34;': '"',
  '&#39;': "'",
}
