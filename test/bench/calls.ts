import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { quantile } from './figures.ts'
import { initialize, startSession } from './session.ts'

const main = join(import.meta.dirname, '..', '..', 'dist', 'main.js')
const bareScript = join(import.meta.dirname, 'fixtures', 'bare.mjs')
/** What the server starts for `list-notes`. */
const command = [
  'action',
  'run',
  '69e0c0ffee0000000000e005',
  '--connectionId=66b0c0ffee0000000000a001',
  '--input={}',
  '--json',
]

/** A command line interface to call through the server: what starts it, and what `--cli` is set to. */
export interface Cli {
  name: string
  path: string
  /** What stands before its arguments when it is started without the server. */
  start: readonly string[]
}

export interface Calls {
  name: string
  concurrency: number
  /** Milliseconds of the command alone, and what a call through the server takes on top of that. */
  bare: { p50: number; p95: number }
  overhead: { p50: number; p95: number }
  /** What starting the command by execa takes on top of that, without a server. */
  execa: { p50: number; p95: number }
  /** Calls a second: the command alone, and through the server. */
  rate: { bare: number; server: number }
}

/**
 * Calls `list-notes` through the server and runs the command that this starts, by turns, so many at once. The command
 * alone is started by a small process of its own; its time does not have the way to that process in it, the server's has.
 */
export async function measureCalls(
  cli: Cli,
  {
    concurrency,
    rounds,
    folder,
    env,
  }: { concurrency: number; rounds: number; folder: string; env: NodeJS.ProcessEnv },
): Promise<Calls> {
  const state = join(folder, `state-${cli.name.replace(/\W/g, '-')}`)
  const session = startSession(
    [
      main,
      '--cli',
      cli.path,
      '--state-dir',
      state,
      '--max-concurrency',
      '4',
      '--requests-per-minute',
      '100000',
    ],
    env,
  )
  const bare = startBare(['spawn', ...cli.start, ...command], env)
  const byExeca = startBare(['execa', ...cli.start, ...command], env)
  const call = async () => {
    const start = performance.now()
    const { isError, content } = await session.request('tools/call', { name: 'list-notes', arguments: {} })
    if (isError) throw new Error(JSON.stringify(content))
    return performance.now() - start
  }
  const throughServer = () => Promise.all(Array.from({ length: concurrency }, call))
  try {
    await initialize(session)
    for (let round = 0; round < 10; round++)
      await Promise.all([throughServer(), bare.run(concurrency), byExeca.run(concurrency)])
    const turns = {
      bare: () => bare.run(concurrency),
      server: throughServer,
      execa: () => byExeca.run(concurrency),
    }
    const times = { bare: [] as number[], server: [] as number[], execa: [] as number[] }
    const spent = { bare: 0, server: 0, execa: 0 }
    for (let round = 0; round < rounds; round++)
      for (const who of ['bare', 'server', 'execa'] as const) {
        const start = performance.now()
        times[who].push(...(await turns[who]()))
        spent[who] += performance.now() - start
      }
    const of = (who: keyof typeof times, share: number) => quantile(times[who], share)
    const over = (who: 'server' | 'execa') => ({
      p50: of(who, 0.5) - of('bare', 0.5),
      p95: of(who, 0.95) - of('bare', 0.95),
    })
    const rate = (who: 'bare' | 'server') => (1000 * times[who].length) / spent[who]
    return {
      name: cli.name,
      concurrency,
      bare: { p50: of('bare', 0.5), p95: of('bare', 0.95) },
      overhead: over('server'),
      execa: over('execa'),
      rate: { bare: rate('bare'), server: rate('server') },
    }
  } finally {
    bare.end()
    byExeca.end()
    await session.end()
  }
}

function startBare(args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [bareScript, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async run(count: number): Promise<number[]> {
      child.stdin.write(`${count}\n`)
      const { value } = await lines.next()
      return JSON.parse(value)
    },
    end: () => void child.stdin.end(),
  }
}
