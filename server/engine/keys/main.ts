import { parseArgs } from 'node:util'
import type { Config } from '../../config.ts'
import { loadEnvFile, readConfig } from '../../config.ts'
import { encryptionKeyOf } from '../all-in-one.ts'
import { generateJwks, hasPrivatePart, parseJwks } from '../keys.ts'
import { SealedKeysError } from '../storage/sealed-keys.ts'
import { openStorage } from '../storage/sql.ts'
import type { Storage, StoredService } from '../storage/storage.ts'
import { phasesOf } from './phases.ts'
import { chooseAlgorithms, rotateKeys, RotationRefused } from './rotation.ts'

const usage = `
npm run keys -- list [--service <id>]
npm run keys -- rotate [--alg <algorithm>] … [--service <id>]
npm run keys -- replace-lost [--service <id>]

Shows the keys of a service, publishes new ones that take over later, or makes new ones in the place of keys that cannot be opened any more.
It works on the engine of ENGINE_DATABASE_URL, while that runs. Without --alg, every algorithm gets a new key. See docs/keys.md.
`

// `npm run keys`
const commands: Readonly<Record<string, (serviceId: number, algs: string[], storage: Storage) => Promise<void>>> = {
  list: (serviceId, _, storage) => list(serviceId, storage),
  async rotate(serviceId, algs, storage) {
    await rotateKeys(serviceId, chooseAlgorithms(algs), { storage, now })
    await list(serviceId, storage)
  },
  async 'replace-lost'(serviceId, _, storage) {
    if (!(await areLost(serviceId, storage))) throw new RotationRefused('The keys are not lost: they can be opened.')
    await storage.replaceLostKeys(serviceId, await generateJwks(), now())
    await list(serviceId, storage)
  },
}

loadEnvFile()
try {
  await main()
} catch (error) {
  if (!(error instanceof RotationRefused || error instanceof SealedKeysError)) throw error
  console.error(error.message)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { positionals, values } = readArguments()
  const config = readEngineConfig(process.env)
  const serviceId = Number(values.service ?? config.engine.serviceId)
  const command = positionals.length === 1 ? commands[positionals[0] ?? ''] : undefined
  if (!command || !Number.isSafeInteger(serviceId)) throw new RotationRefused(usage)
  const storage = await openStorage(config.engine.databaseUrl, await encryptionKeyOf(config))
  try {
    await command(serviceId, values.alg ?? [], storage)
  } finally {
    await storage.close()
  }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { alg: { type: 'string', multiple: true }, service: { type: 'string' } },
    })
  } catch {
    throw new RotationRefused(usage)
  }
}

/** What this command needs of the environment: no more than the engine itself. */
function readEngineConfig(env: NodeJS.ProcessEnv): Config {
  const { ENGINE_DATABASE_URL, ENGINE_SERVICE_ID, ENGINE_ENCRYPTION_KEY } = env
  const config = readConfig({ ENGINE_DATABASE_URL, ENGINE_SERVICE_ID, ENGINE_ENCRYPTION_KEY })
  return { ...config, production: env['NODE_ENV'] === 'production' }
}

async function list(serviceId: number, storage: Storage): Promise<void> {
  const service = await storage.findService(serviceId)
  if (!service) throw new RotationRefused(`There is no service ${serviceId}.`)
  console.table(describe(service))
}

function describe({ settings }: StoredService) {
  return phasesOf(parseJwks(settings.jwks), now()).map(({ jwk, phase, takesOverAt, retiresAt }) => ({
    alg: jwk.alg,
    use: jwk.use,
    kid: jwk.kid,
    phase: hasPrivatePart(jwk) ? phase : 'public part only',
    'takes over': takesOverAt?.toISOString() ?? '',
    retires: retiresAt?.toISOString() ?? '',
  }))
}

async function areLost(serviceId: number, storage: Storage): Promise<boolean> {
  try {
    await storage.findService(serviceId)
    return false
  } catch (error) {
    if (error instanceof SealedKeysError) return true
    throw error
  }
}

function now(): Date {
  return new Date()
}
