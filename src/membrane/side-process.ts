import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { killGroup, type Program } from './process.ts'

/** Starts a program that may outlive this one, without a shell. Returns whether it could be started. */
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
  const options = {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    detached: process.platform !== 'win32',
    maxBuffer: 1024 * 1024,
  }
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
  if (pid !== undefined) await killGroup(pid, 'SIGKILL')
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
