import { isPastDeadline } from '../../src/async/deadline.ts'
import { ToolError } from '../../src/errors.ts'
import type { ProcessResult, ProcessRunner } from '../../src/membrane/process.ts'
import { faultFor, standardAnswer, stdoutOf } from '../fixtures/scripted-cli.cjs'

/** What the stand-in for the CLI does; its members are described in fixtures/scripted-cli.cjs. */
export interface Plan {
  dialect?: 'old' | 'new' | 'mixed'
  connections?: object[]
  actions?: object[]
  body?: object
  seed?: number
  faults?: ({ when?: string; has?: string } & Record<string, unknown>)[]
}

export interface Recorded {
  argv: string[]
  env: string[]
  cwd: string
  /** When it began, milliseconds since 1970. */
  at: number
}

export interface ScriptedRunner extends ProcessRunner {
  /** Every call so far. */
  calls: Recorded[]
  plan: Plan
  /** Calls in progress. */
  running: () => number
}

const longestTimer = 2 ** 31 - 1
/** The most that a real runner keeps of each stream. */
const outputLimit = 32 * 1024 * 1024

/** A process runner that answers from a plan. It ends calls as the real one does, without starting a process. */
export function scriptedRunner(plan: Plan): ScriptedRunner {
  const uses = new Map<number, number>()
  const stopping = new AbortController()
  let running = 0
  const isSpent = (index: number, times: number) => {
    const used = uses.get(index) ?? 0
    uses.set(index, used + 1)
    return used >= times
  }
  const self: ScriptedRunner = {
    plan,
    calls: [],
    running: () => running,
    async run({ env, cwd }, args, signal) {
      signal.throwIfAborted()
      if (stopping.signal.aborted) throw new ToolError('cancelled', 'The server is ending. Nothing was sent.')
      self.calls.push({ argv: [...args], env: Object.keys(env).sort(), cwd, at: Date.now() })
      const fault = faultFor(self.plan, args, isSpent)
      const standard = () => standardAnswer(self.plan, args)
      running++
      const start = performance.now()
      const end = await behave(
        fault === undefined || fault['standard'] ? { ...standard(), ...fault } : fault,
        signal,
      )
      running--
      return { ...end, milliseconds: Math.round(performance.now() - start) }
    },
    async stop() {
      stopping.abort()
      // The calls that this ends have been answered by then.
      await new Promise((resolve) => setImmediate(resolve))
    },
  }

  async function behave(
    behaviour: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<Omit<ProcessResult, 'milliseconds'>> {
    const { delayMs = 0, hang = false, exit = 0, stderr = '', repeat = 1, everyMs = 0 } = behaviour
    const killed = AbortSignal.any([signal, stopping.signal])
    const waitMs = Number(delayMs) + (everyMs ? Number(repeat) * Number(everyMs) : 0)
    const isEndless = hang || waitMs > longestTimer
    const isKilled = isEndless || waitMs > 0 ? await waitFor(isEndless ? Infinity : waitMs, killed) : false
    const once = stdoutOf(behaviour)
    const isTooLarge = once.length * Number(repeat) > outputLimit
    const stdout =
      isKilled && !hang ? '' : isTooLarge ? once.toString() : once.toString().repeat(Number(repeat))
    const streams = { stdout, stderr: isKilled && !hang ? '' : String(stderr) }
    if (isKilled) return { ended: isPastDeadline(signal) ? 'timeout' : 'cancelled', ...streams }
    if (isTooLarge) return { ended: 'too-large', ...streams }
    if (behaviour['signal']) return { ended: 'signal', code: String(behaviour['signal']), ...streams }
    return { ended: 'exit', exitCode: Number(exit), ...streams }
  }
  return self
}

/** Resolves with whether the signal came first. */
function waitFor(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(true)
    const timer = ms === Infinity ? undefined : setTimeout(() => resolve(false), ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
