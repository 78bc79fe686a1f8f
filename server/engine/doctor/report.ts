import type { PresetName } from '../presets/presets.ts'
import { presets } from '../presets/presets.ts'
import type { Finding } from './examine.ts'
import { changesOf } from './examine.ts'

/** What was found for a profile, for people: what to change first, and the JSON to send. */
export function reportOf(profile: PresetName, findings: readonly Finding[], serviceId: string): string {
  const wrong = findings.filter(({ right }) => !right).length
  const verdict = wrong === 0 ? 'nothing to change' : wrong === 1 ? 'one thing to change' : `${wrong} things to change`
  const subjects = new Set(findings.map(({ client }) => client))
  const parts = [...subjects].map((subject) =>
    partOf(
      subject,
      findings.filter(({ client }) => client === subject),
      serviceId,
    ),
  )
  return [`${presets[profile].title} (${profile}): ${verdict}.`, ...parts].join('\n\n')
}

function partOf(client: string | undefined, findings: readonly Finding[], serviceId: string): string {
  const name = client === undefined ? `service ${serviceId}` : `client ${client}`
  const changes = changesOf(findings)
  const path = client === undefined ? 'service/update' : `client/update/${encodeURIComponent(client)}`
  return [
    name,
    ...findings.toSorted((one, other) => Number(one.right) - Number(other.right)).map(lineOf),
    ...(Object.keys(changes).length === 0
      ? []
      : [
          `  Send to POST /api/${serviceId}/${path} what ${path.replace('update', 'get')} answers, with:`,
          `  ${JSON.stringify(changes)}`,
        ]),
  ].join('\n')
}

function lineOf({ member, right, given, send, because }: Finding): string {
  const is = given === undefined ? 'not set' : JSON.stringify(given)
  return right
    ? `  right   ${member}: ${is}`
    : `  change  ${member}: ${is} -> ${JSON.stringify(send)}\n          ${because}`
}
