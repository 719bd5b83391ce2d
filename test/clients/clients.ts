/**
 * Whether the client libraries that agents are built with load every tool and can call one. Installs pinned versions
 * of them into `packaging/out/clients` (not the project's own packages, which they outweigh), runs each on the Node it
 * wants against the built server on the sandbox, and prints a table. Exits 1 when one of them fails.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { bridge } from './bridge.ts'
import versions from './packages.json' with { type: 'json' }

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const home = join(root, 'packaging', 'out', 'clients')
const state = await mkdtemp(join(tmpdir(), 'kustomer-mcp-clients-'))
const server = {
  command: process.execPath,
  args: [join(root, 'dist', 'main.js'), '--sandbox', '--state-dir', state, '--log-level', 'silent'],
}
const good = { name: 'get-customer-by-email', arguments: { email: 'dana.okafor@example.com' } }
/** Free objects as arguments: some libraries read them as empty. */
const proxied = {
  name: 'proxy_request',
  arguments: { path: '/v1/customers', query: { pageSize: 1, sort: 'createdAt' } },
}
const ran = {
  name: 'run-action',
  arguments: { action: 'get-customer-by-email', input: { email: 'dana.okafor@example.com' } },
}
const bad = { name: 'get-note-by-id', arguments: { id: 'ffffffffffffffffffffffff' } }

interface Report {
  names: string[]
  /** What the model reads of each call. */
  answer: string
  proxied: string
  ran: string
  error: string
  note?: string
}

async function install(): Promise<string> {
  await mkdir(home, { recursive: true })
  const manifest = { private: true, type: 'module', dependencies: versions.packages }
  await writeFile(join(home, 'package.json'), JSON.stringify(manifest))
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--no-package-lock',
    '--loglevel=error',
    '--legacy-peer-deps',
  ]
  await run('npm', ['install', ...quiet], { cwd: home })
  await cp(join(import.meta.dirname, 'programs'), home, { recursive: true })
  const pinned = ['-y', '-p', `node@${versions.node}`, '--', 'node', '-p', 'process.execPath']
  const { stdout } = await run('npx', pinned, { cwd: home })
  return stdout.trim()
}

async function expectedNames(): Promise<string[]> {
  const client = new Client({ name: 'clients', version: '1.0.0' })
  await client.connect(new StdioClientTransport(server))
  const { tools } = await client.listTools()
  await client.close()
  return tools.map(({ name }) => name)
}

/** What a client says on stderr that is no complaint about a tool. */
const harmless = /converting MCP schema to strict mode|^\[mcp-inspector\]|^Schema portability: 0 errors/
const plain = (name: string) => name.replaceAll('-', '_')

/** Throws what is wrong with what a client made of the tools. */
function judge(report: Report, expected: readonly string[], stderr: string): string {
  const { names, error, note } = report
  const missing = expected.filter((name) => !names.map(plain).includes(plain(name)))
  if (missing.length > 0) throw new Error(`without ${missing.join(', ')}`)
  for (const call of ['answer', 'proxied', 'ran'] as const) {
    const text = report[call]
    const times = text.split('12075550112').length - 1
    if (times !== 1) throw new Error(`${call}: the record is there ${times} times: ${text.slice(0, 200)}`)
  }
  if (!error.includes('not-found'))
    throw new Error(`said of a record that is not there: ${error.slice(0, 200)}`)
  const complaints = stderr.split('\n').filter((line) => line.trim() !== '' && !harmless.test(line))
  if (complaints.length > 0) throw new Error(complaints.join(' ').slice(0, 300))
  return [`${names.length} tools, 4 calls`, note].filter(Boolean).join(', ')
}

const program = (name: string) => async (node: string, expected: readonly string[]) => {
  const file = join(home, `${name}.mjs`)
  const { stdout, stderr } = await run(node, [file, JSON.stringify({ server, good, bad, proxied, ran })], {
    cwd: home,
  })
  return judge(JSON.parse(stdout), expected, stderr)
}

async function inspector(node: string, expected: readonly string[]): Promise<string> {
  const config = join(home, 'inspector.json')
  await writeFile(config, JSON.stringify({ mcpServers: { kustomer: { type: 'stdio', ...server } } }))
  const bin = join(home, 'node_modules', '.bin', 'mcp-inspector')
  const ask = async (method: string, more: string[] = []) => {
    const args = [bin, '--cli', '--config', config, '--server', 'kustomer', '--method', method, ...more]
    // It exits with a failure when the tool says that it failed.
    return run(node, args, { cwd: home, maxBuffer: 8 << 20 }).catch(
      (error) => error as { stdout: string; stderr: string },
    )
  }
  const call = ({ name, arguments: input }: { name: string; arguments: object }) => {
    const pairs = Object.entries(input).flatMap(([key, value]) => [
      '--tool-arg',
      `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ])
    return ask('tools/call', ['--tool-name', name, ...pairs])
  }
  const listed = await ask('tools/list')
  // Its check of schemas prints what is wrong, and nothing where all is well.
  const { stderr: lint } = await ask('tools/list', ['--strict'])
  const complaints = lint.split('\n').filter((line) => line.trim() !== '' && !harmless.test(line))
  if (complaints.length > 0) throw new Error(complaints.join(' ').slice(-300))
  const { tools } = JSON.parse(listed.stdout) as { tools: { name: string }[] }
  const error = await call(bad)
  const report = {
    names: tools.map(({ name }) => name),
    answer: (await call(good)).stdout,
    proxied: (await call(proxied)).stdout,
    ran: (await call(ran)).stdout,
    error: `${error.stdout}${error.stderr}`,
    note: '0 errors of schemas',
  }
  return judge(report, expected, listed.stderr)
}

/** The scenarios that ask nothing of the suite's own example server. It speaks HTTP alone, hence the bridge. */
const scenarios = ['server-initialize', 'ping', 'tools-list', 'resources-list', 'prompts-list']

async function conformance(node: string): Promise<string> {
  const { url, close } = await bridge(server)
  try {
    for (const scenario of scenarios) {
      const args = [
        join(home, 'node_modules', '.bin', 'conformance'),
        'server',
        '--url',
        url,
        '--scenario',
        scenario,
      ]
      await run(node, args, { cwd: home }).catch((error: { stdout: string; stderr: string }) => {
        throw new Error(`${scenario}: ${`${error.stdout}${error.stderr}`.trim().slice(-400)}`)
      })
    }
    return `${scenarios.length} scenarios: ${scenarios.join(', ')}`
  } finally {
    await close()
  }
}

const checks: [
  keyof typeof versions.packages,
  (node: string, expected: readonly string[]) => Promise<string>,
][] = [
  ['@langchain/mcp-adapters', program('langchain')],
  ['@openai/agents', program('openai-agents')],
  ['@ai-sdk/mcp', program('ai-sdk')],
  ['@mastra/mcp', program('mastra')],
  ['mcp-use', program('mcp-use')],
  ['@llamaindex/tools', program('llamaindex')],
  ['@modelcontextprotocol/inspector', inspector],
  ['@modelcontextprotocol/conformance', conformance],
]

const node = await install()
const expected = await expectedNames()
console.log(
  `Server on Node ${process.versions.node}, clients on Node ${versions.node}.\n\n| Client | Version | Result |\n|---|---|---|`,
)
for (const [name, check] of checks) {
  const result = await check(node, expected).catch((error: Error) => {
    process.exitCode = 1
    return `**failed**: ${error.message.replaceAll(/\s+/g, ' ')}`
  })
  console.log(`| \`${name}\` | ${versions.packages[name]} | ${result} |`)
}
await rm(state, { recursive: true, force: true, maxRetries: 3 })
