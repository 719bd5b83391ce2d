import { ToolError } from '../errors.ts'

/** Twice at the most: the service has tried what it could already (vendor documentation). */
const backoff = { retries: 2, minTimeout: 300, factor: 3, randomize: true }

/**
 * A read is asked again after a short wait when the way or the service failed; a write never. When the deadline comes,
 * the last attempt that came to an end is what counts, whichever end that was.
 */
export async function withRetry<T>(
  once: () => Promise<T>,
  signal: AbortSignal,
  shouldRetry: (error: unknown) => boolean = isTransient,
): Promise<T> {
  let last: Promise<T> | undefined
  const attempt = () => {
    const made = once()
    const ended = () => {
      last = made
    }
    made.then(ended, ended)
    return made
  }
  const { default: pRetry } = await import('p-retry')
  try {
    return await pRetry(attempt, { ...backoff, signal, shouldRetry: ({ error }) => shouldRetry(error) })
  } catch (error) {
    if (last === undefined) throw error
    return last
  }
}

/** Whether the same read may well succeed a moment later. */
export const isTransient = (error: unknown) =>
  error instanceof ToolError && (error.reason === 'network' || (error.status ?? 0) >= 500)
