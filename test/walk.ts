/**
 * `npm run walk [-- --verbose]`: what one warm call passes on its way through the server, by V8's coverage. A hop is a
 * function of ours on the call chain, across awaits, from the client's request to `runner.run`.
 */
import { console as inspectorConsole } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProcessRunner } from '../src/membrane/process.ts'
import { setup } from './support/harness.ts'
import { connection, liveActions } from './support/samples.ts'
import { scriptedRunner } from './support/scripted-runner.ts'

interface Frame {
  functionName: string
  url: string
  lineNumber: number
  columnNumber: number
}

/** One stack of frames, innermost first, and what it was awaited by. */
interface StackTrace {
  callFrames: Frame[]
  parent?: StackTrace
  /** Stands for a parent that has to be asked for. */
  parentId?: { id: string }
}

const src = join(import.meta.dirname, '..', 'src')
const isVerbose = process.argv.includes('--verbose')
const conversation = '6aff0158c0f0000004000001'
/** Calls by what they are; each run has another text, since equal writes are done once. */
const calls: Record<string, (run: number) => [tool: string, args: Record<string, unknown>]> = {
  'list-customers': () => ['list-customers', { pageSize: 5 }],
  'create-note': (run) => ['create-note', { conversation, body: `note ${run}` }],
  'proxy_request POST': (run) => [
    'proxy_request',
    { method: 'POST', path: '/v1/conversations', body: { name: `${run}` } },
  ],
  'run-action': (run) => [
    'run-action',
    { action: 'create-note', input: { conversation, body: `run ${run}` } },
  ],
}
/** Of a read. Thirty files run without the names beside ids; a write has three more steps to pass. */
const goals = { files: 35, hops: 25, writeHops: 28, once: 1 }

/** The path of a file of ours below src, or undefined. */
function ours(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined
  const path = relative(src, fileURLToPath(url))
  return path.startsWith('..') || isAbsolute(path) ? undefined : path
}

async function chainOf(trace: StackTrace): Promise<string[]> {
  const frames: string[] = []
  for (let part: StackTrace | undefined = trace; part !== undefined; part = await parentOf(part)) {
    for (const { functionName, url, lineNumber, columnNumber } of part.callFrames) {
      const file = ours(url)
      // Where an async function goes on after an await, it stands in both stacks.
      const name = `${functionName || `(${lineNumber + 1}:${columnNumber})`} ${file}`
      if (file !== undefined && name !== frames.at(-1)) frames.push(name)
    }
  }
  return [...new Set(frames.reverse())]
}

async function parentOf({ parent, parentId }: StackTrace): Promise<StackTrace | undefined> {
  if (parentId === undefined) return parent
  // The types of node say that this command returns nothing.
  const answer: unknown = await session.post('Debugger.getStackTrace' as string, { stackTraceId: parentId })
  return (answer as { stackTrace: StackTrace }).stackTrace
}

const session = new Session()
session.connect()
let atSpawn: Promise<string[]> | undefined
session.on('Runtime.consoleAPICalled', ({ params }) => {
  atSpawn ??= chainOf(params.stackTrace as StackTrace)
})
await session.post('Runtime.enable')
await session.post('Debugger.enable')
await session.post('Debugger.setAsyncCallStackDepth', { maxDepth: 500 })
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })

const scripted = scriptedRunner({ connections: [connection], actions: liveActions })
const runner: ProcessRunner = {
  stop: scripted.stop,
  run(...args) {
    inspectorConsole.debug('spawn')
    return scripted.run(...args)
  },
}
const ends: (() => Promise<void>)[] = []
const server = await setup({ runner, onEnd: (end) => ends.unshift(end) })

async function walk(tool: string, args: Record<string, unknown>) {
  await session.post('Profiler.takePreciseCoverage')
  atSpawn = undefined
  const { isError, text } = await server.call(tool, args)
  if (isError) throw new Error(text)
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const executed = result.flatMap(({ url, functions }) => {
    const file = ours(url)
    if (file === undefined) return []
    return functions
      .map(({ functionName, ranges: [range] }) => ({ file, name: functionName, count: range?.count ?? 0 }))
      .filter(({ name, count }) => count > 0 && name !== '__name')
  })
  const times = (path: string, wanted: string) =>
    executed.find(({ file, name }) => file === path && name === wanted)?.count ?? 0
  return {
    files: [...new Set(executed.map(({ file }) => file))].sort(),
    functions: executed.length,
    hops: (await atSpawn) ?? [],
    lookUps: times(join('catalog', 'catalog.ts'), 'get'),
    checkPath: times(join('kustomer', 'proxy-checks.ts'), 'checkPath'),
  }
}

const missed: string[] = []
const check = (label: string, what: string, figure: number, goal: number) => {
  if (figure > goal) missed.push(`${label}: ${figure} ${what}, the goal is ${goal}.`)
}
const print = (text: string) => void process.stdout.write(`${text}\n`)
print('call                  files  functions  hops  catalog.get  checkPath')
for (const [label, call] of Object.entries(calls)) {
  for (const run of [1, 2]) await walk(...call(run))
  const { files, functions, hops, lookUps, checkPath } = await walk(...call(3))
  const figures = [
    [files.length, 7],
    [functions, 11],
    [hops.length, 6],
    [lookUps, 13],
    [checkPath, 11],
  ].map(([figure = 0, width = 0]) => String(figure).padStart(width))
  print(`${label.padEnd(20)}${figures.join('')}`)
  if (isVerbose) print(`  ${[...files, '', ...hops].join('\n  ')}`)
  const isRead = label === 'list-customers'
  if (isRead) check(label, 'files', files.length, goals.files)
  check(label, 'hops', hops.length, isRead ? goals.hops : goals.writeHops)
  check(label, 'look-ups of the action', lookUps, goals.once)
  check(label, 'checks of the path', checkPath, goals.once)
}
for (const line of missed) print(line)
if (missed.length > 0) process.exitCode = 1
for (const end of ends) await end()
session.disconnect()
