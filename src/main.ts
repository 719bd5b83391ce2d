import { setImmediate } from 'node:timers/promises'
import packageJson from '../package.json' with { type: 'json' }
import { loadConfig } from './config/load.ts'
import { serveFlags } from './config/serve-flags.ts'
import { ExitError, UsageError } from './errors.ts'

const { name, description, version } = packageJson

/** Takes the folder of the running bundle, runs what was typed, and ends with 0 for fine, 1 failed, 2 wrong usage. */
export async function main(bundleDir: string): Promise<void> {
  process.exitCode = await run(bundleDir)
  // What is still open, such as stdin, must not keep a server alive whose host is gone.
  setTimeout(() => process.exit(), 50).unref()
}

async function run(bundleDir: string): Promise<number> {
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  const surroundings = { version, env: process.env, bundleDir, print }
  try {
    const flags = serveFlags(process.argv.slice(2))
    if (flags === undefined) {
      const { commandLine, runTyped } = await import('./cli/program.ts')
      await printing(() => runTyped(commandLine(name, description, surroundings)))
    } else {
      const { serve } = await import('./cli/serve.ts')
      await serve(await loadConfig(flags, process.env), surroundings)
    }
    return 0
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (message !== '') process.stderr.write(`${await wrapped(`${name}: ${message}`)}\n`)
    if (error instanceof ExitError) return error.exitCode
    return error instanceof UsageError ? 2 : 1
  }
}

/** Wraps an error at words where a terminal shows it; a log or a pipe gets it as it is. */
async function wrapped(text: string): Promise<string> {
  if (process.stderr.isTTY !== true) return text
  const { wrapFor } = await import('./cli/terminal/wrap.ts')
  return wrapFor(process.stderr, text)
}

/** Runs what prints, and throws an Error when what was printed is lost. A reader that has had enough, such as `head`, is no error. */
async function printing(task: () => Promise<void>): Promise<void> {
  let lost: string | undefined
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') lost = code
  })
  await task()
  // By then the stream has said what became of it.
  await setImmediate()
  if (lost !== undefined) throw new Error(`what was printed is lost (${lost}).`)
}
