/**
 * Runs a PostgreSQL server for as long as its own standard input stays open, then ends it and removes the server's folder. The system
 * closes that input however a test run ends, so none leaves a server behind, not even one that was killed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

const [, , folder = '', programs = '', userId = '', port = ''] = process.argv
const user = userId === '' ? {} : { uid: Number(userId), gid: Number(userId) }
const data = join(folder, 'data')
const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', max_connections: '200' }

let stop = () => true
let stopped = false
process.stdin.resume().once('end', () => {
  stopped = true
  stop()
})

const made = await run('initdb', ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-sync'])
if (made) {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  await run('postgres', ['-D', data, ...flags])
}
await rm(folder, { recursive: true, force: true })
process.exit()

async function run(program: string, programArguments: string[]): Promise<boolean> {
  if (stopped) return false
  const child = spawn(join(programs, program), programArguments, {
    cwd: folder,
    ...user,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  stop = () => child.kill('SIGINT') // to a server "fast": open connections are ended
  await once(child, 'exit')
  return child.exitCode === 0
}
