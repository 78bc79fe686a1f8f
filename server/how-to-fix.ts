import { parseParameters } from './form.ts'
import type { FrontEnd } from './front-end.ts'
import type { HowToFix } from './pages.ts'

/** For developers: why an authorization request could not be answered to the client. Never in production, where it would tell too much. */
export async function howToFix(
  { config, engine, service }: FrontEnd,
  parameters: string,
): Promise<HowToFix | undefined> {
  const sent = parseParameters(parameters)
  const clientId = sent.get('client_id')
  const received = sent.get('redirect_uri')
  if (config.production || clientId === null || clientId === '') return undefined

  const path = { ...service, clientId }
  const { data: client } = await engine.GET('/api/{serviceId}/client/get/{clientId}', { params: { path } })
  if (client === undefined) {
    return {
      lines: [
        `The engine has no client with the id ${clientId}.`,
        `Send the number or the alias of one that it has, or register one: POST /api/${service.serviceId}/client/create`,
      ],
      compare: undefined,
    }
  }
  const registered = client.redirectUris ?? []
  if (received === null || registered.includes(received)) return undefined
  return {
    lines: [
      'A redirect URI must be registered exactly as it is sent, character by character (RFC 9700, section 2.1).',
      `Send one that is registered, or add this one to the redirectUris of ${clientId}: POST /api/${service.serviceId}/client/update/${clientId}`,
    ],
    compare: { received, registered },
  }
}
