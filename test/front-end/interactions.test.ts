import { expect, it } from 'vitest'
import { authorizationRequestFrom } from '../../server/authorization-request.ts'
import { completeInteraction, completeWithConsent, type Consent } from '../../server/consents.ts'
import { query, statement } from '../../server/database/database.ts'
import {
  beginInteraction,
  findInteraction,
  recordAuthentication,
  recordChoice,
  recordShown,
  sweepInteractions,
} from '../../server/interactions.ts'
import { describeOnBoth } from './both-databases.ts'

const now = new Date('2026-11-01T12:00:00Z')
const minutes = (count: number) => new Date(now.getTime() + count * 60_000)

const request = authorizationRequestFrom(
  {
    action: 'INTERACTION',
    resultCode: 'A004001',
    resultMessage: '',
    ticket: 'the-ticket-of-the-engine',
    client: { clientId: 4_242_424_242_424, clientName: 'Daybook' },
    service: { apiKey: 1 },
    scopes: [{ name: 'openid' }],
    maxAge: 0,
  },
  '',
)

const consent: Consent = {
  subject: 'john',
  client: request.client,
  redirectUri: undefined,
  requested: ['openid', 'a', 'b'],
  granted: ['openid', 'a'],
  declined: ['b'],
  dynamicScopes: [],
  claims: ['nickname'],
  declinedClaims: [],
  requestedDetails: [],
  details: [],
  replaces: false,
  resources: [],
  duration: 'unlimited',
  endsAt: undefined,
  ipClass: 'loopback',
  locale: 'en',
  sentencesHash: Buffer.alloc(32, 1).toString('base64url'),
}

describeOnBoth('an interaction', (databases) => {
  it('given the browser that began it, then it is found as it was, and with what happened since', async () => {
    const { one, other } = databases()
    const id = await beginInteraction(one, request, 'browser', now)
    expect(await findInteraction(other, id, 'browser', now)).toEqual({
      outcome: 'open',
      interaction: {
        id,
        request,
        progress: { authenticatedSubject: undefined, mustChoose: false },
        shown: undefined,
        expiresAt: minutes(20),
      },
    })

    const shown = {
      subject: 'john',
      required: ['openid'],
      optional: [],
      implicit: [],
      requiredClaims: [],
      optionalClaims: ['nickname'],
      details: 1,
      lang: 'de',
      sentencesHash: 'hash',
      warnedOfNothing: false,
    }
    await recordChoice(one, id, true)
    await recordShown(one, id, shown)
    expect(await findInteraction(one, id, 'browser', now)).toMatchObject({
      interaction: { progress: { mustChoose: true }, shown },
    })
    await recordAuthentication(one, id, 'john')
    expect(await findInteraction(one, id, 'browser', now)).toMatchObject({
      interaction: { progress: { authenticatedSubject: 'john', mustChoose: false } },
    })
  })

  it('given prompt=select_account, then the account is to be chosen', async () => {
    const { one } = databases()
    const id = await beginInteraction(one, { ...request, prompts: ['SELECT_ACCOUNT'] }, 'browser', now)
    expect(await findInteraction(one, id, 'browser', now)).toMatchObject({
      interaction: { progress: { mustChoose: true } },
    })
  })

  it('given another browser, none, or another id, then there is nothing, and nobody is told why', async () => {
    const { one } = databases()
    const id = await beginInteraction(one, request, 'browser', now)
    expect(await findInteraction(one, id, 'another', now)).toEqual({ outcome: 'unknown' })
    expect(await findInteraction(one, id, undefined, now)).toEqual({ outcome: 'unknown' })
    for (const wrong of ['', 'x', `${id}A`, id.slice(0, -1), id.toLowerCase(), '__proto__', "' OR 1=1 --"]) {
      expect(await findInteraction(one, wrong, 'browser', now)).toEqual({ outcome: 'unknown' })
    }
  })

  it('given twenty minutes, then it has expired and cannot be completed', async () => {
    const { one } = databases()
    const id = await beginInteraction(one, request, 'browser', now)
    expect(await findInteraction(one, id, 'browser', minutes(20))).toEqual({ outcome: 'expired', request })
    expect(await completeInteraction(one, id, minutes(20))).toBe(false)
    expect(await completeInteraction(one, id, minutes(19))).toBe(true)
  })

  it('given many submits at once on two connections, then one gets through', async () => {
    const { one, other } = databases()
    const id = await beginInteraction(one, request, 'browser', now)
    const submits = Array.from({ length: 32 }, (_, index) => {
      const database = index % 2 === 0 ? one : other
      return index % 3 === 0
        ? completeInteraction(database, id, now)
        : completeWithConsent(database, id, { ...consent, subject: 'racer' }, now)
    })
    expect((await Promise.all(submits)).filter(Boolean)).toHaveLength(1)
    expect(await findInteraction(one, id, 'browser', now)).toEqual({ outcome: 'completed', request })
  })

  it('given the database, then it holds neither the id nor what binds the browser', async () => {
    const { one } = databases()
    const id = await beginInteraction(one, request, 'browser-binding', now)
    const rows = await one.read(query(statement('', 'SELECT * FROM interactions')))
    const dump = rows
      .flatMap((row) => Object.values(row))
      .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
      .join('\n')
    expect(dump).not.toContain(id)
    expect(dump).not.toContain('browser-binding')
    expect(dump).not.toContain(Buffer.from(id, 'base64url').subarray(6).toString('latin1'))
  })

  it('given an hour, then a sweep deletes it; until then a second submit is told that it was completed', async () => {
    const { one } = databases()
    const id = await beginInteraction(one, request, 'browser', now)
    await completeInteraction(one, id, now)
    await sweepInteractions(one, minutes(59))
    expect(await findInteraction(one, id, 'browser', minutes(59))).toMatchObject({ outcome: 'completed' })
    expect(await sweepInteractions(one, minutes(61))).toBe(true)
    expect(await sweepInteractions(one, minutes(61))).toBe(false)
    expect(await findInteraction(one, id, 'browser', now)).toEqual({ outcome: 'unknown' })
  })
})
