import { ApiFault } from './api-fault.ts'
import type { RawBody } from './validation.ts'

/** Bytes. No body of this API is near it. */
export const largestBody = 1_048_576

/** Reads the body of a request, and no more of it than is allowed. */
export async function readBody(request: Request): Promise<RawBody> {
  if (Number(request.headers.get('content-length') ?? 0) > largestBody) throw tooLarge()
  const text = request.body === null ? await request.text() : await readStream(request.body)
  if (Buffer.byteLength(text) > largestBody) throw tooLarge()
  return { mediaType: request.headers.get('content-type'), text }
}

async function readStream(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > largestBody) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new ApiFault(400, 'A126202', 'the body is not UTF-8')
  }
}

function tooLarge(): ApiFault {
  return new ApiFault(413, 'A901205', `the body is larger than ${largestBody} bytes`)
}
