import pLimit from 'p-limit'
import { ToolError } from '../errors.ts'
import type { Cache } from '../store/cache.ts'
import { tryLock, type Unlock } from '../store/file-lock.ts'
import { createDoubts, type Doubt } from './doubts.ts'
import { createJoinedRuns } from './joined-runs.ts'

/** Remembers writes whose outcome is not known, across restarts, so that a repetition is not a second write by accident. */
export interface WriteMemory {
  /**
   * Runs a write. An identical one that is under way is joined, not sent again; in another server, it is held back. One
   * whose last attempt ended in `outcome-unknown`, or whose answer somebody did not hear, is held back once, with a
   * Failure of that reason, and goes through when it is asked again.
   */
  run<T>(digest: string, write: (signal: AbortSignal) => Promise<T>, caller: WriteCaller): Promise<T>
  /** Says that whoever asks has heard every answer so far. Never rejects. */
  heard(): Promise<void>
}

/** Who asks for a write. */
export interface WriteCaller {
  /** Ends the write, when all who asked for it have given up. */
  signal: AbortSignal
  /** Aborts when the host gave the call up, be it after the answer was sent: the two cross on their way. */
  unheard: AbortSignal
}

export interface WriteMemoryOptions {
  cache: Cache
  /** Where servers of this machine say which writes they are sending. */
  folder: string
  /** Keeps what is remembered apart from that of other connections. */
  scope: string
  now?: () => number
}

/**
 * Takes where to keep what is remembered and returns the memory. Why an answer that was sent may still leave a doubt:
 * a host that gives a call up sees nothing of an answer that was on its way by then, and asks for the same write again.
 * Its word that it gave up comes before that second request, in the same pipe; so a doubt that was settled is opened
 * again by that word, and two writes that a host meant as two, each with its answer heard, still go through.
 */
export function createWriteMemory({ cache, folder, scope, now = Date.now }: WriteMemoryOptions): WriteMemory {
  const join = createJoinedRuns()
  const doubts = createDoubts(cache, scope, now)
  // One after the other, so that writes go on to the CLI in the order in which they came.
  const inOrder = pLimit(1)

  /** Lets a write begin: returns the doubt that stands from now on, and what ends the claim on it. */
  async function admit(digest: string): Promise<{ doubt: Doubt; release: Unlock }> {
    // Where nothing can be written, there is no other server to be told either.
    const release = await tryLock(folder, `${scope}|${digest}`).catch(() => async () => undefined)
    const earlier = await doubts.read(digest)
    if (release === undefined) {
      if (earlier !== undefined) await doubts.hold(digest, earlier, false)
      throw heldBack('The same write is being sent by another server at this moment')
    }
    if (earlier === undefined || earlier.held) return { doubt: await doubts.open(digest), release }
    await doubts.hold(digest, earlier, true)
    await release()
    const minutes = Math.round((now() - earlier.at) / 60_000)
    const when = minutes < 1 ? 'less than a minute' : `about ${minutes} min`
    throw heldBack(`The same write was sent ${when} ago and its outcome is not known`)
  }

  return {
    heard: doubts.heard,
    run<T>(digest: string, write: (signal: AbortSignal) => Promise<T>, { signal, unheard }: WriteCaller) {
      const task = async (shared: AbortSignal) => {
        const { doubt, release } = await inOrder(() => admit(digest))
        try {
          const value = await write(shared)
          doubts.settle(digest, doubt)
          return { value, doubt }
        } catch (error) {
          if (error instanceof ToolError && error.reason !== 'outcome-unknown') doubts.settle(digest, doubt)
          throw error
        } finally {
          await release()
        }
      }
      const { answer, end } = join(digest, signal, task)
      const isAnswered = answer.then(
        () => true,
        () => false,
      )
      end
        .then(async ({ doubt }) => {
          const reopen = () => doubts.reopen(digest, doubt)
          if (await isAnswered) whenAborted(unheard, reopen)
          else reopen()
        })
        .catch(() => undefined)
      return answer.then(({ value }) => value)
    },
  }
}

const heldBack = (why: string) =>
  new ToolError(
    'outcome-unknown',
    `${why}, so it was not sent again. If the record shows that it was not done, call once more with the same arguments.`,
  )

function whenAborted(signal: AbortSignal, then: () => void) {
  if (signal.aborted) then()
  else signal.addEventListener('abort', then, { once: true })
}
