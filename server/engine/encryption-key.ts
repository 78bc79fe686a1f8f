import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const bytes = 32

/** The key that a development engine seals secrets with, made at its first start and kept beside its database. */
export async function readOrMakeEncryptionKey(folder: string): Promise<Uint8Array> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'engine-encryption-key')
  // Written whole before it has its name: of two engines that start at once, both read the same key.
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, randomBytes(bytes).toString('base64url'), { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await unlink(draft)
  }
  const key = Buffer.from(await readFile(file, 'utf8'), 'base64url')
  if (key.length === bytes) return key
  throw new Error(
    `${file} holds no key of ${bytes} bytes. Delete it, and a new one is made; secrets sealed with it are lost.`,
  )
}
