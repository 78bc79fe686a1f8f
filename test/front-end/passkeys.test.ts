import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { demoPeople } from '../../server/demo-people.ts'
import { issueChallenge, redeemChallenge, sweepChallenges } from '../../server/passkey-challenges.ts'
import { maxPasskeys, relyingPartyId } from '../../server/passkey-ceremonies.ts'
import { addPasskey, findPasskey, listPasskeys, recordPasskeyUse, removePasskey } from '../../server/passkeys.ts'
import { person, type Page, type Person } from '../flows/person.ts'
import { startApp, type AppUnderTest, type EngineCall } from './app-under-test.ts'
import { describeOnBoth } from './both-databases.ts'
import { softwareAuthenticator, type Otherwise } from './software-authenticator.ts'

const [john = '', jane = ''] = demoPeople.map(({ subject }) => subject)
const issuer = 'http://localhost:3000'
const minute = 60_000

describe('WebAuthn §4, RP ID: the host of the issuer', () => {
  it.each([
    ['https://as.example', 'as.example'],
    ['http://localhost:3000', 'localhost'],
    ['http://127.0.0.1:3000', undefined],
    ['http://[::1]:3000', undefined],
  ])('%s: %s', (address, rpId) => {
    expect(relyingPartyId({ issuer: address })).toBe(rpId)
  })
})

describeOnBoth('WebAuthn §13.4.3: challenges', (databases) => {
  const start = new Date('2026-11-21T12:00:00Z')
  const later = (ms: number) => new Date(start.getTime() + ms)
  const purpose = { browser: 'browser', subject: undefined }

  it('given a challenge that is answered twice at once, in two processes, then one of them has it', async () => {
    const { one, other } = databases()
    const challenge = await issueChallenge(one, purpose, start)
    const answers = await Promise.all([one, other].map((each) => redeemChallenge(each, challenge, purpose, start)))
    expect(answers.sort()).toEqual([false, true])
  })

  it.each([
    ['another browser', { browser: 'another', subject: undefined }, 0],
    ['another purpose', { browser: 'browser', subject: 'john' }, 0],
    ['a time that is five minutes later', purpose, 5 * minute],
  ])('given %s, then it is refused', async (_what, wrong, ms) => {
    const { one } = databases()
    const challenge = await issueChallenge(one, purpose, start)
    expect(await redeemChallenge(one, challenge, wrong, later(ms))).toBe(false)
    expect(await redeemChallenge(one, challenge, purpose, later(5 * minute - 1))).toBe(true)
  })

  it('given a challenge that we never gave, then it is refused', async () => {
    expect(await redeemChallenge(databases().one, 'AAAA', purpose, start)).toBe(false)
  })

  it('given challenges that nobody answered in time, then they are deleted, and no others', async () => {
    const { one } = databases()
    await issueChallenge(one, purpose, start)
    const young = await issueChallenge(one, purpose, later(minute))
    while (await sweepChallenges(one, later(5 * minute))) continue
    expect(await redeemChallenge(one, young, purpose, later(minute))).toBe(true)
  })
})

describeOnBoth('WebAuthn §4: credential records', (databases) => {
  const createdAt = new Date('2026-11-21T12:00:00Z')
  const passkey = {
    ...{ credentialId: 'AQID', subject: 'john', publicKey: new Uint8Array([1, 2, 3]), counter: 0 },
    ...{ transports: ['hybrid', 'internal'], name: 'The phone', createdAt },
  }

  it('are kept as they are, once, and are gone when they are removed by whoever has them', async () => {
    const { one, other } = databases()
    expect(await addPasskey(one, passkey)).toBe(true)
    expect(await addPasskey(other, { ...passkey, subject: 'jane' })).toBe(false)
    const found = await findPasskey(other, 'AQID')
    expect(found && { ...found, publicKey: [...found.publicKey] }).toEqual({
      ...passkey,
      publicKey: [1, 2, 3],
      lastUsedAt: undefined,
    })
    expect(await removePasskey(one, 'AQID', 'jane')).toBe(false)
    expect(await removePasskey(one, 'AQID', 'john')).toBe(true)
    expect(await listPasskeys(one, 'john')).toEqual([])
  })

  it.each([
    ['none, and none before', 0, 0, true],
    ['the first one', 0, 1, true],
    ['a higher one', 7, 9, true],
    ['the same again', 7, 7, false],
    ['a lower one', 7, 6, false],
    ['none any more', 7, 0, false],
  ])('§7.2 step 22: given a counter, %s, then it is %s to %s: %s', async (name, counter, next, isGood) => {
    const { one } = databases()
    const credentialId = Buffer.from(name).toString('base64url')
    await addPasskey(one, { ...passkey, credentialId, counter, subject: name })
    expect(await recordPasskeyUse(one, credentialId, next, createdAt)).toBe(isGood)
    expect((await findPasskey(one, credentialId))?.lastUsedAt).toEqual(isGood ? createdAt : undefined)
  })
})

describe('passkeys over HTTP', () => {
  const result = { resultCode: 'A000000', resultMessage: '[A000000] test' }
  let app: AppUnderTest
  let time: Date
  let accepted: Record<string, unknown>
  let addresses = 0
  /** Each test has a client of its own, so that nothing is remembered of it. */
  let clients = 0

  beforeAll(async () => {
    const script = ({ operation, body }: EngineCall) => {
      if (operation === 'auth/authorization') return accepted
      if (operation.startsWith('client/granted_scopes/get/')) return Response.json(result, { status: 403 })
      const outcome = operation === 'auth/authorization/fail' ? `error=${String(body['reason'])}` : 'code=the-code'
      return { action: 'LOCATION', responseContent: `https://app.example/cb?${outcome}`, ...result }
    }
    app = await startApp(script, { people: demoPeople.slice(0, 2), env: { TRUST_PROXY: '1' }, now: () => time })
  })

  afterAll(() => app.close())

  beforeEach(async () => {
    for (const subject of [john, jane]) {
      for (const { credentialId } of await listPasskeys(app.database, subject)) {
        await removePasskey(app.database, credentialId, subject)
      }
    }
    time = new Date()
    accepted = {
      action: 'INTERACTION',
      ticket: 'the-ticket',
      client: { clientId: (clients += 1), clientName: 'Daybook', clientType: 'CONFIDENTIAL' },
      service: { apiKey: 1, serviceName: 'Gatehouse' },
      maxAge: 0,
      scopes: [{ name: 'openid' }, { name: 'notes:read' }],
      ...result,
    }
    app.calls.length = 0
  })

  const wait = (ms: number) => (time = new Date(time.getTime() + ms))
  const authorize = () => `${app.url}/oauth/authorize?client_id=x`
  const tokenOf = ({ forms }: Page) =>
    forms.flatMap(({ inputs }) => inputs).find(({ name }) => name === 'csrf_token')?.value ?? ''

  /** Posts a form as our own pages do, from an address of its own: nobody has to wait for another one's mistakes. */
  function poster(somebody: Person) {
    addresses += 1
    const address = `198.18.${addresses >> 8}.${addresses & 255}`
    return async (path: string, fields: Record<string, string>) => {
      const response = await somebody.request(app.url + path, {
        method: 'POST',
        headers: { origin: issuer, 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address },
        body: new URLSearchParams(fields),
      })
      const text = await response.text()
      return { status: response.status, location: response.headers.get('location'), text }
    }
  }

  const creation = z.object({ challenge: z.string(), user: z.object({ id: z.string() }) })
  const request = z.object({ challenge: z.string() })

  async function signedIn(username: string) {
    const somebody = person(app.url)
    await somebody.signIn(await somebody.visit(`${app.url}/sign-in?return=/`), username)
    const home = await somebody.visit(app.url)
    return { somebody, home, post: poster(somebody), csrf_token: tokenOf(home) }
  }

  /** A person with a passkey. */
  async function withPasskey(username = 'john', name = '') {
    const { somebody, home, post, csrf_token } = await signedIn(username)
    const authenticator = softwareAuthenticator(issuer)
    const options = await post('/passkeys/creation-options', { csrf_token })
    const credential = authenticator.create(creation.parse(JSON.parse(options.text)))
    const added = await post('/passkeys', { csrf_token, name, credential })
    expect(added.location).toBe('/?passkey=added')
    return { somebody, home, post, csrf_token, authenticator }
  }

  type Authenticator = ReturnType<typeof softwareAuthenticator>

  /** Somebody nobody knows yet, with a sign-in page and a challenge. */
  async function atSignIn(address = `${app.url}/sign-in?return=/`) {
    const somebody = person(app.url)
    const page = await somebody.visit(address)
    const post = poster(somebody)
    const csrf_token = tokenOf(page)
    const challenge = async () => {
      const answer = await post('/passkeys/request-options', { csrf_token })
      return request.parse(JSON.parse(answer.text))
    }
    const send = (credential: string) => post(page.url.pathname + page.url.search, { csrf_token, credential })
    return { somebody, page, post, csrf_token, challenge, send }
  }

  async function signIn(authenticator: Authenticator, otherwise: Otherwise = {}) {
    const { challenge, send, ...rest } = await atSignIn()
    return { ...(await send(authenticator.get(await challenge(), otherwise))), ...rest }
  }

  describe('WebAuthn §7.2: a sign-in', () => {
    it('given the passkey of a person, then they are signed in, in a session with another id', async () => {
      const { authenticator } = await withPasskey()
      const { challenge, send, somebody } = await atSignIn()
      const before = somebody.cookies.get('sid')
      const { status, location } = await send(authenticator.get(await challenge()))
      expect([status, location]).toEqual([303, '/'])
      expect(somebody.cookies.get('sid')).not.toBe(before)
      const home = await somebody.visit(app.url)
      expect(home.html).toMatch(/action="\/sign-out"[^]*John Flynn[^]*<\/form>/)
      expect(home.html).toContain('last used on')
    })

    it('given an authorization request, then the engine is told the class and the time of this sign-in', async () => {
      const { authenticator } = await withPasskey()
      wait(10 * minute)
      const { somebody, challenge, send } = await atSignIn(authorize())
      const { location } = await send(authenticator.get(await challenge()))
      await somebody.decide(await somebody.visit(app.url + String(location)), 'allow', ['notes:read'])
      expect(app.calls.at(-1)).toMatchObject({
        operation: 'auth/authorization/issue',
        body: {
          subject: john,
          acr: 'urn:gatehouse:acr:passkey',
          authTime: Math.floor(time.getTime() / 1000),
        },
      })
    })

    it.each<[string, Otherwise]>([
      ['another origin', { origin: 'https://evil.example' }],
      ['another port of this machine', { origin: 'http://localhost:3001' }],
      ['another RP ID', { rpId: 'evil.example' }],
      ['a signature of a registration', { type: 'webauthn.create' }],
      ['a frame on another site', { crossOrigin: true }],
      ['nobody who was verified', { flags: 0x01 }],
      ['nobody who was there', { flags: 0x04 }],
      ['a counter that does not grow', { counter: 1 }],
      ['no user handle', { userHandle: undefined }],
      ['the user handle of somebody else', { userHandle: 'AAAA' }],
    ])('given %s, then it is refused, and nobody is signed in', async (_what, otherwise) => {
      const { authenticator } = await withPasskey()
      const { status, text, somebody } = await signIn(authenticator, otherwise)
      expect(status).toBe(400)
      expect(text).toContain('This passkey is not known here, or could not be checked.')
      expect((await somebody.visit(app.url)).html).not.toContain('action="/sign-out"')
    })

    it('given one byte that is another, anywhere in what was signed, then it is refused', async () => {
      const { authenticator } = await withPasskey()
      const signed = fc.constantFrom('clientDataJSON', 'authenticatorData')
      await fc.assert(
        fc.asyncProperty(signed, fc.nat(), fc.integer({ min: 1, max: 255 }), async (member, position, mask) => {
          const { challenge, send } = await atSignIn()
          const assertion = assertionOf(authenticator.get(await challenge()))
          const bytes = Buffer.from(assertion.response[member] ?? '', 'base64url')
          bytes.writeUInt8(bytes.readUInt8(position % bytes.length) ^ mask, position % bytes.length)
          const response = { ...assertion.response, [member]: bytes.toString('base64url') }
          expect((await send(JSON.stringify({ ...assertion, response }))).status).toBe(400)
        }),
        { numRuns: 40 },
      )
      expect((await signIn(authenticator)).status).toBe(303)
    })

    it('given another key with the id of a passkey, then it is refused', async () => {
      const { authenticator } = await withPasskey()
      const { userHandle = '' } = assertionOf(authenticator.get({ challenge: 'AAAA' })).response
      const forger = softwareAuthenticator(issuer, authenticator.credentialId)
      forger.create({ challenge: 'AAAA', user: { id: userHandle } })
      expect((await signIn(forger, { counter: 9 })).status).toBe(400)
    })

    it('given an answer that was sent before, then it is refused, also in the same browser', async () => {
      const { authenticator } = await withPasskey()
      const { challenge, send, somebody } = await atSignIn()
      const credential = authenticator.get(await challenge())
      expect((await send(credential)).status).toBe(303)
      const { csrf_token, post } = { csrf_token: tokenOf(await somebody.visit(app.url)), post: poster(somebody) }
      expect((await post('/sign-in', { csrf_token, credential })).status).toBe(400)
    })

    it('given a challenge that was answered wrongly, then a right answer is too late', async () => {
      const { authenticator } = await withPasskey()
      const { challenge, send } = await atSignIn()
      const options = await challenge()
      expect((await send(authenticator.get(options, { flags: 0x01 }))).status).toBe(400)
      expect((await send(authenticator.get(options))).status).toBe(400)
    })

    it('given a challenge of another browser, of a registration, or of five minutes ago, then it is refused', async () => {
      const { authenticator, somebody, post, csrf_token } = await withPasskey()
      const elsewhere = await atSignIn()
      const { challenge, send } = await atSignIn()
      expect((await send(authenticator.get(await elsewhere.challenge()))).status).toBe(400)
      const options = await post('/passkeys/creation-options', { csrf_token })
      const credential = authenticator.get(request.parse(JSON.parse(options.text)))
      expect((await somebody.visit(app.url)).html).toContain('action="/sign-out"')
      expect((await post('/sign-in', { csrf_token, credential })).status).toBe(400)
      const old = authenticator.get(await challenge())
      wait(5 * minute)
      expect((await send(old)).status).toBe(400)
    })

    it.each(['', '{', 'null', '[]', '{}', '{"id":"AA","rawId":"AA","type":"public-key","response":{}}'])(
      'given %j in its place, then it is refused',
      async (credential) => {
        const { send } = await atSignIn()
        expect((await send(credential)).status).toBe(400)
      },
    )

    it('given answers that are wrong again and again, then whoever sends them has to wait', async () => {
      const { send } = await atSignIn()
      for (let count = 0; count < 5; count += 1) expect((await send('{}')).status).toBe(400)
      expect((await send('{}')).status).toBe(429)
    })

    it('given a form of another site, then 403; of another session, then the page once more', async () => {
      const { authenticator } = await withPasskey()
      const { challenge, somebody, post } = await atSignIn()
      const credential = authenticator.get(await challenge())
      const foreign = await somebody.request(`${app.url}/sign-in`, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'cross-site' },
        body: new URLSearchParams({ credential }),
      })
      expect(foreign.status).toBe(403)
      expect((await post('/sign-in', { csrf_token: 'another', credential })).status).toBe(409)
      expect((await post('/passkeys/request-options', { csrf_token: 'another' })).status).toBe(409)
    })
  })

  describe('OIDC Core §3.1.2: passkeys and the request', () => {
    const essential = (acr: string) => ({ ...accepted, acrs: [acr], acrEssential: true })

    it('given that a passkey is essential, then a password leads back to the sign-in page, and a passkey goes on', async () => {
      const { authenticator } = await withPasskey()
      accepted = essential('urn:gatehouse:acr:passkey')
      const { somebody, page, challenge } = await atSignIn(authorize())
      const again = await somebody.signIn(page)
      expect(again.url.pathname).toBe(page.url.pathname)
      expect(again.html).toContain('asks for a sign-in with a passkey')
      const credential = authenticator.get(await challengeAfter(somebody, again, challenge))
      const answer = await poster(somebody)(page.url.pathname, { csrf_token: tokenOf(again), credential })
      expect(answer.location).toMatch(/\/consent$/)
    })

    it('given that a password is essential, then a passkey leads back to the sign-in page', async () => {
      const { authenticator } = await withPasskey()
      accepted = essential('urn:gatehouse:acr:password')
      const { somebody, challenge, send } = await atSignIn(authorize())
      const { location } = await send(authenticator.get(await challenge()))
      expect((await somebody.visit(app.url + String(location))).html).toContain('a sign-in with your password')
    })

    it('given that another subject is demanded, then the request has failed, and nobody was signed in', async () => {
      const { authenticator } = await withPasskey('john')
      accepted = { ...accepted, subject: jane }
      const { somebody, challenge, send } = await atSignIn(authorize())
      const { location } = await send(authenticator.get(await challenge()))
      expect(location).toBe('https://app.example/cb?error=DIFFERENT_SUBJECT')
      expect((await somebody.visit(app.url)).html).not.toContain('action="/sign-out"')
    })

    it('given prompt=login and somebody who is signed in, then the passkey is the fresh sign-in', async () => {
      const { authenticator, somebody, post } = await withPasskey()
      accepted = { ...accepted, prompts: ['LOGIN'] }
      const page = await somebody.visit(authorize())
      expect(page.html).toContain('asks you to sign in again')
      const csrf_token = tokenOf(page)
      const options = await post('/passkeys/request-options', { csrf_token })
      const credential = authenticator.get(request.parse(JSON.parse(options.text)))
      expect((await post(page.url.pathname, { csrf_token, credential })).location).toMatch(/\/consent$/)
    })

    async function challengeAfter(somebody: Person, page: Page, before: () => Promise<{ challenge: string }>) {
      // The session has changed, and with it the token of its forms.
      await expect(before()).rejects.toThrow()
      const answer = await poster(somebody)('/passkeys/request-options', { csrf_token: tokenOf(page) })
      return request.parse(JSON.parse(answer.text))
    }
  })

  describe('WebAuthn §7.1: a new passkey', () => {
    it('the options want a discoverable credential, a verified person and no attestation, and tell no subject', async () => {
      const { authenticator, post, csrf_token } = await withPasskey()
      const { text } = await post('/passkeys/creation-options', { csrf_token })
      const options: unknown = JSON.parse(text)
      expect(options).toMatchObject({
        rp: { id: 'localhost', name: 'Gatehouse' },
        user: { name: 'john', displayName: 'John Flynn' },
        attestation: 'none',
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      })
      expect(JSON.stringify(options)).toContain(authenticator.credentialId)
      expect(text).not.toContain(john)
      expect(Buffer.from(creation.parse(options).user.id, 'base64url').length).toBeLessThanOrEqual(64)
    })

    it('the options of a sign-in name no credential', async () => {
      const { post, csrf_token } = await withPasskey()
      const { text } = await post('/passkeys/request-options', { csrf_token })
      const options: unknown = JSON.parse(text)
      expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
      expect(options).not.toHaveProperty('allowCredentials')
    })

    it.each<[string, Otherwise]>([
      ['another origin', { origin: 'https://evil.example' }],
      ['another RP ID', { rpId: 'evil.example' }],
      ['a signature of a sign-in', { type: 'webauthn.get' }],
      ['a frame on another site', { crossOrigin: true }],
      ['nobody who was verified', { flags: 0x01 }],
    ])('given %s, then nothing is kept', async (_what, otherwise) => {
      const { post, csrf_token } = await signedIn('jane')
      const authenticator = softwareAuthenticator(issuer)
      const options = creation.parse(JSON.parse((await post('/passkeys/creation-options', { csrf_token })).text))
      const added = await post('/passkeys', { csrf_token, credential: authenticator.create(options, otherwise) })
      expect(added.location).toBe('/?passkey=problem')
      expect(await findPasskey(app.database, authenticator.credentialId)).toBeUndefined()
    })

    it('given an attestation with a certificate, then nothing is kept, and nobody is asked about it', async () => {
      const { post, csrf_token } = await signedIn('jane')
      const authenticator = softwareAuthenticator(issuer)
      const options = creation.parse(JSON.parse((await post('/passkeys/creation-options', { csrf_token })).text))
      // {"x5c": [h'00']}
      const statement = Buffer.from('a163783563814100', 'hex')
      const credential = authenticator.create(options, {}, { format: 'packed', statement })
      expect((await post('/passkeys', { csrf_token, credential })).location).toBe('/?passkey=problem')
      expect(app.log.join('\n')).not.toContain('Certificate')
    })

    it('given the challenge or the session of somebody else, a sign-in page, or an old form, then nothing is kept', async () => {
      const [ours, theirs, stranger] = [await signedIn('jane'), await signedIn('john'), await atSignIn()]
      const authenticator = softwareAuthenticator(issuer)
      const { text } = await theirs.post('/passkeys/creation-options', { csrf_token: theirs.csrf_token })
      const credential = authenticator.create(creation.parse(JSON.parse(text)))
      for (const { post, csrf_token } of [ours, stranger, { ...theirs, csrf_token: 'another' }]) {
        expect((await post('/passkeys', { csrf_token, credential })).location).toBe('/?passkey=problem')
      }
      const { csrf_token } = stranger
      expect((await stranger.post('/passkeys/creation-options', { csrf_token })).status).toBe(403)
      expect(await findPasskey(app.database, authenticator.credentialId)).toBeUndefined()
    })

    it('given a sign-in of five minutes ago, then neither options nor a passkey, and the page says to sign in again', async () => {
      const { somebody, home, post, csrf_token } = await signedIn('jane')
      expect(home.html).toContain('action="/passkeys"')
      const authenticator = softwareAuthenticator(issuer)
      const { text } = await post('/passkeys/creation-options', { csrf_token })
      const credential = authenticator.create(creation.parse(JSON.parse(text)))
      wait(5 * minute)
      expect((await post('/passkeys/creation-options', { csrf_token })).status).toBe(403)
      expect((await post('/passkeys', { csrf_token, credential })).location).toBe('/?passkey=problem')
      const later = await somebody.visit(app.url)
      expect(later.html).not.toContain('action="/passkeys"')
      const again = await somebody.visit(`${app.url}/sign-in?return=%2F&again`)
      expect(again.status).toBe(200)
      const back = await somebody.signIn(again, 'jane')
      expect(back.url.pathname).toBe('/')
      expect(back.html).toContain('action="/passkeys"')
    })

    it('given a credential that somebody has already, then it stays theirs', async () => {
      const { authenticator } = await withPasskey('john')
      const { post, csrf_token } = await signedIn('jane')
      const { text } = await post('/passkeys/creation-options', { csrf_token })
      const credential = authenticator.create(creation.parse(JSON.parse(text)))
      expect((await post('/passkeys', { csrf_token, credential })).location).toBe('/?passkey=problem')
      expect((await findPasskey(app.database, authenticator.credentialId))?.subject).toBe(john)
    })

    it('given as many as there may be, then no more', async () => {
      const { somebody, post, csrf_token } = await signedIn('jane')
      const { text } = await post('/passkeys/creation-options', { csrf_token })
      const credential = softwareAuthenticator(issuer).create(creation.parse(JSON.parse(text)))
      const row = { subject: jane, publicKey: new Uint8Array(1), counter: 0, transports: [], name: '', createdAt: time }
      const ids = Array.from({ length: maxPasskeys }, (_each, index) => `full${index}`)
      for (const credentialId of ids) await addPasskey(app.database, { ...row, credentialId })
      expect((await post('/passkeys', { csrf_token, credential })).location).toBe('/?passkey=problem')
      expect((await somebody.visit(app.url)).html).not.toContain('action="/passkeys"')
    })

    it('given a name, then it is shown as text, cut, and without control characters', async () => {
      const { somebody } = await withPasskey('john', `<b>\u0000${'long '.repeat(50)}`)
      const { html } = await somebody.visit(app.url)
      expect(html).toContain('&lt;b&gt;')
      expect(html).not.toContain('long '.repeat(20))
    })
  })

  describe('removing', () => {
    it('given the confirmation, then the passkey signs nobody in any more', async () => {
      const { somebody, authenticator } = await withPasskey()
      const address = `${app.url}/passkeys/${authenticator.credentialId}/remove`
      const asked = await somebody.visit(address)
      expect(asked.html).toContain('Remove this passkey?')
      expect((await signIn(authenticator)).status).toBe(303)
      const home = await somebody.submit(asked, { csrf_token: [] })
      expect(home.html).toContain('The passkey was removed.')
      expect(home.html).not.toContain(authenticator.credentialId)
      expect((await signIn(authenticator)).status).toBe(400)
    })

    it('given the passkey of somebody else, then there is nothing at its address, and it stays', async () => {
      const { authenticator } = await withPasskey('john')
      const { somebody, post, csrf_token } = await signedIn('jane')
      const path = `/passkeys/${authenticator.credentialId}/remove`
      expect((await somebody.visit(app.url + path)).status).toBe(404)
      await post(path, { csrf_token })
      expect((await signIn(authenticator)).status).toBe(303)
    })

    it('given an old form, then the question again; given nobody, then to sign in', async () => {
      const { authenticator, post } = await withPasskey()
      const path = `/passkeys/${authenticator.credentialId}/remove`
      expect((await post(path, { csrf_token: 'another' })).status).toBe(409)
      expect((await signIn(authenticator)).status).toBe(303)
      const stranger = await atSignIn()
      expect((await stranger.post(path, { csrf_token: stranger.csrf_token })).location).toMatch(/^\/sign-in/)
    })
  })

  it('given an issuer that is an address, then no passkey is offered, and there are no options', async () => {
    const other = await startApp(() => accepted, {
      people: demoPeople.slice(0, 1),
      env: { ISSUER: 'http://127.0.0.1:3000' },
    })
    const somebody = person(other.url)
    const page = await somebody.visit(`${other.url}/sign-in`)
    expect(page.html).not.toContain('passkey.js')
    const answer = await somebody.request(`${other.url}/passkeys/request-options`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ csrf_token: tokenOf(page) }),
    })
    expect(answer.status).toBe(404)
    await somebody.signIn(page)
    expect((await somebody.visit(other.url)).html).not.toContain('Passkeys')
    await other.close()
  })

  function assertionOf(json: string) {
    return z.looseObject({ response: z.record(z.string(), z.string()) }).parse(JSON.parse(json))
  }
})
