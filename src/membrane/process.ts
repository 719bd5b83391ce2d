import { setTimeout } from 'node:timers/promises'
import type { Subprocess } from 'execa'
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
 * process group of its own, so that ending a call ends what its process started too.
 */
export function createProcessRunner(): ProcessRunner {
  const running = new Map<number, Subprocess>()
  let stopped = false

  async function run(program: Program, args: readonly string[], signal: AbortSignal): Promise<ProcessResult> {
    // Loaded at the first call: a host that only lists the tools need not wait for it.
    const { execa } = await import('execa')
    signal.throwIfAborted()
    if (stopped) return { ended: 'cancelled', stdout: '', stderr: '', milliseconds: 0 }
    const child = execa(program.command, [...program.prefix, ...args], {
      cwd: program.cwd,
      env: program.env,
      extendEnv: false,
      stdin: 'ignore',
      detached: !windows,
      cleanup: false,
      reject: false,
      windowsHide: true,
      stripFinalNewline: false,
      maxBuffer: outputLimit,
    })
    const { pid } = child
    const onAbort = () => void endTree(pid, killGraceMs)
    signal.addEventListener('abort', onAbort, { once: true })
    if (pid !== undefined) running.set(pid, child)
    child.once('exit', () => void closePipes(child))
    const result = await child
    signal.removeEventListener('abort', onAbort)
    if (pid !== undefined) {
      running.delete(pid)
      // It may have left children that hold no pipe of ours.
      void killTree(pid, 'SIGKILL')
    }
    const output = {
      stdout: result.stdout ?? '',
      stderr: result.stderr ?? '',
      milliseconds: Math.round(result.durationMs),
    }
    const { exitCode } = result
    if (stopped && exitCode !== 0) return { ended: 'cancelled', ...output }
    if (signal.aborted && exitCode !== 0)
      return { ended: isPastDeadline(signal) ? 'timeout' : 'cancelled', ...output }
    if (result.isMaxBuffer) return { ended: 'too-large', ...output }
    if (exitCode !== undefined) return { ended: 'exit', exitCode, ...output }
    if (result.signal !== undefined) return { ended: 'signal', code: result.signal, ...output }
    return { ended: 'not-started', code: result.code ?? 'unknown', ...output }
  }

  async function endTree(pid: number | undefined, graceMs: number) {
    const child = pid === undefined ? undefined : running.get(pid)
    if (pid === undefined || child === undefined) return
    void killTree(pid, 'SIGTERM')
    await Promise.race([child, setTimeout(graceMs)])
    if (!running.has(pid)) return
    void killTree(pid, 'SIGKILL')
    void closePipes(child)
  }

  /** A descendant may hold the pipes open for as long as it likes; what the CLI itself wrote has been read by then. */
  async function closePipes(child: Subprocess) {
    await setTimeout(drainMs, undefined, { ref: false })
    child.stdout?.destroy()
    child.stderr?.destroy()
  }

  async function stop() {
    // A place that becomes free by this must not be taken by the next call in the queue.
    stopped = true
    await Promise.all([...running.keys()].map((pid) => endTree(pid, stopGraceMs)))
  }

  return { run, stop }
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
export async function startApart(
  { command, prefix, env, cwd }: Program,
  args: readonly string[],
): Promise<boolean> {
  const { execa } = await import('execa')
  const options = { cwd, env, extendEnv: false, stdio: 'ignore', detached: true, cleanup: false } as const
  const child = execa(command, [...prefix, ...args], { ...options, reject: false })
  child.unref()
  return child.pid !== undefined
}
