import { pino, type DestinationStream, type Logger } from 'pino'
import type { LogLevel } from './config.ts'

/**
 * The log: one JSON object per line. Nothing that opens anything is ever handed to it: no request, no header, no form, no address
 * with a query. The list below is the second lock, for the day somebody forgets.
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, redact: { paths: secretPaths, censor: '[secret]' } }
  return destination ? pino(options, destination) : pino(options)
}

const secretNames = [
  ...[
    'authorization',
    'cookie',
    '["set-cookie"]',
    'password',
    'ticket',
    'code',
    'token',
    'responseContent',
    'parameters',
  ],
  ...[
    'access_token',
    'refresh_token',
    'id_token',
    'client_secret',
    'clientSecret',
    'client_assertion',
    'code_verifier',
  ],
]

const secretPaths = secretNames.flatMap((name) => (name.startsWith('[') ? [`*${name}`] : [name, `*.${name}`]))
