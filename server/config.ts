import { createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { z } from 'zod'
import { isKeyOf, isOfDevelopmentCa, parseCertificates } from './certificates.ts'
import type { LoginProvider } from './identity-providers.ts'
import { isLoopback } from './redirect-destination.ts'

/** What the environment says, read once. {@link describeVariables} says what each variable means. */
export interface Config {
  production: boolean
  /** The issuer identifier, RFC 8414 §2: the origin under which people and clients reach this server. */
  issuer: string
  /** 0 lets the system choose. */
  port: number
  /** 0 when the demo client is not started. */
  demoPort: number
  /** 0 when the demo API is not started. */
  demoApiPort: number
  demoApiTokens: 'introspect' | 'cache' | 'verify'
  /** Undefined when it is not started. */
  demoApiUrl: string | undefined
  engine: {
    url: string
    serviceId: string
    accessToken: string
    /** Where an engine in this process also listens, on 127.0.0.1; undefined when it does not. */
    port: number | undefined
    databaseUrl: string
    /** `host` or `host:port`, of which the operator says that clients may publish there. */
    outboundAllow: readonly string[]
    /** 32 bytes. Undefined in development: the engine makes one and keeps it. In production, nothing is sealed without it. */
    encryptionKey: Uint8Array | undefined
  }
  databaseUrl: string
  /** Undefined when this server speaks http and a proxy in front ends TLS. */
  tls: Tls | undefined
  /** RFC 8705 §5: the port that asks for client certificates, and the origin of the endpoints there. */
  mutualTls: { port: number; origin: string } | undefined
  /** In lower case: the header in which a trusted proxy hands over the certificate of the client. */
  clientCertificateHeader: string | undefined
  /** The first one signs, all of them verify. Empty in development: the server makes one and keeps it. */
  sessionSecrets: readonly string[]
  /** As Express takes it: how many proxies in front are trusted, or which addresses. */
  trustProxy: number | string[] | false
  corsOrigins: readonly string[]
  /** Which optional boxes of the consent page are ticked beforehand: none, or all that are not sensitive. */
  consentPreselect: 'none' | 'nonsensitive'
  /** Whether people see a summary between the consent page and the client. */
  showReceipt: boolean
  /** Addresses of your account pages that the login page links to, as far as there are any. */
  accountLinks: AccountLinks
  /** Other OpenID providers where people may sign in. */
  loginProviders: readonly LoginProvider[]
  /** Whether this server reads the logos of clients that stand elsewhere, so that people's browsers need not. */
  clientLogos: 'off' | 'fetch'
  logLevel: LogLevel
}

/** What the files hold, as PEM. */
export interface Tls {
  /** The server's certificate, and the path to its authority. */
  cert: string
  key: string
  /** Authorities whose certificates clients may present; undefined: any. Whom to believe is the engine's to say. */
  clientCa: string | undefined
}

export interface AccountLinks {
  signUp: string | undefined
  forgotPassword: string | undefined
}

export type LogLevel = (typeof logLevels)[number]

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the environment, or throws a {@link ConfigError} that names every problem and what to do about it. */
export function readConfig(env: Environment): Config {
  // An empty value means the same as none, so that a line of `.env` can be emptied.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = variables.safeParse(given)
  const problems = new Map(parsed.error?.issues.map(({ path, message }) => [path.join('.'), message]))

  // The rules between variables are looked at even when one of them is bad: its default stands in for it.
  const sound = Object.fromEntries(Object.entries(given).filter(([name]) => !problems.has(name)))
  const config = configFrom(variables.parse(sound))
  const rules = [...rulesForAll, ...(config.production ? rulesForProduction : [])]
  for (const { variable, isBroken, problem } of rules) {
    if (!problems.has(variable) && isBroken(config, given)) problems.set(variable, problem)
  }

  if (problems.size > 0) throw new ConfigError([...problems].map(([name, problem]) => `${name} ${problem}`))
  return config
}

/** The environment cannot be used. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}\n`).join('')}`)
    this.name = 'ConfigError'
  }
}

/** Adds the variables of `.env` in the working directory, when there is one. What is set already stays. */
export function loadEnvFile(): void {
  if (existsSync('.env')) process.loadEnvFile()
}

/** One environment variable, for the documentation. */
export interface Variable {
  name: string
  doc: string
  /** What applies when it is not set; empty when nothing does. */
  default: string
}

/** All variables that are read, in the order of `.env.example`. */
export function describeVariables(): Variable[] {
  const meta = z.object({ doc: z.string(), default: z.string() })
  return Object.entries(variables.shape).map(([name, schema]) => ({ name, ...meta.parse(schema.meta()) }))
}

const developmentAccessTokens = /^dev-/

const portNumber = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, 'must be a port number from 0 to 65535')
  .transform(Number)

const databaseUrl = z
  .string()
  .regex(/^(sqlite:|postgres(ql)?:\/\/)./, 'must be sqlite:<file> or postgres://<user>@<host>/<database>')

const pageAddress = z.url({ protocol: /^https?$/, error: 'must be the https or http URL of a page' })

const issuer = z.string().refine((text) => {
  const url = originOf(text)
  return url !== undefined && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))
}, 'must be an origin such as https://as.example, without a path or a slash at its end; http works on this machine only')

const encryptionKey = z
  .string()
  .regex(
    /^([0-9A-Fa-f]{64}|[A-Za-z0-9_-]{43}=?)$/,
    'must be 32 bytes in hexadecimal or base64url, for example what `openssl rand -hex 32` prints',
  )
  .transform((text): Uint8Array => Buffer.from(text, text.length === 64 ? 'hex' : 'base64url'))

const sessionSecrets = commaSeparated().refine(
  (secrets) => secrets.length > 0 && secrets.every((secret) => secret.length >= 32),
  'must have 32 characters or more, for example those that `openssl rand -hex 32` prints; separate several with commas',
)

const trustedProxies = z
  .string()
  .refine(
    (text) => /^[1-9]$/.test(text) || text.split(',').every(isProxyAddress),
    'must be the number of proxies in front (1 to 9), or their addresses, separated by commas; `true` would trust everybody',
  )
  .transform((text) => (/^\d$/.test(text) ? Number(text) : text.split(',').map((address) => address.trim())))

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of a header, for example Client-Cert')
  .toLowerCase()

const origins = commaSeparated().refine(
  (list) => list.every((origin) => originOf(origin) !== undefined),
  'must be origins such as https://app.example, separated by commas, without paths',
)

const hosts = commaSeparated().refine(
  (list) => list.every(isHost),
  'must be hosts such as keys.internal or keys.internal:8443, separated by commas, in lower case and without a scheme or a path',
)

const loginProvider = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,32}$/),
  name: z.string().min(1).max(60),
  issuer: z.url().refine((text) => {
    const url = new URL(text)
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
  }),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
})

const loginProviders = z.string().transform((text, context): LoginProvider[] => {
  const parsed = z.array(loginProvider).safeParse(parseJson(text))
  const list = parsed.data ?? []
  if (parsed.success && new Set(list.map(({ id }) => id)).size === list.length) return list
  const message =
    'must be a JSON list of {"id", "name", "issuer", "clientId", "clientSecret"}: each id once, of a-z, 0-9 and -; each issuer an https URL'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

const certificateFile = pemFile('certificates', parseCertificates)
const keyFile = pemFile('a private key that is not encrypted', createPrivateKey)

/** A file that is read with the rest of the configuration: its faults are told with all others, and not by the first connection. */
function pemFile(content: string, parse: (pem: string) => unknown) {
  return z.string().transform((file, context) => {
    try {
      const pem = readFileSync(file, 'utf8')
      parse(pem)
      return pem
    } catch (error) {
      const isMissing = error instanceof Error && 'syscall' in error
      const problem = isMissing ? 'is not a file that this account can read' : `must be a PEM file with ${content}`
      context.addIssue({ code: 'custom', message: problem })
      return z.NEVER
    }
  })
}

// A problem's text continues the name of its variable, and never repeats the value: it may be a secret.
const variables = z.object({
  NODE_ENV: withDefault(
    'development',
    z.enum(['development', 'test', 'production'], 'must be development, test or production'),
    'production refuses everything that exists for demonstrations only.',
  ),
  PORT: withDefault('3000', portNumber, 'Port of the authorization server.'),
  ISSUER: optional(
    'http://localhost:<PORT>',
    issuer,
    'Origin under which people and clients reach the server; its issuer identifier. https when TLS_CERT_FILE is set.',
  ),
  DEMO_PORT: withDefault('3001', portNumber, 'Port of the demo client; 0 does not start it.'),
  DEMO_API_PORT: withDefault('3002', portNumber, 'Port of the demo API; 0 does not start it.'),
  DEMO_API_TOKENS: withDefault(
    'introspect',
    z.enum(['introspect', 'cache', 'verify'], 'must be introspect, cache or verify'),
    'How the demo API reads access tokens, see docs/access-tokens.md; verify takes signed ones only.',
  ),
  ENGINE_URL: withDefault(
    'http://127.0.0.1:4000',
    z.url({ protocol: /^https?$/, error: 'must be the http or https URL of an engine' }),
    'Where `npm run start:remote` finds the engine.',
  ),
  ENGINE_SERVICE_ID: withDefault(
    '1000001',
    z.string().regex(/^[1-9]\d{0,15}$/, 'must be the number of a service of the engine'),
    'Which of its services this front-end serves.',
  ),
  ENGINE_ACCESS_TOKEN: withDefault(
    'dev-engine-token',
    z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces'),
    'What opens the engine to this front-end.',
  ),
  ENGINE_PORT: optional(
    '',
    portNumber,
    'Port on 127.0.0.1 where the engine of `npm start` also listens; not set, it is reached from inside only.',
  ),
  ENGINE_DATABASE_URL: withDefault(
    'sqlite:.data/engine.sqlite',
    databaseUrl,
    'What the engine remembers: clients, keys, codes and tokens.',
  ),
  OUTBOUND_ALLOW: withDefault(
    '',
    hosts,
    'Hosts, with a port where it is not the default one, that the engine may fetch from although they are private or speak http.',
  ),
  ENGINE_ENCRYPTION_KEY: optional(
    '',
    encryptionKey,
    'Seals secrets that the engine must use as they are, such as those of client_secret_jwt: 32 bytes. Development makes one and keeps it.',
  ),
  DATABASE_URL: withDefault(
    'sqlite:.data/front-end.sqlite',
    databaseUrl,
    'What the front-end remembers: sessions, people and their consents.',
  ),
  SESSION_SECRET: optional(
    '',
    sessionSecrets,
    'Signs session cookies; the first of several signs, all verify. Development makes one and keeps it in .data/.',
  ),
  TRUST_PROXY: optional(
    '',
    trustedProxies,
    'Proxies in front whose X-Forwarded headers are believed: how many, or their addresses.',
  ),
  TLS_CERT_FILE: optional(
    '',
    certificateFile,
    'Certificate of this server and those up to its authority, as PEM; not set, a proxy in front ends TLS.',
  ),
  TLS_KEY_FILE: optional('', keyFile, 'Private key of that certificate, as PEM.'),
  MTLS_PORT: optional(
    '',
    portNumber,
    'Port that asks clients for certificates (RFC 8705) and has no pages; not set, there is none.',
  ),
  TLS_CLIENT_CA_FILE: optional(
    '',
    certificateFile,
    'Authorities, as PEM, whose certificates clients are asked for at MTLS_PORT; not set, any. The engine decides whom to believe.',
  ),
  CLIENT_CERTIFICATE_HEADER: optional(
    '',
    headerName,
    'Header in which the proxies of TRUST_PROXY hand over the certificate of the client, for example Client-Cert (RFC 9440).',
  ),
  CORS_ORIGINS: withDefault(
    '',
    origins,
    'Origins whose scripts may call the token, PAR, userinfo and revocation endpoints.',
  ),
  CONSENT_PRESELECT: withDefault(
    'none',
    z.enum(['none', 'nonsensitive'], 'must be none or nonsensitive'),
    'Boxes of the consent page that are ticked beforehand; in the EU a box that was ticked for somebody is no consent.',
  ),
  SHOW_RECEIPT: withDefault(
    '0',
    z.enum(['0', '1'], 'must be 0 or 1').transform((text) => text === '1'),
    '1 shows what was granted before the browser goes back to the client; for demonstrations.',
  ),
  SIGN_UP_URL: optional('', pageAddress, 'Your page where people create an account; the login page links to it.'),
  FORGOT_PASSWORD_URL: optional(
    '',
    pageAddress,
    'Your page for people who forgot their password; the login page links to it.',
  ),
  LOGIN_PROVIDERS: optional(
    '',
    loginProviders,
    'Other OpenID providers where people may sign in, as JSON: [{"id":"example","name":"Example","issuer":"https://idp.example","clientId":"…","clientSecret":"…"}]. Register <ISSUER>/login/callback/<id> there.',
  ),
  CLIENT_LOGOS: withDefault(
    'fetch',
    z.enum(['off', 'fetch'], 'must be off or fetch'),
    'fetch reads the https logos of clients that you registered and shows them from here; off shows the first letter of their names.',
  ),
  LOG_LEVEL: withDefault(
    'info',
    z.enum(logLevels, `must be one of ${logLevels.join(', ')}`),
    `How much is logged: ${logLevels.join(', ')}.`,
  ),
})

function configFrom(values: z.infer<typeof variables>): Config {
  const tls = tlsFrom(values)
  const issuer = values.ISSUER ?? new URL(`${tls ? 'https' : 'http'}://localhost:${values.PORT}`).origin
  const mtlsPort = values.MTLS_PORT
  return {
    production: values.NODE_ENV === 'production',
    issuer,
    port: values.PORT,
    demoPort: values.DEMO_PORT,
    demoApiPort: values.DEMO_API_PORT,
    demoApiTokens: values.DEMO_API_TOKENS,
    demoApiUrl: values.DEMO_API_PORT === 0 ? undefined : demoApiUrl(values.DEMO_API_PORT, tls),
    engine: {
      url: values.ENGINE_URL,
      serviceId: values.ENGINE_SERVICE_ID,
      accessToken: values.ENGINE_ACCESS_TOKEN,
      port: values.ENGINE_PORT,
      databaseUrl: values.ENGINE_DATABASE_URL,
      outboundAllow: values.OUTBOUND_ALLOW,
      encryptionKey: values.ENGINE_ENCRYPTION_KEY,
    },
    databaseUrl: values.DATABASE_URL,
    tls,
    mutualTls: tls && mtlsPort !== undefined ? { port: mtlsPort, origin: onPort(issuer, mtlsPort) } : undefined,
    clientCertificateHeader: values.CLIENT_CERTIFICATE_HEADER,
    sessionSecrets: values.SESSION_SECRET ?? [],
    trustProxy: values.TRUST_PROXY ?? false,
    corsOrigins: values.CORS_ORIGINS,
    consentPreselect: values.CONSENT_PRESELECT,
    showReceipt: values.SHOW_RECEIPT,
    accountLinks: { signUp: values.SIGN_UP_URL, forgotPassword: values.FORGOT_PASSWORD_URL },
    loginProviders: values.LOGIN_PROVIDERS ?? [],
    clientLogos: values.CLIENT_LOGOS,
    logLevel: values.LOG_LEVEL,
  }
}

function tlsFrom(values: z.infer<typeof variables>): Tls | undefined {
  const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CLIENT_CA_FILE: clientCa } = values
  return cert === undefined || key === undefined ? undefined : { cert, key, clientCa }
}

/** The demo API is on this machine, whatever the issuer is. It speaks https where it has a certificate for that. */
function demoApiUrl(port: number, tls: Tls | undefined): string {
  const isCertified = tls !== undefined && parseCertificates(tls.cert)[0].checkHost('localhost') !== undefined
  return `${isCertified ? 'https' : 'http'}://localhost:${port}`
}

function onPort(origin: string, port: number): string {
  const url = new URL(origin)
  url.port = String(port)
  return url.origin
}

interface Rule {
  variable: keyof z.infer<typeof variables>
  isBroken: (config: Config, given: Environment) => boolean
  problem: string
}

const rulesForAll: Rule[] = [
  {
    variable: 'ISSUER',
    isBroken: ({ issuer }) => /^https?:\/\/localhost:0$/.test(issuer),
    problem: 'is required when PORT is 0: nobody knows yet which port the system will choose',
  },
  {
    // RFC 6749 §3.1: without a certificate this server speaks http, so somebody else must be ending TLS.
    variable: 'TRUST_PROXY',
    isBroken: ({ issuer, trustProxy }, given) =>
      issuer.startsWith('https:') && trustProxy === false && given['TLS_CERT_FILE'] === undefined,
    problem:
      'is required when ISSUER is https and there is no TLS_CERT_FILE: a proxy in front ends TLS and says so with X-Forwarded-Proto; 1 fits a single proxy',
  },
  {
    variable: 'ISSUER',
    isBroken: ({ issuer, tls }) => tls !== undefined && !issuer.startsWith('https:'),
    problem: 'must be https when TLS_CERT_FILE is set: nothing is served over http then',
  },
  {
    variable: 'TLS_CERT_FILE',
    isBroken: (_config, given) => given['TLS_CERT_FILE'] === undefined && given['TLS_KEY_FILE'] !== undefined,
    problem: 'is required with TLS_KEY_FILE: the certificate of that key, as PEM',
  },
  {
    variable: 'TLS_KEY_FILE',
    isBroken: (_config, given) => given['TLS_KEY_FILE'] === undefined && given['TLS_CERT_FILE'] !== undefined,
    problem: 'is required with TLS_CERT_FILE: the private key of that certificate, as PEM',
  },
  {
    variable: 'TLS_KEY_FILE',
    isBroken: ({ tls }) => tls !== undefined && !isKeyOf(tls.cert, tls.key),
    problem: 'holds another key than that of the first certificate in TLS_CERT_FILE',
  },
  {
    variable: 'MTLS_PORT',
    isBroken: (_config, given) => given['MTLS_PORT'] !== undefined && given['TLS_CERT_FILE'] === undefined,
    problem:
      'needs TLS_CERT_FILE and TLS_KEY_FILE; where a proxy ends TLS, it hands over certificates in CLIENT_CERTIFICATE_HEADER',
  },
  {
    variable: 'MTLS_PORT',
    isBroken: ({ mutualTls, port }) => mutualTls !== undefined && [0, port].includes(mutualTls.port),
    problem: 'must be a port of its own, and not 0: clients are told its number',
  },
  {
    variable: 'TLS_CLIENT_CA_FILE',
    isBroken: (_config, given) => given['TLS_CLIENT_CA_FILE'] !== undefined && given['MTLS_PORT'] === undefined,
    problem: 'says which certificates MTLS_PORT asks for, and there is no MTLS_PORT',
  },
  {
    // RFC 8705 §6.5: a number of hops is no name; whoever connects would be the proxy, and hold any certificate.
    variable: 'CLIENT_CERTIFICATE_HEADER',
    isBroken: ({ clientCertificateHeader, trustProxy }) =>
      clientCertificateHeader !== undefined && !Array.isArray(trustProxy),
    problem:
      'is believed from the addresses in TRUST_PROXY alone: name the proxies there, for example 10.0.0.7; their number is not enough',
  },
]

const rulesForProduction: Rule[] = [
  {
    variable: 'TLS_CERT_FILE',
    isBroken: ({ tls }) => tls !== undefined && isOfDevelopmentCa(tls.cert),
    problem: 'is a certificate of `npm run start:tls`, which no other machine believes; give one of a real authority',
  },
  {
    // FAPI 2.0 §5.2: loopback is no exception in production, because then nobody else could reach it.
    variable: 'ISSUER',
    isBroken: ({ issuer }) => !issuer.startsWith('https:'),
    problem: 'must be https in production, for example https://as.example',
  },
  {
    variable: 'ENGINE_ACCESS_TOKEN',
    isBroken: ({ engine }) => developmentAccessTokens.test(engine.accessToken),
    problem: 'is the well-known one of development; give the token that was made for this front-end',
  },
  {
    variable: 'SHOW_RECEIPT',
    isBroken: ({ showReceipt }) => showReceipt,
    problem: 'is for demonstrations; leave it out in production',
  },
  {
    variable: 'SESSION_SECRET',
    isBroken: ({ sessionSecrets }) => sessionSecrets.length === 0,
    problem: 'is required in production, for example what `openssl rand -hex 32` prints',
  },
]

function withDefault<Schema extends z.ZodType<unknown, string>>(value: z.input<Schema>, schema: Schema, doc: string) {
  return schema.prefault(value).meta({ doc, default: value })
}

function optional<Schema extends z.ZodType<unknown, string>>(meaning: string, schema: Schema, doc: string) {
  return schema.optional().meta({ doc, default: meaning })
}

function commaSeparated() {
  return z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function originOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.origin === text ? url : undefined
}

/** A host in its normal spelling, and perhaps a port. A wildcard is none: whoever is let through is named. */
function isHost(text: string): boolean {
  const [, name] = /^([a-z0-9._-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/.exec(text) ?? []
  return name !== undefined && URL.canParse(`https://${text}`) && originOf(`https://${name}`) !== undefined
}

/** What Express calls an address: an IP address, a network, or the name of a well-known network. */
function isProxyAddress(text: string): boolean {
  const address = text.trim()
  if (['loopback', 'linklocal', 'uniquelocal'].includes(address)) return true
  const [ip = '', bits, ...rest] = address.split('/')
  const version = isIP(ip)
  if (version === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  )
}
