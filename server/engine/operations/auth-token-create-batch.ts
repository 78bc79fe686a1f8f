import type { Answer, Question } from '../../../sdk/types.ts'
import { ApiFault } from '../api-fault.ts'
import type { ServiceContext } from '../context.ts'
import { makeLocator } from '../handle.ts'
import { after } from '../protocol/lifetime.ts'
import { flagOf } from '../query.ts'
import { ClientNotActiveError } from '../storage/active-clients.ts'
import type { BatchName, Storage, TokensToKeep } from '../storage/storage.ts'
import { BatchElementError } from '../storage/token-batches.ts'
import { prepareCreation } from './auth-token-create.ts'
import { faultResult, LockedClient } from './token-settings.ts'

type BatchQuestion = Question<'auth_token_create_batch_api'>

/** Seconds for which the status of a batch can be asked: a day. */
const statusLifetime = 86_400

/**
 * POST /api/{serviceId}/auth/token/create/batch: many tokens that no client asked for, all of them or none. RFC 6749 §1.4 and §1.5.
 * What is wrong with one of them is told now; they are kept after the answer.
 */
export async function authTokenCreateBatch(
  question: BatchQuestion,
  context: ServiceContext,
): Promise<Answer<'auth_token_create_batch_api'>> {
  const { storage, background, service, now } = context
  const dryRun = flagOf(context, 'dryRun')
  checkValues(question)
  const tokens = await prepareAll(question, context)
  checkSingle(tokens)
  // No handle, but what opens nothing: it stands in the address that the status is asked at.
  const batch = { serviceId: service.serviceId, requestId: makeLocator(now) }
  await storage.keepTokenBatch({ ...batch, createdAt: now, expiresAt: after(now, statusLifetime) })
  background.begin((startedAt) => createAll(batch, tokens, dryRun, { storage, now: startedAt }))
  return {
    resultCode: 'A910001',
    resultMessage: '[A910001] The batch was taken. Its status says what becomes of it.',
    requestId: batch.requestId.toString('base64url'),
  }
}

/** Each access token has a value that the caller knows, and none has that of another. */
function checkValues(question: BatchQuestion): void {
  const places = new Map<string, string>()
  for (const [index, { accessToken, refreshToken }] of question.entries()) {
    if (accessToken === undefined) throw missing(`/${index}/accessToken`)
    for (const [member, value] of Object.entries({ accessToken, refreshToken })) {
      if (value === undefined) continue
      const place = `/${index}/${member}`
      const other = places.get(value)
      if (other !== undefined) {
        throw new ApiFault(400, 'A910202', `${place} is the same as ${other}; each value is expected once`)
      }
      places.set(value, place)
    }
  }
}

/** The tokens, made and not kept. No value goes further than here. */
async function prepareAll(question: BatchQuestion, context: ServiceContext): Promise<TokensToKeep[]> {
  const tokens: TokensToKeep[] = []
  for (const [index, element] of question.entries()) {
    const { grant, records } = await prepareCreation(element, context).catch((error: unknown) => {
      throw faultOfElement(index, error)
    })
    if (records.refreshToken && element.refreshToken === undefined) throw missing(`/${index}/refreshToken`)
    tokens.push({ grant, records })
  }
  return tokens
}

/** Where a subject has one access token of a client at a time, the second of one batch would end the first before anybody knew it. */
function checkSingle(tokens: readonly TokensToKeep[]): void {
  const places = new Map<string, number>()
  for (const [index, { grant, records }] of tokens.entries()) {
    if (!records.endsOthers) continue
    const pair = JSON.stringify([grant.clientId, grant.subject])
    const other = places.get(pair)
    if (other !== undefined) {
      throw new ApiFault(
        400,
        'A910203',
        `/${index} is for the client and the subject of /${other}, which have one access token at a time`,
      )
    }
    places.set(pair, index)
  }
}

function missing(place: string): ApiFault {
  return new ApiFault(400, 'A910201', `${place} is missing; a value that the engine makes would be known to nobody`)
}

/** What token/create says of a question, said of an element: a pointer to it, or to its member where that is named. */
function faultOfElement(index: number, error: unknown): ApiFault {
  const { resultCode, resultMessage } = faultResult(error)
  const text = resultMessage.replace(`[${resultCode}] `, '').replace(/\.$/, '')
  return new ApiFault(400, resultCode, `/${index}${/^[\w/]+: /.test(text) ? '/' : ': '}${text}`)
}

/** Keeps the tokens, or says why not. */
async function createAll(
  batch: BatchName,
  tokens: readonly TokensToKeep[],
  dryRun: boolean,
  { storage, now }: { storage: Storage; now: Date },
): Promise<void> {
  try {
    const outcome = await storage.issueTokenBatch(batch, tokens, dryRun, now).catch((error: unknown) => {
      if (!(error instanceof BatchElementError)) throw error
      // Locked or deleted since it was asked for.
      const isLocked = error.cause instanceof ClientNotActiveError
      throw faultOfElement(error.index, isLocked ? new LockedClient() : error.cause)
    })
    if (outcome !== 'possible') return
    await storage.decideTokenBatch(batch, { result: 'SUCCEEDED', tokenCount: tokens.length }, now)
  } catch (error) {
    const { resultCode, message } = error instanceof ApiFault ? error : engineFailed
    const errorDescription = `${message}. Nothing was created.`
    await storage.decideTokenBatch(batch, { result: 'FAILED', errorCode: resultCode, errorDescription }, now)
    if (!(error instanceof ApiFault)) throw error
  }
}

const engineFailed = { resultCode: 'A910101', message: 'The engine failed; its log says why' }
