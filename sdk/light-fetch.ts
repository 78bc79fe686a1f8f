/**
 * A Request and a Response for calls that never leave the process. The web's own cost more than most endpoints do
 * (`bench/levers.ts`); these carry the same text and the same headers. What hardly anyone calls is left to the web's classes.
 */
abstract class LightBody {
  readonly body = null
  readonly bodyUsed = false
  protected readonly content: string

  constructor(content: string) {
    this.content = content
  }

  text(): Promise<string> {
    return Promise.resolve(this.content)
  }

  json(): Promise<unknown> {
    return Promise.resolve(this.content).then(JSON.parse)
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return new Response(this.content).arrayBuffer()
  }

  blob(): ReturnType<Response['blob']> {
    return new Response(this.content).blob()
  }

  formData(): Promise<never> {
    return Promise.reject(new TypeError('The engine speaks JSON, not forms.'))
  }
}

const neverAborted = new AbortController().signal

/** What openapi-fetch makes of a call: method, address, headers and text. */
export class LightRequest extends LightBody implements Request {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly cache = 'no-store'
  readonly credentials = 'omit'
  readonly destination = ''
  readonly duplex = 'half'
  readonly integrity = ''
  readonly keepalive = false
  readonly mode = 'same-origin'
  readonly redirect = 'error'
  readonly referrer = ''
  readonly referrerPolicy = ''
  readonly signal = neverAborted

  constructor(input: string | URL | Request, init: RequestInit = {}) {
    super(typeof init.body === 'string' ? init.body : '')
    this.url = typeof input === 'string' ? input : 'url' in input ? input.url : input.href
    this.method = init.method ?? 'GET'
    this.headers = init.headers instanceof Headers ? init.headers : new Headers(init.headers)
  }

  clone(): Request {
    const { url, method, headers, content } = this
    return new Request(url, { method, headers, ...(content !== '' && { body: content }) })
  }
}

/** What the engine answers: status, media type and text. */
export class LightResponse extends LightBody implements Response {
  readonly status: number
  readonly headers: Headers
  readonly redirected = false
  readonly statusText = ''
  readonly type = 'default'
  readonly url = ''

  constructor(status: number, headers: Headers, text: string) {
    super(text)
    this.status = status
    this.headers = headers
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  clone(): Response {
    return new Response(this.content, { status: this.status, headers: this.headers })
  }
}
