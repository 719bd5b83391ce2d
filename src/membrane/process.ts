import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { isPastDeadline } from '../deadline.ts'

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

/** Characters of each stream that are kept; Membrane's own answers end at 30 MB (vendor documentation). */
const outputLimit = 32 * 1024 * 1024
const killGraceMs = 500
/** When this program ends, its host waits for it and may soon kill it. */
const stopGraceMs = 30
/** How long what is left in a pipe may take to be read when the process has ended. */
const drainMs = 500
const windows = process.platform === 'win32'

/**
 * Returns the one thing in this program that starts processes: without a shell, with stdin closed, each in a
 * process group of its own, so that ending a call ends what its process started too. It is node's own `spawn`: a
 * library around it costs every call 2 ms and every start 40.
 */
export function createProcessRunner(): ProcessRunner {
  const running = new Map<number, { child: ChildProcess; end: Promise<End> }>()
  let stopped = false

  async function run(program: Program, args: readonly string[], signal: AbortSignal): Promise<ProcessResult> {
    if (stopped) return { ended: 'cancelled', ...nothing }
    const start = performance.now()
    const child = startChild(program, args)
    if (typeof child === 'string') return { ended: 'not-started', code: child, ...nothing }
    const { pid } = child
    const end = endOf(child)
    if (pid !== undefined) running.set(pid, { child, end })
    const giveUp = () => void endTree(pid, killGraceMs)
    signal.addEventListener('abort', giveUp, { once: true })
    const [stdout, stderr] = [keep(child.stdout, giveUp), keep(child.stderr, giveUp)]
    const { exitCode, code } = await end
    signal.removeEventListener('abort', giveUp)
    if (pid === undefined) return { ended: 'not-started', code: code ?? 'unknown', ...nothing }
    running.delete(pid)
    // Whatever ended abnormally may have left children that hold no pipe of ours.
    if (exitCode === undefined) killTree(pid, 'SIGKILL')
    const milliseconds = Math.round(performance.now() - start)
    const output = { stdout: stdout.text, stderr: stderr.text, milliseconds }
    if (stopped && exitCode !== 0) return { ended: 'cancelled', ...output }
    if (signal.aborted && exitCode !== 0)
      return { ended: isPastDeadline(signal) ? 'timeout' : 'cancelled', ...output }
    if (stdout.isCut || stderr.isCut) return { ended: 'too-large', ...output }
    if (exitCode !== undefined) return { ended: 'exit', exitCode, ...output }
    return { ended: 'signal', code: code ?? 'unknown', ...output }
  }

  async function endTree(pid: number | undefined, graceMs: number) {
    const process = pid === undefined ? undefined : running.get(pid)
    if (pid === undefined || process === undefined) return
    killTree(pid, 'SIGTERM')
    await Promise.race([process.end, setTimeout(graceMs)])
    if (!running.has(pid)) return
    killTree(pid, 'SIGKILL')
    void closePipes(process.child)
  }

  async function stop() {
    // A place that becomes free by this must not be taken by the next call in the queue.
    stopped = true
    await Promise.all([...running.keys()].map((pid) => endTree(pid, stopGraceMs)))
  }

  return { run, stop }
}

const nothing = { stdout: '', stderr: '', milliseconds: 0 }

/** Returns the process, or the code of why there is none: what the system cannot take at all is thrown. */
function startChild({ command, prefix, env, cwd }: Program, args: readonly string[]): ChildProcess | string {
  try {
    return spawn(command, [...prefix, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !windows,
      windowsHide: true,
    })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

interface End {
  exitCode?: number
  code?: string | undefined
}

/** Resolves when a process has ended and its pipes are read, or at once when it did not start. */
const endOf = (child: ChildProcess): Promise<End> =>
  new Promise((resolve) => {
    child.on('error', ({ code }: NodeJS.ErrnoException) => child.pid === undefined && resolve({ code }))
    child.once('exit', () => void closePipes(child))
    child.once('close', (exitCode, signal) =>
      resolve(exitCode === null ? { code: signal ?? undefined } : { exitCode }),
    )
  })

/** Keeps what a stream brings, and calls `onTooMuch` when that is more than may be kept. */
function keep(stream: Readable | null, onTooMuch: () => void): { text: string; isCut: boolean } {
  const kept = { text: '', isCut: false }
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    if (kept.isCut) return
    kept.text += chunk
    kept.isCut = kept.text.length > outputLimit
    if (kept.isCut) onTooMuch()
  })
  return kept
}

/** A descendant may hold the pipes open for as long as it likes; what the CLI itself wrote has been read by then. */
async function closePipes({ stdout, stderr }: ChildProcess) {
  await setTimeout(drainMs, undefined, { ref: false })
  stdout?.destroy()
  stderr?.destroy()
}

function killTree(pid: number, signal: NodeJS.Signals) {
  if (windows) {
    const args = ['/T', '/F', '/PID', String(pid)]
    spawn('taskkill', args, { stdio: 'ignore', windowsHide: true }).on('error', () => undefined)
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
export function startApart(
  { command, prefix, env, cwd }: Program,
  args: readonly string[],
): Promise<boolean> {
  const child = spawn(command, [...prefix, ...args], { cwd, env, stdio: 'ignore', detached: true })
  child.unref()
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(true))
    child.once('error', () => resolve(false))
  })
}
