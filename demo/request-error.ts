import { z } from 'zod'

const requestError = z.object({
  expose: z.literal(true),
  status: z.number().int().min(400).max(499),
  message: z.string(),
})

/** What Express and its body parsers throw when the request is to blame. Absent for every other error. */
export function parseRequestError(error: unknown): { status: number; message: string } | undefined {
  return requestError.safeParse(error).data
}
