/** `npm run check`: everything that must hold before a change lands. The first step that fails ends it. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What `npm run generate` writes: the same bytes as before, or somebody forgot to run it. */
const generated = ['sdk/schema.ts', 'server/engine/contract.json', '.env.example']

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-check-'))
const report = join(folder, 'tests.json')

const steps: [name: string, command: string, ...args: string[]][] = [
  ['formatting', 'npx', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['lint', 'npm', 'run', '--silent', 'lint'],
  ['types', 'npm', 'run', '--silent', 'typecheck'],
  ['nothing unused', 'npx', 'knip'],
  ['build', 'npm', 'run', '--silent', 'build'],
  ['tests', 'npm', 'test', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ['the front-end without the engine', 'npx', 'tsx', '.ci/detached.ts'],
]

const failed = (await regenerationChanges()) ?? (await firstFailure())
const { passed, failing } = await testCounts()
await rm(folder, { recursive: true, force: true })
console.log(failed === undefined ? '\nEverything holds.' : `\nFailed: ${failed}.`)
// Close to the end, alone on its line: how many tests ran.
console.log(`${passed} passed, ${failed === undefined ? 0 : Math.max(1, failing)} failed`)
process.exitCode = failed === undefined ? 0 : 1

async function regenerationChanges(): Promise<string | undefined> {
  console.log('\n— generated files')
  const before = await Promise.all(generated.map((file) => readFile(file, 'utf8')))
  if (!(await run('npm', ['run', '--silent', 'generate']))) return 'npm run generate'
  const after = await Promise.all(generated.map((file) => readFile(file, 'utf8')))
  const changed = generated.filter((_, index) => before[index] !== after[index])
  return changed.length > 0 ? `npm run generate changed ${changed.join(', ')}; commit what it makes` : undefined
}

async function firstFailure(): Promise<string | undefined> {
  for (const [name, command, ...args] of steps) {
    console.log(`\n— ${name}`)
    if (!(await run(command, args))) return name
  }
  return undefined
}

function run(command: string, args: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    spawn(command, args, { stdio: 'inherit' })
      .once('error', reject)
      .once('exit', (code) => {
        resolve(code === 0)
      })
  })
}

async function testCounts(): Promise<{ passed: number; failing: number }> {
  const text = await readFile(report, 'utf8').catch(() => '{}')
  const result: unknown = JSON.parse(text)
  const count = (name: string) => {
    const value: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, name) : undefined
    return typeof value === 'number' ? value : 0
  }
  return { passed: count('numPassedTests'), failing: count('numFailedTests') }
}
