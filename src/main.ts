#!/usr/bin/env node
import packageJson from '../package.json' with { type: 'json' }
import { loadConfig, UsageError } from './config.ts'
import { Exit } from './exit.ts'
import { serveFlags } from './serve-flags.ts'

const { name, description, version } = packageJson

/** Runs what was typed and returns the exit code: 0 fine, 1 failed, 2 wrong usage. */
async function main(): Promise<number> {
  // A reader that has had enough, such as `head`, is no error.
  const ignore = () => undefined
  const print = (text: string) =>
    void process.stdout.off('error', ignore).on('error', ignore).write(`${text}\n`)
  const surroundings = { version, env: process.env, folder: import.meta.dirname, print }
  try {
    const flags = serveFlags(process.argv.slice(2))
    if (flags === undefined) {
      const { commandLine, runTyped } = await import('./command-line.ts')
      await runTyped(commandLine(name, description, surroundings))
    } else {
      const { serve } = await import('./commands/serve.ts')
      await serve(await loadConfig(flags, process.env), surroundings)
    }
    return 0
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (message !== '') process.stderr.write(`${name}: ${message}\n`)
    if (error instanceof Exit) return error.exitCode
    return error instanceof UsageError ? 2 : 1
  }
}

process.exitCode = await main()
// What is still open, such as stdin, must not keep a server alive whose host is gone.
setTimeout(() => process.exit(), 50).unref()
