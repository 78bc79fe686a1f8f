import type { Client, Service } from '../../../sdk/types.ts'
import { ignoredModes } from '../fapi/modes.ts'
import type { Advised } from '../presets/preset.ts'
import type { PresetName } from '../presets/presets.ts'
import { presets } from '../presets/presets.ts'

/** What a profile says about one member of a configuration. */
export interface Finding {
  /** The alias of a client; absent for the service. */
  client?: string
  member: string
  /** Whether it may stay as it is. */
  right: boolean
  /** The value as it is; absent where there is none. */
  given?: unknown
  /** What to send instead; absent where nothing needs to change. */
  send?: unknown
  because: string
}

/** Holds a service and its clients against a profile, FAPI 2.0 §5.3 or another: what to change, and what is right already. */
export function examine(profile: PresetName, service: Service, clients: readonly Client[]): Finding[] {
  const preset = presets[profile]
  const ofService = compare<Service>(preset.service, service)
  const mended: Service = { ...service, ...changesOf(ofService) }
  return [
    ...ofService,
    ...clients.flatMap((client) =>
      [...compare<Client>(preset.client, client), ...ignoredModesOf(mended, client)].map((finding) => ({
        client: aliasOf(client),
        ...finding,
      })),
    ),
  ]
}

/** FAPI 1.0 and 2.0: a change of a service does not look at its clients, so what they name in vain is found here. */
function ignoredModesOf(service: Service, client: Client): Finding[] {
  const { fapiModes: given = [] } = client
  const ignored = ignoredModes(service, client)
  if (ignored.length === 0) return []
  const send = given.filter((mode) => !ignored.includes(mode))
  const because = 'The profiles of the service are for all of its clients: what a client names besides does not count.'
  return [{ member: 'fapiModes', right: false, given, send, because }]
}

/** What to send, member by member: to service/update or to client/update, with everything else as it is. */
export function changesOf(findings: readonly Finding[]): Record<string, unknown> {
  return Object.fromEntries(findings.filter(({ right }) => !right).map(({ member, send }) => [member, send]))
}

function compare<Settings extends object>(advised: Advised<Settings>, settings: Settings): Finding[] {
  const findings: Finding[] = []
  for (const member in advised) {
    const advice = advised[member]
    if (!advice?.demands) continue
    const given = settings[member] ?? undefined
    const right = advice.demands.holds(given, settings)
    findings.push({
      member,
      right,
      ...(given !== undefined && { given }),
      ...(!right && { send: advice.demands.mend(given) }),
      because: advice.because,
    })
  }
  return findings
}

function aliasOf({ clientIdAlias, clientId }: Client): string {
  return clientIdAlias ?? String(clientId)
}
