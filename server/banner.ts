import { developmentFiles, isOfDevelopmentCa } from './certificates.ts'
import type { Config } from './config.ts'
import { demoPeople } from './demo-people.ts'

/** What a start prints: where to look, whom to be, and one command that works. */
export function banner({ issuer, production, demoPort, demoApiUrl, engine, tls, mutualTls }: Config): string {
  const isOurs = tls !== undefined && isOfDevelopmentCa(tls.cert)
  const curl = isOurs ? `curl --cacert ${developmentFiles.ca}` : 'curl'
  const lines = [
    ['Server', issuer],
    ['Discovery', `${issuer}/.well-known/openid-configuration`],
    ...(mutualTls ? [['Mutual TLS', `${mutualTls.origin}   asks for a certificate, and has no pages`]] : []),
    ...(engine.port === undefined ? [] : [['Engine API', `http://127.0.0.1:${engine.port}`]]),
  ]
  if (production) return framed('Gatehouse is ready.', lines)
  return framed('Gatehouse is ready. This is the demonstration: everything in it is known to everybody.', [
    ...lines,
    ...(demoPort === 0 ? [] : [['Demo client', `http://localhost:${demoPort}   <- begin here`]]),
    ...(demoApiUrl === undefined ? [] : [['Demo API', demoApiUrl]]),
    ['Sign in as', demoPeople.map(({ username, password }) => `${username} / ${password}`).join(', ')],
    ['Try', `${curl} ${tokenRequest} ${issuer}/oauth/token`],
    ...(isOurs && mutualTls
      ? [['', `${curl} ${withCertificate} ${tokenRequest} ${mutualTls.origin}/oauth/token`]]
      : []),
    ...(isOurs
      ? [['Trust', `Let your browser trust ${developmentFiles.ca}; the key of this authority was thrown away`]]
      : []),
    ['Stop', 'Ctrl-C'],
  ])
}

const tokenRequest = '-u demo-machine:demo-machine-secret -d grant_type=client_credentials -d scope=notes:read'
const { cert, key } = developmentFiles.client
const withCertificate = `--cert ${cert} --key ${key}`

function framed(title: string, lines: string[][]): string {
  const rows = lines.map(([label = '', text = '']) => `  ${label.padEnd(12)}${text}`)
  return `\n${title}\n\n${rows.join('\n')}\n`
}
