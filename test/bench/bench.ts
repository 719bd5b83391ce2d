/**
 * What the server costs beside others, measured by turns in one run, since only ratios carry from one machine to
 * another: `npm run bench [-- --rounds <n>] [--write]`. Prints Markdown; `--write` puts it into the README.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { writeSection } from '../support/readme-section.ts'
import { type Calls, type Cli, measureCalls } from './calls.ts'
import { table } from './figures.ts'
import { installPublished, packAndInstall } from './servers.ts'
import { initialize, plainEnvironment, startSession } from './session.ts'
import { measureStarts, type Start } from './start.ts'

const root = join(import.meta.dirname, '..', '..')
const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name)
const main = join(root, 'dist', 'main.js')
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    write: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds)
const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-bench-'))
const env = plainEnvironment(folder)
const notes: string[] = []
const skip = (name: string, why: string) => void notes.push(`${name} is left out: ${why}`)
const milliseconds = (value: number) => value.toFixed(value < 20 ? 1 : 0)
const more = (value: number) => `${value < 0 ? '' : '+'}${milliseconds(value)}`
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

/** Both state what a published server costs to have on disk, where it is known. */
const others = await installPublished(skip)
const own = await packAndInstall()
const sizes = new Map(others.map(({ name, bytes }) => [name, bytes]))

const ours = 'kustomer-mcp'
const warm = join(folder, 'warm')
await fillCaches(warm)
const starts = await measureStarts(
  [
    { name: 'floor: by hand, no dependency', args: [fixture('floor.mjs')], env },
    { name: ours, args: [main, '--state-dir', join(folder, 'cold')], env },
    {
      name: `${ours}, caches filled`,
      args: [main, '--sandbox', '--state-dir', warm],
      env,
    },
    { name: 'minimal server of the SDK', args: [fixture('sdk-server.mjs')], env },
    ...others.map(({ name, args }) => ({ name, args, env })),
  ],
  rounds,
  skip,
)
const calls: Calls[] = []
for (const cli of await clis())
  for (const concurrency of [1, 4])
    calls.push(await measureCalls(cli, { concurrency, rounds: rounds * 12, folder, env }))

const report = [
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, medians of ${rounds} rounds by turns.`,
  startTable(starts),
  `The package is ${megabytes(own.archive)} MB packed and ${megabytes(own.installed)} MB installed.`,
  callTable(calls),
  ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
].join('\n\n')
console.log(report)
if (options.write) await writeSection('bench', report)
await rm(folder, { recursive: true, force: true })
console.log('\nAn answer of 30 MB:\n')
await import('./large-answer.ts')
console.log('\nA directory:\n')
await import('./directory.ts')

function startTable(measured: readonly Start[]): string {
  const floor = measured[0]?.listed ?? Number.NaN
  const rows = measured.map(({ name, initialized, listed, peak, exit, tools }) => [
    name,
    milliseconds(initialized),
    milliseconds(listed),
    (listed / floor).toFixed(1),
    peak?.toFixed(0) ?? '–',
    milliseconds(exit),
    String(tools),
    sizes.has(name) ? megabytes(sizes.get(name) ?? 0) : name === ours ? megabytes(own.installed) : '–',
  ])
  const head = [
    'Server',
    '`initialize` ms',
    '`tools/list` ms',
    '× floor',
    'peak MB',
    'exit ms',
    'tools',
    'installed MB',
  ]
  return table(head, rows)
}

function callTable(measured: readonly Calls[]): string {
  const rows = measured.map(({ name, concurrency, bare, overhead, execa, rate }) => [
    name,
    String(concurrency),
    milliseconds(bare.p50),
    milliseconds(bare.p95),
    more(overhead.p50),
    more(overhead.p95),
    more(execa.p50),
    rate.bare.toFixed(0),
    rate.server.toFixed(0),
  ])
  const head = [
    'Command',
    'at once',
    'alone p50 ms',
    'p95',
    'through the server p50 ms',
    'p95',
    'by execa alone p50 ms',
    'alone a second',
    'through the server',
  ]
  return table(head, rows)
}

/** One call leaves the connection and the list of its actions, each with its whole schema, on disk. */
async function fillCaches(stateDir: string): Promise<void> {
  const session = startSession([main, '--sandbox', '--state-dir', stateDir], env)
  await initialize(session)
  await session.request('tools/call', { name: 'list-notes', arguments: {} })
  await session.end()
}

async function clis(): Promise<Cli[]> {
  const script = fixture('membrane.mjs')
  const node = { name: 'a small Node program', path: script, start: [process.execPath, script] }
  const binary = join(folder, 'membrane')
  try {
    await promisify(execFile)('cc', ['-O2', '-o', binary, fixture('membrane.c')])
    return [{ name: 'a tiny C program', path: binary, start: [binary] }, node]
  } catch (error) {
    skip('the tiny C program', (error as Error).message.split('\n')[0] ?? '')
    return [node]
  }
}
