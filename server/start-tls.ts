import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { developmentFiles } from './certificates.ts'
import { loadEnvFile } from './config.ts'
import { ensureDevelopmentCertificates } from './development-certificates.ts'

// `npm run start:tls`: what `npm start` starts, over https and with a port for mutual TLS. It is a process of its own, because Node reads
// NODE_EXTRA_CA_CERTS before anything else, and the demo client and the demo API must trust the certificate as well.
loadEnvFile()
await ensureDevelopmentCertificates('.', new Date())

/** Beside this file, and of its kind: TypeScript, or what was built. Without an engine, the front-end alone. */
const [engineProgram, frontEndProgram] = ['engine/main', 'main'].map((name) =>
  path.join(import.meta.dirname, name + path.extname(import.meta.filename)),
)
const program = engineProgram !== undefined && existsSync(engineProgram) ? engineProgram : (frontEndProgram ?? '')

// In a group of its own: a Ctrl-C at the terminal reaches it through this process, once.
const server = fork(program, {
  detached: true,
  env: {
    MTLS_PORT: '3443',
    ...process.env,
    NODE_EXTRA_CA_CERTS: developmentFiles.ca,
    TLS_CLIENT_CA_FILE: developmentFiles.ca,
    TLS_CERT_FILE: developmentFiles.server.cert,
    TLS_KEY_FILE: developmentFiles.server.key,
  },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => server.kill(signal))
server.once('exit', (code, signal) => {
  process.exit(code ?? (signal === null ? 1 : 128 + constants.signals[signal]))
})
