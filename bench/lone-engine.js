// The compiled engine without its front-end: asked through the SDK in the same process, as the front-end asks it. A message has the settings
// of a client, an operation on its access tokens, and how often; the answer says what each has cost.
import { readConfig } from '../dist/server/config.js'
import { startEngine } from '../dist/server/engine/all-in-one.js'
import { seed } from '../dist/server/engine/seed.js'
import { createLog } from '../dist/server/log.js'
import { ask } from '../dist/sdk/engine.js'

const concurrency = 32
const config = readConfig(process.env)
let founder
const { prepared: serviceId, frontEnd } = await startEngine({
  config,
  now: () => new Date(),
  log: createLog(config.logLevel),
  prepare(engine) {
    founder = engine
    return seed(engine, config)
  },
})
const params = { path: { serviceId } }
const issuersByClient = new Map()

process.on('message', async ({ client, operation, operations }) => {
  const name = JSON.stringify(client)
  const issue = issuersByClient.get(name) ?? (await makeIssuer(client))
  issuersByClient.set(name, issue)
  process.send({ microseconds: await costOf(operation === 'issue' ? issue : await makeReader(issue), operations) })
})
process.once('disconnect', () => process.exit())
console.log('ready')

/** RFC 6749 §4.4. */
async function makeIssuer(client) {
  const body = { clientType: 'CONFIDENTIAL', tokenAuthMethod: 'CLIENT_SECRET_BASIC', ...client }
  const made = await ask(founder.POST('/api/{serviceId}/client/create', { params, body }))
  const credentials = { clientId: String(made.clientId), clientSecret: made.clientSecret }
  const question = { parameters: 'grant_type=client_credentials&scope=notes:read', ...credentials }
  return () => ask(frontEnd.POST('/api/{serviceId}/auth/token', { params, body: question }))
}

async function makeReader(issue) {
  const { accessToken, jwtAccessToken: token = accessToken } = await issue()
  return () => ask(frontEnd.POST('/api/{serviceId}/auth/introspection', { params, body: { token } }))
}

async function costOf(operate, operations) {
  let left = operations
  const work = async () => {
    while (left > 0) {
      left -= 1
      const { action, resultMessage } = await operate()
      if (action !== 'OK') throw new Error(resultMessage)
    }
  }
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: concurrency }, work))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / operations
}
