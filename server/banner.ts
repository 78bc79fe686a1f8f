import type { Config } from './config.ts'
import { demoPeople } from './demo-people.ts'

/** What a start prints: where to look, whom to be, and one command that works. */
export function banner({ issuer, production, demoPort, demoApiPort, engine }: Config): string {
  const lines = [
    ['Server', issuer],
    ['Discovery', `${issuer}/.well-known/openid-configuration`],
    ...(engine.port === undefined ? [] : [['Engine API', `http://127.0.0.1:${engine.port}`]]),
  ]
  if (production) return framed('Gatehouse is ready.', lines)
  return framed('Gatehouse is ready. This is the demonstration: everything in it is known to everybody.', [
    ...lines,
    ...(demoPort === 0 ? [] : [['Demo client', `http://localhost:${demoPort}   <- begin here`]]),
    ...(demoApiPort === 0 ? [] : [['Demo API', `http://localhost:${demoApiPort}`]]),
    ['Sign in as', demoPeople.map(({ username, password }) => `${username} / ${password}`).join(', ')],
    [
      'Try',
      `curl -u demo-machine:demo-machine-secret -d grant_type=client_credentials -d scope=notes:read ${issuer}/oauth/token`,
    ],
    ['Stop', 'Ctrl-C'],
  ])
}

function framed(title: string, lines: string[][]): string {
  const rows = lines.map(([label = '', text = '']) => `  ${label.padEnd(12)}${text}`)
  return `\n${title}\n\n${rows.join('\n')}\n`
}
