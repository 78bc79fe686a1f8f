import { loadEnvFile, readConfig } from '../config.ts'
import { apiRights, createApiToken, isApiRight } from './api-authentication.ts'
import { openStorage } from './storage/sql.ts'

const usage = `
npm run engine:token -- <name> <right>[,<right> …] [<service id>[,<service id> …]]

Makes an API access token for the engine of ENGINE_DATABASE_URL and prints it, once: only its hash is kept. Without services it is
for all of them. A front-end needs USE_SERVICE,VIEW_SERVICE,MODIFY_CLIENT. The rights:

${Object.entries(apiRights)
  .map(([right, allows]) => `  ${right.padEnd(18)}${allows}`)
  .join('\n')}
`

// `npm run engine:token`
loadEnvFile()
const [, , name, rightNames = '', serviceNames] = process.argv
const rights = rightNames.split(',').filter(isApiRight)
const serviceIds = serviceNames?.split(',').map(Number) ?? 'all'
const isUsable =
  rights.length === rightNames.split(',').length && (serviceIds === 'all' || serviceIds.every(Number.isSafeInteger))
if (name === undefined || !isUsable) {
  console.error(usage)
  process.exitCode = 1
} else {
  const { ENGINE_DATABASE_URL } = process.env
  const storage = await openStorage(readConfig({ ENGINE_DATABASE_URL }).engine.databaseUrl)
  try {
    console.log(await createApiToken({ storage, id: name, rights, serviceIds }))
  } finally {
    await storage.close()
  }
}
