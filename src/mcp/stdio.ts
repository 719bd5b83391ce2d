import { Writable } from 'node:stream'

const watchParentMs = 2000

/**
 * Returns what writes to the stdout of this process. From then on whatever else writes there goes to stderr, because a
 * host takes every line of stdout for MCP.
 */
export function claimStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write
  // A broken stdout is `hostGone`'s to notice; here it is no error, since nobody is left to be told.
  const output = new Writable({ write: (chunk, _encoding, done) => void write(chunk, () => done()) })
  // Each answer that waits for the host to read listens for that.
  return output.setMaxListeners(0)
}

/**
 * Resolves, with a word for the log, when the host is gone or wants this process to end: stdin ended, a signal came,
 * stdout broke, or the parent process changed. The SDK's transport minds none of these. Rejects with an error that
 * nobody caught, so that whoever waits here can end what is running first.
 */
export function waitForDisconnect(): Promise<string> {
  return new Promise((resolve, reject) => {
    process.stdin.once('end', () => resolve('stdin ended'))
    process.stdin.once('error', () => resolve('stdin broken'))
    process.stdin.once('close', () => resolve('stdin closed'))
    process.stdout.on('error', () => resolve('stdout closed'))
    // Not once: a second signal must not end this process before its children are ended.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve(signal))
    process.on('uncaughtException', reject)
    process.on('unhandledRejection', reject)
    const parent = process.ppid
    setInterval(() => process.ppid === parent || resolve('parent gone'), watchParentMs).unref()
  })
}
