/**
 * What the tool list costs a model, read through the protocol from the built server on the sandbox. Prints a table;
 * with `--write` it also puts it into the README, between the `tokens` marks.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { writeSection } from '../support/readme-section.ts'
import { tokensOf, total } from '../support/token-count.ts'

const root = join(import.meta.dirname, '..', '..')

/** Tokens a tool that a model reads of other servers, measured in the same way on 2026-11-22. */
const others = {
  ...{ filesystem: 119, supabase: 130, heroku: 144, playwright: 151, kubernetes: 221, git: 281 },
  ...{ hubspot: 402, sentry: 605, notion: 715, circleci: 904 },
}

async function listTools() {
  const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-tokens-'))
  const client = new Client({ name: 'tokens', version: '1.0.0' })
  try {
    const args = [join(root, 'dist', 'main.js'), '--sandbox', '--state-dir', folder, '--log-level', 'silent']
    await client.connect(new StdioClientTransport({ command: process.execPath, args }))
    return (await client.listTools()).tools
  } finally {
    await client.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

const rows = tokensOf(await listTools())
const [read, sent] = [total(rows, 'read'), total(rows, 'sent')]
const mean = Math.round(read / rows.length)
const table = [
  '| Tool | Read by a model | As sent |',
  '|---|--:|--:|',
  ...rows.map((row) => `| \`${row.tool}\` | ${row.read} | ${row.sent} |`),
  `| **${rows.length} tools** | **${read.toLocaleString('en')}** | **${sent.toLocaleString('en')}** |`,
].join('\n')
const compared = Object.entries({ ...others, 'this server': mean })
  .sort(([, one], [, other]) => one - other)
  .map(([name, tokens]) =>
    tokens === mean && name === 'this server' ? `**${name} ${tokens}**` : `${name} ${tokens}`,
  )
  .join(', ')
const report = `${table}\n\nTokens a tool, o200k: ${compared}.`
console.log(report)

if (process.argv.includes('--write')) await writeSection('tokens', report)
