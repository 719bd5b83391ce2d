import type { spawn as Spawn } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { isPastDeadline } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import { canEnter } from '../store/folders.ts'
import { closePipes, closeWhenQuiet, collect, drainMs, type PipedChild } from './process-output.ts'
import { descendantsInProc, descendantsInTable } from './process-tree.ts'

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
  /** What `ENOENT` or `EACCES` is about: spawn reports those of its working folder as if they were of the program. */
  missing?: 'program' | 'folder'
  stdout: string
  stderr: string
  milliseconds: number
}

export interface ProcessRunner {
  run(program: Program, args: readonly string[], signal: AbortSignal): Promise<ProcessResult>
  /** Starts nothing from now on, ends every running process with what it started, resolves when none is left. */
  stop(): Promise<void>
}

const killGraceMs = 500
/** When this program ends, its host waits for it and may soon kill it. */
const stopGraceMs = 30
const listDescendantsMs = 200
const windows = process.platform === 'win32'

type End = Pick<ProcessResult, 'ended' | 'exitCode' | 'code' | 'missing'>
interface RunningProcess {
  pid: number
  child: PipedChild
  ended: Promise<End>
}

/** Uses `spawn`: execa costs twice as much in time and memory (docs/architecture.md). */
export function createProcessRunner(): ProcessRunner {
  const running = new Set<RunningProcess>()
  let stopped = false

  async function run(program: Program, args: readonly string[], signal: AbortSignal): Promise<ProcessResult> {
    // Loaded with the first process: it would be a tenth of the start.
    const { spawn } = await import('node:child_process')
    signal.throwIfAborted()
    if (stopped) throw new ToolError('cancelled', 'The server is ending. Nothing was sent.')
    const start = performance.now()
    const child = startChild(spawn, program, args)
    const ended = child instanceof Error ? Promise.resolve(notStarted(child)) : endOf(child)
    if (child instanceof Error || child.pid === undefined) return withoutOutput(await ended, program)
    const current = { pid: child.pid, child, ended }
    const { end, ...output } = await follow(current, signal)
    const milliseconds = Math.round(performance.now() - start)
    if (end.exitCode !== 0 && (stopped || signal.aborted))
      return { ended: !stopped && isPastDeadline(signal) ? 'timeout' : 'cancelled', ...output, milliseconds }
    return { ...end, ...output, milliseconds }
  }

  async function follow(current: RunningProcess, signal: AbortSignal) {
    const { pid, child, ended } = current
    let isTooLarge = false
    const endNow = () => void endTree(current, killGraceMs, () => running.has(current))
    const onLimit = () => {
      isTooLarge = true
      endNow()
    }
    const [stdout, stderr] = [collect(child.stdout, onLimit), collect(child.stderr, onLimit)]
    signal.addEventListener('abort', endNow, { once: true })
    running.add(current)
    child.once('exit', () => closeWhenQuiet(child))
    const end = await ended
    signal.removeEventListener('abort', endNow)
    running.delete(current)
    // It may have left children that hold no pipe of ours.
    void killGroup(pid, 'SIGKILL')
    const tooLarge: End = { ended: 'too-large' }
    return { end: isTooLarge ? tooLarge : end, stdout: stdout(), stderr: stderr() }
  }

  async function stop() {
    // A place that becomes free by this must not be taken by the next call in the queue.
    stopped = true
    await Promise.all(
      [...running].map((current) => endTree(current, stopGraceMs, () => running.has(current))),
    )
  }

  return { run, stop }
}

async function endTree({ pid, child, ended }: RunningProcess, graceMs: number, isRunning: () => boolean) {
  // They lose their parent with the kill, and could not be found after it.
  const descendants = windows ? [] : await listDescendants(pid)
  if (isRunning()) void killGroup(pid, 'SIGTERM')
  for (const descendant of descendants) kill(descendant, 'SIGTERM')
  await Promise.race([ended, wait(graceMs)])
  for (const descendant of descendants) kill(descendant, 'SIGKILL')
  if (!isRunning()) return
  void killGroup(pid, 'SIGKILL')
  setTimeout(() => closePipes(child), drainMs).unref()
}

async function listDescendants(pid: number): Promise<number[]> {
  const listed = descendantsInProc(pid).catch(async () => {
    const { execa } = await import('execa')
    const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid='], { timeout: listDescendantsMs })
    return descendantsInTable(stdout, pid)
  })
  return Promise.race([listed.catch(() => []), wait(listDescendantsMs, [], { ref: false })])
}

async function withoutOutput(end: End, { cwd }: Program): Promise<ProcessResult> {
  const isUnclear = end.code === 'ENOENT' || end.code === 'EACCES'
  const isFolder = isUnclear && !(await canEnter(cwd))
  const missing = isFolder ? 'folder' : end.code === 'ENOENT' ? 'program' : undefined
  return { ...end, ...(missing === undefined ? {} : { missing }), stdout: '', stderr: '', milliseconds: 0 }
}

/** Returns an error where node refuses at once, such as when the arguments are too long. */
function startChild(
  spawn: typeof Spawn,
  { command, prefix, env, cwd }: Program,
  args: readonly string[],
): PipedChild | Error {
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

const endOf = (child: PipedChild) =>
  new Promise<End>((resolve) => {
    child.once('error', (error) => resolve(notStarted(error)))
    child.once('close', (exitCode, signal) =>
      resolve(
        signal === null ? { ended: 'exit', exitCode: exitCode ?? 0 } : { ended: 'signal', code: signal },
      ),
    )
  })

/** Ends a process with its group, on Windows with its tree. */
export async function killGroup(pid: number, signal: NodeJS.Signals) {
  if (!windows) return kill(-pid, signal)
  const { execa } = await import('execa')
  await execa('taskkill', ['/T', '/F', '/PID', String(pid)], { reject: false, windowsHide: true })
}

function kill(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal)
  } catch {}
}
