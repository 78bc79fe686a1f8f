import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { Refusal } from './refusal.ts'

/** RFC 7914: what a password costs to check, and to guess. About a quarter of a second and 32 MiB. */
const cost = { N: 2 ** 15, r: 8, p: 1 }
const saltBytes = 16
const keyBytes = 32

/** More at once would only make each slower, and the pool that also reads files would be full. */
const maxRunning = 2
const maxWaiting = 50

/** Hashes a password for keeping. The parameters are part of the result, so that they can grow later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  return format(cost, salt, await derive(password, salt, cost, keyBytes))
}

/**
 * Whether the password belongs to the hash. Without a hash (nobody has that name) it takes as long and says no, so that time does
 * not tell which names exist.
 */
export async function verifyPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  const { parameters, salt, key } = parse(passwordHash ?? hashOfNobody)
  const derived = await derive(password, salt, parameters, key.length)
  return timingSafeEqual(derived, key) && passwordHash !== undefined
}

interface Parameters {
  N: number
  r: number
  p: number
}

const hashOfNobody = format(cost, Buffer.alloc(saltBytes), Buffer.alloc(keyBytes))

function format({ N, r, p }: Parameters, salt: Buffer, key: Buffer): string {
  return `$scrypt$ln=${Math.log2(N)},r=${r},p=${p}$${salt.toString('base64url')}$${key.toString('base64url')}`
}

function parse(passwordHash: string): { parameters: Parameters; salt: Buffer; key: Buffer } {
  const parts = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(passwordHash)
  const [, ln, r, p, salt, key] = parts ?? []
  if (salt === undefined || key === undefined) throw new Error('A stored password hash has an unknown format')
  return {
    parameters: { N: 2 ** Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  }
}

/** A queue with an end: hashing is the one expensive thing that anybody may ask of this server. */
async function derive(password: string, salt: Buffer, parameters: Parameters, length: number): Promise<Buffer> {
  if (running >= maxRunning) {
    if (waiting.length >= maxWaiting) {
      throw new Refusal(503, {
        error: 'temporarily_unavailable',
        description: 'Too many people are signing in at this moment',
        headers: { 'Retry-After': '5' },
      })
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  running += 1
  try {
    return await scryptAsync(password.normalize('NFKC'), salt, length, parameters)
  } finally {
    running -= 1
    waiting.shift()?.()
  }
}

let running = 0
const waiting: (() => void)[] = []

function scryptAsync(password: string, salt: Buffer, length: number, { N, r, p }: Parameters): Promise<Buffer> {
  const maxmem = 256 * N * r * p
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N, r, p, maxmem }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
