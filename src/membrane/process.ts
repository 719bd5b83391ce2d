import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { isPastDeadline } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'

/** A program to start: an executable, what always stands before its arguments, its environment and folder. */
export interface Program {
  command: string
  prefix: readonly string[]
  env: Readonly<Record<string, string>>
  cwd: string
}

/** How a process ended. Never carries the command line. */
export interface ProcessResult {
  ended: 'exit' | 'signal' | 'timeout' | 'cancelled' | 'too-large' | 'not-started'
  exitCode?: number
  /** The signal that ended it, or the system's code for why it did not start, such as `ENOENT`. */
  code?: string
  stdout: string
  stderr: string
  milliseconds: number
}

export interface ProcessRunner {
  run(program: Program, args: readonly string[], signal: AbortSignal): Promise<ProcessResult>
  /** Starts nothing from now on, ends every running process with what it started, resolves when none is left. */
  stop(): Promise<void>
}

/** Bytes of each stream that are kept; Membrane's own answers end at 30 MB (vendor documentation). */
const outputLimit = 32 * 1024 * 1024
const killGraceMs = 500
/** When this program ends, its host waits for it and may soon kill it. */
const stopGraceMs = 30
/** How long the pipes of a process that has ended are listened to when nothing comes any more. */
const drainMs = 500
const windows = process.platform === 'win32'

type Child = ChildProcessByStdio<null, Readable, Readable>
type End = Pick<ProcessResult, 'ended' | 'exitCode' | 'code'>

/**
 * Returns the one thing in this program that starts processes: without a shell, with stdin closed, each in a
 * process group of its own, so that ending a call ends what its process started too. By node's own `spawn`: a call
 * through execa costs about twice as much on top of the CLI, in time and in memory (docs/architecture.md).
 */
export function createProcessRunner(): ProcessRunner {
  const running = new Map<number, { child: Child; ended: Promise<End> }>()
  let stopped = false

  async function run(program: Program, args: readonly string[], signal: AbortSignal): Promise<ProcessResult> {
    signal.throwIfAborted()
    const nothing = { stdout: '', stderr: '', milliseconds: 0 }
    if (stopped) throw new ToolError('cancelled', 'The server is ending. Nothing was sent.')
    const start = performance.now()
    const child = startChild(program, args)
    if (child instanceof Error) return { ...notStarted(child), ...nothing }
    const ended = endOf(child)
    const { pid } = child
    // Then it has no pipes either, and says why in a moment.
    if (pid === undefined) return { ...(await ended), ...nothing }
    let isTooLarge = false
    const onLimit = () => {
      isTooLarge = true
      void endTree(pid, killGraceMs)
    }
    const [stdout, stderr] = [collect(child.stdout, onLimit), collect(child.stderr, onLimit)]
    const onAbort = () => void endTree(pid, killGraceMs)
    signal.addEventListener('abort', onAbort, { once: true })
    running.set(pid, { child, ended })
    child.once('exit', () => closeWhenQuiet(child))
    const end = await ended
    signal.removeEventListener('abort', onAbort)
    running.delete(pid)
    // It may have left children that hold no pipe of ours.
    void killTree(pid, 'SIGKILL')
    const output = {
      stdout: stdout(),
      stderr: stderr(),
      milliseconds: Math.round(performance.now() - start),
    }
    if (stopped && end.exitCode !== 0) return { ended: 'cancelled', ...output }
    if (signal.aborted && end.exitCode !== 0)
      return { ended: isPastDeadline(signal) ? 'timeout' : 'cancelled', ...output }
    return { ...(isTooLarge ? { ended: 'too-large' } : end), ...output }
  }

  async function endTree(pid: number, graceMs: number) {
    const known = running.get(pid)
    if (known === undefined) return
    void killTree(pid, 'SIGTERM')
    await Promise.race([known.ended, wait(graceMs)])
    if (!running.has(pid)) return
    void killTree(pid, 'SIGKILL')
    setTimeout(() => closePipes(known.child), drainMs).unref()
  }

  async function stop() {
    // A place that becomes free by this must not be taken by the next call in the queue.
    stopped = true
    await Promise.all([...running.keys()].map((pid) => endTree(pid, stopGraceMs)))
  }

  return { run, stop }
}

/** Returns the child, or the error of a start that node refused at once, such as of arguments that are too long. */
function startChild({ command, prefix, env, cwd }: Program, args: readonly string[]): Child | Error {
  try {
    return spawn(command, [...prefix, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !windows,
      windowsHide: true,
    })
  } catch (error) {
    return error as Error
  }
}

const notStarted = (error: NodeJS.ErrnoException): End => ({
  ended: 'not-started',
  code: error.code ?? 'unknown',
})

/** Resolves when the process has ended and its pipes are closed. */
const endOf = (child: Child) =>
  new Promise<End>((resolve) => {
    child.once('error', (error) => resolve(notStarted(error)))
    child.once('close', (exitCode, signal) =>
      resolve(
        signal === null ? { ended: 'exit', exitCode: exitCode ?? 0 } : { ended: 'signal', code: signal },
      ),
    )
  })

function closePipes({ stdout, stderr }: Child): void {
  stdout.destroy()
  stderr.destroy()
}

/**
 * Closes the pipes of a process that has ended when nothing has come for a while: a descendant may hold them open for
 * as long as it likes, and what the process itself wrote has been read by then. On a busy machine that may take longer
 * than the while: so the clock starts anew with all that comes, and what is there to be read when it ends is read first.
 */
function closeWhenQuiet(child: Child): void {
  let isQuiet = true
  const clock = setTimeout(() => {
    isQuiet = true
    setImmediate(() => isQuiet && closePipes(child))
  }, drainMs).unref()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', () => {
      isQuiet = false
      clock.refresh()
    })
  child.once('close', () => clearTimeout(clock))
}

/** Keeps what a stream says up to the limit, tells when there is more, and returns what gives the text. */
function collect(stream: Readable, onLimit: () => void): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= outputLimit) chunks.push(chunk)
    else if (size - chunk.length <= outputLimit) onLimit()
  })
  // A pipe that breaks is closed, and what has been read of it counts.
  stream.on('error', () => undefined)
  return () => Buffer.concat(chunks).toString()
}

async function killTree(pid: number, signal: NodeJS.Signals) {
  if (windows) {
    const { execa } = await import('execa')
    await execa('taskkill', ['/T', '/F', '/PID', String(pid)], { reject: false, windowsHide: true })
    return
  }
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: the whole group is gone already.
  }
}

/**
 * Takes a program and its arguments and starts it for good, without a shell: it may live longer than we do, and nothing
 * of it is read. Returns whether it could be started.
 */
export async function spawnDetached(
  { command, prefix, env, cwd }: Program,
  args: readonly string[],
): Promise<boolean> {
  const { execa } = await import('execa')
  const options = { cwd, env, extendEnv: false, stdio: 'ignore', detached: true, cleanup: false } as const
  const child = execa(command, [...prefix, ...args], { ...options, reject: false })
  child.unref()
  return child.pid !== undefined
}

/** What a program made of one line on its stdin. */
export interface LineExchange {
  /** Its first line on stdout; undefined when it ended, or ran out of time, without one. */
  answer: string | undefined
  stderr: string
  exitCode?: number | undefined
  /** The system's code for why it did not start, such as `ENOENT`. */
  code?: string | undefined
  timedOut: boolean
}

const exchangeGraceMs = 2000

/** Starts a program, writes one line to its stdin, waits for one line of stdout, and ends it with what it started. */
export async function exchangeLine(program: Program, line: string, limitMs: number): Promise<LineExchange> {
  const { command, prefix, env, cwd } = program
  const { execa } = await import('execa')
  const options = { cwd, env, extendEnv: false, reject: false, detached: !windows, maxBuffer: 1024 * 1024 }
  const child = execa(command, [...prefix], { ...options, windowsHide: true, cleanup: false })
  const { pid } = child
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${line}\n`)
  const ended = child.then((result) => result)
  const late = new AbortController()
  const clock = (ms: number) => wait(ms, undefined, { signal: late.signal }).catch(() => undefined)
  let timedOut = false
  const answer = await Promise.race([
    firstLine(child.stdout),
    ended.then(() => undefined),
    clock(limitMs).then(() => {
      timedOut = true
      return undefined
    }),
  ])
  child.stdin.end()
  if (!timedOut) await Promise.race([ended, clock(exchangeGraceMs)])
  late.abort()
  if (pid !== undefined) await killTree(pid, 'SIGKILL')
  const { stderr, exitCode, code } = await ended
  return { answer, stderr, exitCode, code, timedOut }
}

function firstLine(stream: Readable): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const end = text.indexOf('\n')
      if (end !== -1) resolve(text.slice(0, end))
    })
  })
}
