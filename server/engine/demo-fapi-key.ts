import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { JWK } from 'jose'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'

/** The key of `demo-fapi`, made at the first start: whoever plays that client reads it from the file. */
export async function readOrMakeKey(file: string): Promise<JWK> {
  const kept = await readIfThere(file)
  if (kept !== undefined) return parseKey(kept, file)
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const key = { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'ES256' }
  await mkdir(dirname(file), { recursive: true })
  // Only the owner reads it, and another process that was faster is not overwritten.
  const fresh = await writeIfMissing(file, `${JSON.stringify(key, null, 2)}\n`)
  return fresh ? key : parseKey(await readFile(file, 'utf8'), file)
}

async function writeIfMissing(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function parseKey(text: string, file: string): JWK {
  const key: unknown = JSON.parse(text)
  const isKey = (value: unknown): value is JWK => typeof value === 'object' && value !== null && 'kty' in value
  if (isKey(key)) return key
  throw new Error(`${file} holds no JWK. Delete it, and a new key is made.`)
}
