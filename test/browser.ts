import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { chromium } from 'playwright-core'

const run = promisify(execFile)

/**
 * Starts a real Chromium without a window: the one that TEST_BROWSER names, or the one that comes as an npm package.
 * One browser per test file, one new context per test.
 */
export async function openBrowser(): Promise<Browser> {
  const { executablePath, env } = await findBrowser()
  return chromium.launch({
    executablePath,
    env,
    headless: true,
    // The sandbox cannot start as root or in most containers, and the only pages opened here are our own.
    chromiumSandbox: false,
    args: [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-domain-reliability',
      '--disable-sync',
      '--disable-quic',
      '--no-first-run',
      '--no-pings',
      // Machines that run tests have no graphics card, and /dev/shm is too small in containers.
      '--disable-gpu',
      '--disable-dev-shm-usage',
    ],
  })
}

interface InstalledBrowser {
  readonly executablePath: string
  readonly env: NodeJS.ProcessEnv
}

/** Finds the browser and the environment it starts in. A test set-up may call this once, so that no worker waits for it later. */
export async function findBrowser(): Promise<InstalledBrowser> {
  const ownBrowser = process.env['TEST_BROWSER']
  if (ownBrowser !== undefined && ownBrowser !== '') return { executablePath: ownBrowser, env: process.env }

  const folder = await unpackedBrowser()
  const executablePath = path.join(folder, 'chromium')
  const env = { ...process.env, FONTCONFIG_PATH: path.join(folder, 'fonts') }
  if (await starts(executablePath, env)) return { executablePath, env }

  // A bare Debian has no NSS and no Expat. The package brings those of Amazon Linux: they serve on any newer glibc.
  const libraries = [path.join(folder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH'] ?? '']
  const envWithLibraries = { ...env, LD_LIBRARY_PATH: libraries.filter((library) => library !== '').join(':') }
  if (await starts(executablePath, envWithLibraries)) return { executablePath, env: envWithLibraries }
  throw new Error(
    `The Chromium in ${folder} does not start on this machine. ` +
      'Set TEST_BROWSER to the path of an installed Chrome or Chromium, for example TEST_BROWSER=/usr/bin/chromium.',
  )
}

/** Asks for the version only: what is tried is whether the loader finds every shared library. */
async function starts(executablePath: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    await run(executablePath, ['--version'], { env })
    return true
  } catch {
    return false
  }
}

/**
 * The folder with the unpacked browser, one per user and package version.
 * Test workers start at once, so each unpacks into a folder of its own and the first one to finish gives it its name.
 */
async function unpackedBrowser(): Promise<string> {
  const { version } = packageOfBrowser
  const home = path.join(tmpdir(), `gatehouse-browser-${user}`)
  const folder = path.join(home, version)
  await makePrivateFolder(home)
  if (await exists(folder)) return folder

  const staging = await mkdtemp(path.join(home, 'unpacking-'))
  try {
    await unpackInto(staging)
    await writeFile(path.join(staging, 'fonts', 'fonts.conf'), fontsConfiguration(path.join(folder, 'fonts')))
    await rename(staging, folder)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    if (!(await exists(folder))) throw error
  }
  return folder
}

/**
 * The package unpacks into the temporary folder of its process and takes whatever lies there for complete.
 * A process of its own with an empty temporary folder makes that safe; the variable makes it unpack the libraries too.
 */
async function unpackInto(staging: string): Promise<void> {
  const script = "import chromium from '@sparticuz/chromium'; await chromium.executablePath()"
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
  })
}

/** The number, because a container's user may have no name. */
const user = process.getuid?.() ?? 0

const packageOfBrowser: { version: string } = (() => {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const manifest: unknown = createRequire(import.meta.url)(path.join(entry, '..', '..', '..', 'package.json'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return { version: String(manifest.version) }
  }
  throw new Error('The package @sparticuz/chromium has no version. Run npm ci.')
})()

/** Others may write to the temporary folder as well: a folder that is not ours alone could hold their program. */
async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const status = await lstat(folder)
  const isOurs = status.isDirectory() && status.uid === user && (status.mode & 0o022) === 0
  if (!isOurs) throw new Error(`${folder} exists and somebody else can write to it. Remove it and run the tests again.`)
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch {
    return false
  }
}

/** The package's own file names folders of another machine. Its typeface comes first, so that pictures look alike everywhere. */
function fontsConfiguration(folder: string): string {
  const prefer = (family: string, typefaces: readonly string[]) =>
    `<alias binding="same"><family>${family}</family><prefer>${typefaces.map((name) => `<family>${name}</family>`).join('')}</prefer></alias>`
  return [
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>',
    `<dir>${folder}</dir><dir>/usr/share/fonts</dir><cachedir>${path.join(folder, 'cache')}</cachedir>`,
    prefer('system-ui', ['Open Sans']),
    prefer('sans-serif', ['Open Sans']),
    prefer('monospace', ['DejaVu Sans Mono', 'Liberation Mono', 'Noto Sans Mono']),
    '</fontconfig>',
  ].join('\n')
}
