/**
 * Runs a PostgreSQL server for as long as its own standard input stays open, then ends it and removes the server's folder. The system
 * closes that input however a test run ends, so none leaves a server behind, not even one that was killed. The line "crash" ends the
 * server where it stands, and the next line starts it again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const [, , folder = '', programs = '', userId = '', port = ''] = process.argv
const user = userId === '' ? {} : { uid: Number(userId), gid: Number(userId) }
const data = join(folder, 'data')
const settings = {
  ...{ listen_addresses: '127.0.0.1', port, unix_socket_directories: '', max_connections: '200' },
  // Tests kill processes, not machines: what the system has is on disk soon enough.
  fsync: 'off',
}

let end: (signal: NodeJS.Signals) => void = () => undefined
let stopped = false
let crashes = 0
const lines = createInterface({ input: process.stdin })
lines.once('close', () => {
  stopped = true
  end('SIGINT') // to a server "fast": open connections are ended
})
lines.on('line', (line) => {
  if (line !== 'crash') return
  crashes += 1
  end('SIGQUIT') // to a server "immediate": as if it had been killed
})

const made = await run('initdb', ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-sync'])
if (made) await serve()
await rm(folder, { recursive: true, force: true })
process.exit()

async function serve(): Promise<void> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // Once, and once more after every crash.
  for (let starts = 0; starts <= crashes; starts += 1) {
    await run('postgres', ['-D', data, ...flags])
    if (starts < crashes) await nextWord()
  }
}

/** Resolves when somebody says something, or nobody can any more. */
async function nextWord(): Promise<void> {
  const word = Promise.race([once(lines, 'line'), once(lines, 'close')])
  process.stderr.write('PostgreSQL is down\n')
  await word
}

async function run(program: string, programArguments: string[]): Promise<boolean> {
  if (stopped) return false
  const child = spawn(join(programs, program), programArguments, {
    cwd: folder,
    ...user,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  end = (signal) => child.kill(signal)
  await once(child, 'exit')
  return child.exitCode === 0
}
