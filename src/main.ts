import './config/zod-without-eval.ts'
import { setImmediate } from 'node:timers/promises'
import packageJson from '../package.json' with { type: 'json' }
import { serve } from './cli/serve.ts'
import { loadConfig } from './config/load.ts'
import { serveFlags } from './config/serve-flags.ts'
import { ExitError, UsageError } from './errors.ts'

const { name, description, version } = packageJson

/** Runs what was typed, and ends with 0 for fine, 1 failed, 2 wrong usage. */
export async function main(bundleDir: string): Promise<void> {
  process.exitCode = await run(bundleDir)
  // What is still open, such as stdin, must not keep a server alive whose host is gone.
  setTimeout(() => process.exit(), 50).unref()
}

async function run(bundleDir: string): Promise<number> {
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  const runtime = { version, env: process.env, bundleDir, print }
  try {
    const flags = serveFlags(process.argv.slice(2))
    if (flags === undefined) {
      const { commandLine, runTyped } = await import('./cli/program.ts')
      await printing(() => runTyped(commandLine(name, description, runtime)))
    } else {
      await serve(await loadConfig(flags, process.env), runtime)
    }
    return 0
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (message !== '') process.stderr.write(`${await wrapped(`${name}: ${message}`)}\n`)
    if (error instanceof ExitError) return error.exitCode
    return error instanceof UsageError ? 2 : 1
  }
}

/** Wraps an error at words where a terminal shows it. */
async function wrapped(text: string): Promise<string> {
  if (process.stderr.isTTY !== true) return text
  const { wrapFor } = await import('./cli/terminal/wrap.ts')
  return wrapFor(process.stderr, text)
}

/** Runs a task that prints. Throws when stdout could not be written, except to a reader that has gone, such as `head`. */
async function printing(task: () => Promise<void>): Promise<void> {
  let failure: string | undefined
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') failure = code
  })
  await task()
  // The stream reports a failed write by then.
  await setImmediate()
  if (failure !== undefined) throw new Error(`Could not write to stdout (${failure}).`)
}
