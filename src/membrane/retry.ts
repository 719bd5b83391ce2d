import { ToolError } from '../errors.ts'

/** Two retries at most: the service has its own (vendor documentation). */
const backoff = { retries: 2, minTimeout: 300, factor: 3, randomize: true }

/** Retries a read with backoff. At the deadline, the outcome of the last attempt that ended counts. */
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

/** 501 says that it will never be answered. */
export const isTransient = (error: unknown) =>
  error instanceof ToolError &&
  (error.reason === 'network' || ((error.status ?? 0) >= 500 && error.status !== 501))
