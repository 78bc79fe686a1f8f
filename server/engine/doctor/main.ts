import type { Engine } from '../../../sdk/engine.ts'
import { ask, connectEngine, EngineError } from '../../../sdk/engine.ts'
import type { Client, Service } from '../../../sdk/types.ts'
import { ConfigError, loadEnvFile, readConfig } from '../../config.ts'
import { createLog } from '../../log.ts'
import { StartError } from '../../start.ts'
import { startEngine } from '../all-in-one.ts'
import { isPresetName, presets } from '../presets/presets.ts'
import { changesOf, examine } from './examine.ts'
import { reportOf } from './report.ts'

const usage = `
npm run doctor -- [<profile>] [--client <alias>] [--json]

Holds the service ENGINE_SERVICE_ID and its clients against a profile, or against each of them, and says what to change.
The engine is the one that ENGINE_URL names; where it is not set, the one of ENGINE_DATABASE_URL. Nothing is changed.

${Object.entries(presets)
  .map(([name, { title }]) => `  ${name.padEnd(16)}${title}`)
  .join('\n')}
`

// `npm run doctor`
try {
  loadEnvFile()
  process.exitCode = await consult(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof StartError || error instanceof EngineError)) throw error
  console.error(`\n${error.message}\n`)
  process.exitCode = 2
}

/** 0: nothing to change, or no profile was named; 1: there is; 2: the question cannot be understood. */
async function consult(words: readonly string[]): Promise<number> {
  const options = parseOptions(words)
  if (!options) {
    console.error(usage)
    return 2
  }
  const { profile, onlyClient, json } = options
  const config = readConfig(process.env)
  const { url, accessToken, serviceId } = config.engine
  const { service, clients } = process.env['ENGINE_URL']
    ? await readConfiguration(connectEngine({ baseUrl: url, accessToken }), serviceId)
    : await readEmbedded(config)
  const examined = clients.filter(({ clientIdAlias }) => onlyClient === undefined || clientIdAlias === onlyClient)
  if (onlyClient !== undefined && examined.length === 0) throw new StartError(`There is no client ${onlyClient}.`)
  const names = profile === undefined ? Object.keys(presets).filter(isPresetName) : [profile]
  const found = names.map((name) => ({ profile: name, findings: examine(name, service, examined) }))
  console.log(
    json
      ? JSON.stringify(found, null, 2)
      : found.map(({ profile: name, findings }) => reportOf(name, findings, serviceId)).join('\n\n\n'),
  )
  const isWrong = found.some(({ findings }) => Object.keys(changesOf(findings)).length > 0)
  return profile !== undefined && isWrong ? 1 : 0
}

function parseOptions(words: readonly string[]) {
  const json = words.includes('--json')
  const at = words.indexOf('--client')
  const onlyClient = at < 0 ? undefined : words[at + 1]
  const [profile, ...others] = words.filter(
    (word, index) => word !== '--json' && (at < 0 || (index !== at && index !== at + 1)),
  )
  if (others.length > 0 || (at >= 0 && onlyClient === undefined)) return undefined
  if (profile !== undefined && !isPresetName(profile)) return undefined
  return { profile, onlyClient, json }
}

/** The engine of the database, for as long as the question takes. It listens nowhere and seeds nothing. */
async function readEmbedded(config: ReturnType<typeof readConfig>) {
  const engine = await startEngine({
    config: { ...config, engine: { ...config.engine, port: undefined } },
    now: () => new Date(),
    log: createLog('fatal'),
    prepare: (founder) => readConfiguration(founder, config.engine.serviceId),
  })
  await engine.close()
  return engine.prepared
}

async function readConfiguration(engine: Engine, serviceId: string): Promise<{ service: Service; clients: Client[] }> {
  const path = { serviceId }
  const service = await ask(engine.GET('/api/{serviceId}/service/get', { params: { path } }))
  if (service.issuer === undefined) {
    throw new StartError('The engine shows a part of the service only: the API access token needs VIEW_SERVICE.')
  }
  const clients: Client[] = []
  for (let start = 0; ; start += 100) {
    const params = { path, query: { start, end: start + 100 } }
    const page = await ask(engine.GET('/api/{serviceId}/client/get/list', { params }))
    clients.push(...page.clients)
    if (clients.length >= page.totalCount || page.clients.length === 0) return { service, clients }
  }
}
