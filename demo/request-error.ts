import { z } from 'zod'

const requestError = z.object({
  expose: z.literal(true),
  status: z.number().int().min(400).max(499),
  message: z.string(),
})

/** What Express and its body parsers throw when the request is to blame. Absent for every other error. */
export function parseRequestError(error: unknown): { status: number; message: string } | undefined {
  // RFC 3986 §2.1: a path with a broken percent-encoding.
  if (error instanceof URIError) return { status: 400, message: error.message }
  return requestError.safeParse(error).data
}
