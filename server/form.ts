import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

/** RFC 9126 §2.3 and RFC 9110 §15.5.14 let a server say what is too large. */
export const formLimits = {
  bytes: 64 * 1024,
  parameters: 100,
  /** Of a form on a page of ours: a person may have many boxes to tick. */
  fields: 300,
  valueBytes: 8 * 1024,
  /** RFC 9396 §2: the one parameter that holds a document. */
  authorizationDetailsBytes: 32 * 1024,
  /** RFC 9101 §4: the one parameter that holds all others. */
  requestBytes: 64 * 1024,
} as const

const longerValues: ReadonlyMap<string, number> = new Map([
  ['authorization_details', formLimits.authorizationDetailsBytes],
  ['request', formLimits.requestBytes],
])

/**
 * RFC 6749 §3.2, appendix B: reads an application/x-www-form-urlencoded body as the text it is. The engine must see repeated
 * parameters as they were sent, so nothing here makes objects or arrays of them.
 */
export async function readForm(req: IncomingMessage, parameters: number = formLimits.parameters): Promise<string> {
  if (mediaTypeOf(req) !== 'application/x-www-form-urlencoded' || !isPlainEncoding(req)) {
    req.resume()
    throw refuse(415, 'The body must be application/x-www-form-urlencoded, without content coding')
  }
  const text = await textOf(req)
  checkFormLimits(text, parameters)
  return text
}

/** The body, read once: it may be asked for several times. */
function textOf(req: IncomingMessage): Promise<string> {
  const text = texts.get(req) ?? readText(req)
  texts.set(req, text)
  return text
}

const texts = new WeakMap<IncomingMessage, Promise<string>>()

/** The fields of one of our own forms. It may be asked for several times. */
export function readFields(req: IncomingMessage): Promise<URLSearchParams> {
  const fields = fieldsOf.get(req) ?? readForm(req, formLimits.fields).then(parseParameters)
  fieldsOf.set(req, fields)
  return fields
}

const fieldsOf = new WeakMap<IncomingMessage, Promise<URLSearchParams>>()

/** RFC 6749 appendix B: the parameters in order. A repeated one is a list, and no name is special. */
export function parseParameters(text: string): URLSearchParams {
  // Without the ampersand a question mark at the beginning would be lost, and the name read otherwise than the engine reads it.
  return new URLSearchParams(`&${text}`)
}

/** The media type of the body, without parameters; undefined when none is declared. */
export function mediaTypeOf(req: IncomingMessage): string | undefined {
  return req.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
}

/** Refuses a form, or a query, with more parameters or larger values than any protocol needs. */
export function checkFormLimits(text: string, most: number = formLimits.parameters): void {
  const parameters = text.split('&', most + 1)
  if (parameters.length > most) throw refuse(400, `There are more than ${most} parameters`)
  // Decoding never makes a text longer, so a short parameter need not be decoded to be found short.
  const long = parameters.filter((parameter) => parameter.length > formLimits.valueBytes)
  for (const [name, value] of parseParameters(long.join('&'))) {
    const bytes = longerValues.get(name) ?? formLimits.valueBytes
    if (Buffer.byteLength(value) > bytes) throw refuse(400, `A parameter is larger than ${bytes} bytes`)
  }
}

function isPlainEncoding(req: IncomingMessage): boolean {
  return (req.headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity'
}

async function readText(req: IncomingMessage): Promise<string> {
  if (Number(req.headers['content-length'] ?? 0) > formLimits.bytes) {
    req.resume()
    throw tooLarge()
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= formLimits.bytes) chunks.push(chunk)
      // The rest is still taken from the connection, and forgotten, so that the client gets to read the answer.
      else reject(tooLarge())
    })
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      // A form encodes it; bare, it is in no form that a browser or a client makes.
      if (text.includes('\0')) reject(refuse(400, 'The body holds the character NUL'))
      else resolve(text)
    })
    req.on('error', () => {
      reject(refuse(400, 'The body ended too early'))
    })
  })
}

function tooLarge(): Refusal {
  return refuse(413, `The body is larger than ${formLimits.bytes} bytes`)
}

function refuse(status: number, description: string): Refusal {
  return new Refusal(status, { error: 'invalid_request', description })
}
