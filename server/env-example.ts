import { writeFileSync } from 'node:fs'
import { describeVariables } from './config.ts'

/** `.env.example`: every variable that is read, with its default. */
export function envExample(): string {
  const paragraphs = describeVariables().map(({ name, doc, default: value }) => `# ${doc}\n# ${name}=${value}\n`)
  return `# Copy to .env what you change. Nothing needs to be set to try the server.\n\n${paragraphs.join('\n')}`
}

if (import.meta.filename === process.argv[1]) {
  writeFileSync(new URL('../.env.example', import.meta.url), envExample())
}
