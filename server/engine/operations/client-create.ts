import { randomInt } from 'node:crypto'
import type { Answer, Question } from '../../../sdk/types.ts'
import { keptSecret, makeClientSecret } from '../client-secret.ts'
import type { ServiceContext } from '../context.ts'
import { settleClientSettings } from '../settings/client-settings.ts'
import { checkNobodyIsCalled } from '../subject-names.ts'
import { aliasTaken, presentClient } from './client-get.ts'

/** Ids have 13 to 15 digits: enough that nobody guesses one, and JSON numbers keep them exact. */
const ids = { least: 10 ** 12, beyond: 2 ** 48 - 1 }

/** POST /api/{serviceId}/client/create — RFC 7591 §2. The secret is shown in this answer and never again. */
export async function clientCreate(
  question: Question<'client_create_api'>,
  context: ServiceContext,
): Promise<Answer<'client_create_api'>> {
  const { storage, registry, service, sealer, now } = context
  const clientId = randomInt(ids.least, ids.beyond)
  const { serviceId } = service
  const { alias, settings } = await settleClientSettings(question, clientId, service, sealer)
  await checkNobodyIsCalled(alias, context)
  const secret = makeClientSecret()
  const kept = keptSecret(secret, { serviceId, clientId, settings }, sealer)
  const client = await storage.createClient({ serviceId, clientId, alias, settings, ...kept }, now)
  registry.forget(serviceId)
  if (client === 'alias-taken') throw aliasTaken()
  return { ...presentClient(client, service), ...(usesSecret(settings.tokenAuthMethod) && { clientSecret: secret }) }
}

/** A client that authenticates otherwise has no use for a secret, and should have none to lose. */
function usesSecret(method: string | undefined): boolean {
  return method?.startsWith('CLIENT_SECRET_') === true
}
