/**
 * What an answer of 30 MB does to the server: its peak memory before and after, and what comes back. Prints a table.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { connection, liveActions } from '../support/samples.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-bench-'))
const record = { type: 'note', id: 'a'.repeat(24), attributes: { body: 'x'.repeat(950) } }
const records = Array.from({ length: 30_000 }, () => record)
const output = { data: records, meta: { page: 1, pageSize: 30_000 }, links: { next: null } }
const plan = {
  connections: [connection],
  actions: liveActions,
  faults: [{ when: 'action run', json: { output } }],
}
await writeFile(join(folder, 'plan.json'), JSON.stringify(plan))

const transport = new StdioClientTransport({
  command: process.execPath,
  args: [
    join(root, 'dist', 'main.js'),
    '--cli',
    join(root, 'test', 'fixtures', 'faulty-cli.cjs'),
    '--state-dir',
    folder,
    '--log-level',
    'silent',
  ],
  env: { PATH: process.env['PATH'] ?? '', HOME: folder, MEMBRANE_PLAN: join(folder, 'plan.json') },
})
const client = new Client({ name: 'bench', version: '1' })
await client.connect(transport)
await client.callTool({ name: 'connection-status' })

/** Peak resident memory of the server in MB, as Linux counts it. */
async function peak(): Promise<number> {
  const status = await readFile(`/proc/${transport.pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

const before = await peak()
const result = await client.callTool({ name: 'list-notes' })
const after = await peak()
const [content] = result.content as { text: string }[]
const { data, notices }: { data: unknown[]; notices: string[] } = JSON.parse(content?.text ?? '')
console.log(
  `answer of the CLI         ${(JSON.stringify(output).length / 1e6).toFixed(1)} MB, ${records.length} records`,
)
console.log(
  `passed on                 ${((content?.text.length ?? 0) / 1e6).toFixed(2)} MB, ${data.length} records`,
)
console.log(`notice                    ${notices.at(-1)}`)
console.log(`peak memory of the server ${before} MB before, ${after} MB after`)
await client.close()
await rm(folder, { recursive: true, force: true })
