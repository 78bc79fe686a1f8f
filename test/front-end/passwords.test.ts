import { describe, expect, it } from 'vitest'
import { hashPassword, verifyPassword } from '../../server/passwords.ts'
import { Refusal } from '../../server/refusal.ts'

describe('RFC 7914: passwords are kept as scrypt hashes', () => {
  it('given the right password, then yes; given another or nobody, then no', async () => {
    const hash = await hashPassword('correct horse')
    expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/)
    expect(hash).not.toContain('horse')
    expect(await verifyPassword('correct horse', hash)).toBe(true)
    expect(await verifyPassword('correct horsf', hash)).toBe(false)
    expect(await verifyPassword('', hash)).toBe(false)
    expect(await verifyPassword('correct horse', undefined)).toBe(false)
  })

  it('given one password twice, then two hashes', async () => {
    expect(await hashPassword('a')).not.toBe(await hashPassword('a'))
  })

  it('given one password typed in two ways of Unicode, then it is the same (NFKC)', async () => {
    expect(await verifyPassword('Zo\u00eb', await hashPassword('Zoe\u0308'))).toBe(true)
  })

  it('given a hash with other parameters, then they are honoured', async () => {
    // RFC 7914 §12: scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1), its first 32 bytes.
    const salt = Buffer.from('SodiumChloride').toString('base64url')
    const key = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex').toString(
      'base64url',
    )
    expect(await verifyPassword('pleaseletmein', `$scrypt$ln=14,r=8,p=1$${salt}$${key}`)).toBe(true)
  })

  it('given more people than the queue holds, then the last ones are asked to come back', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 60 }, () => verifyPassword('x', cheap)))
    const refused = attempts.filter((attempt) => attempt.status === 'rejected').map(({ reason }): unknown => reason)
    expect(refused.length).toBe(8)
    expect(refused).toSatisfy((reasons: unknown[]) =>
      reasons.every((reason) => reason instanceof Refusal && reason.status === 503),
    )
  })
})

const cheap = `$scrypt$ln=4,r=1,p=1$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(32).toString('base64url')}`
