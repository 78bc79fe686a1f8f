import type { Answer, Schema } from '../../../sdk/types.ts'
import { ApiFault } from '../api-fault.ts'
import type { ServiceContext } from '../context.ts'
import { after, hasExpired } from '../protocol/lifetime.ts'
import type { TokenBatch } from '../storage/storage.ts'

/** Seconds after which a batch that nobody decided counts as left behind. */
const patience = 600

/** GET /api/{serviceId}/auth/token/create/batch/status/{requestId}: what became of a batch of tokens, RFC 6749 §1.4. */
export async function authTokenCreateBatchStatus(
  context: ServiceContext,
): Promise<Answer<'auth_token_create_batch_status_api'>> {
  const batch = await findBatch(context)
  if (!batch) {
    throw new ApiFault(
      404,
      'A910204',
      'the service has no such batch of tokens; it is known for a day after it was taken',
    )
  }
  return {
    resultCode: 'A910002',
    resultMessage: `[A910002] ${batch.decision ? 'The batch is decided.' : 'The batch is not decided yet.'}`,
    status: present(batch),
  }
}

/** The batch. One that its process left behind, killed for example, is decided by whoever asks. */
async function findBatch({ storage, service, now, path }: ServiceContext): Promise<TokenBatch | undefined> {
  const text = path['requestId'] ?? ''
  if (!/^[A-Za-z0-9_-]{16}$/.test(text)) return undefined
  const requestId = Buffer.from(text, 'base64url')
  const batch = await storage.findTokenBatch(service.serviceId, requestId, now)
  if (!batch || batch.decision || !hasExpired(after(batch.createdAt, patience), now)) return batch
  const errorDescription = 'It was not done within ten minutes. Nothing was created; send it again.'
  await storage.decideTokenBatch(batch, { result: 'FAILED', errorCode: 'A910102', errorDescription }, now)
  // As it was decided: the tokens may have been created at the last moment.
  return storage.findTokenBatch(service.serviceId, requestId, now)
}

function present({ requestId, decision, createdAt, modifiedAt }: TokenBatch): Schema<'TokenBatchStatus'> {
  return {
    batchKind: 'CREATE',
    requestId: Buffer.from(requestId).toString('base64url'),
    tokenCount: 0,
    ...decision,
    createdAt: createdAt.getTime(),
    modifiedAt: modifiedAt.getTime(),
  }
}
