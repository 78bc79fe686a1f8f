import { generateKeyPairSync, randomBytes } from 'node:crypto'
import Provider from 'oidc-provider'
import { memoryAdapter } from './memory-adapter.js'
import { sqliteAdapter } from './sqlite-adapter.js'

// `node server.js <port> <sqlite file>`, or without a file in memory: node-oidc-provider, set up to do what we do, as far as it does that.
const [port, file] = process.argv.slice(2)
const issuer = `http://localhost:${port}`
const makeAdapter = file === undefined ? memoryAdapter() : sqliteAdapter(file)

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const es256 = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }

/** The API whose tokens are JWTs. Those that name no resource are opaque. */
const signedApi = 'https://signed.example'

const signing = { id_token_signed_response_alg: 'ES256' }
const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], ...signing }
const provider = new Provider(issuer, {
  adapter: makeAdapter,
  clients: [
    {
      client_id: 'web',
      client_secret: 'web-secret',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['http://localhost:1/callback'],
      ...signing,
    },
    { client_id: 'opaque', client_secret: 'opaque-secret', ...machine },
    { client_id: 'signed', client_secret: 'signed-secret', ...machine },
    { client_id: 'api', client_secret: 'api-secret', ...machine, grant_types: [] },
  ],
  jwks: { keys: [es256] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  scopes: ['openid', 'profile', 'email', 'offline_access', 'notes:read'],
  claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  // As ours: whoever may use the grant gets one, and each is used once.
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope: 'notes:read', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
      defaultResource: (context) => (context.oidc.client?.clientId === 'signed' ? signedApi : undefined),
    },
  },
  findAccount: (_context, accountId) => ({
    accountId,
    claims: () => ({
      ...{ sub: accountId, name: 'John Smith', given_name: 'John', family_name: 'Smith' },
      ...{ email: 'john@example.com', email_verified: true },
    }),
  }),
  ttl: {
    AccessToken: 600,
    ClientCredentials: 600,
    IdToken: 600,
    RefreshToken: 2_592_000,
    Grant: 2_592_000,
    Session: 86_400,
  },
})

provider.on('server_error', (_context, error) => console.error(error))

const server = provider.listen(Number(port), 'localhost', () =>
  console.log(`${issuer}/.well-known/openid-configuration`),
)
process.once('SIGTERM', () => process.exit())
process.once('disconnect', () => process.exit())
server.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
