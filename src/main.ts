#!/usr/bin/env node
import { CommanderError } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { commandLine } from './command-line.ts'
import { UsageError } from './config.ts'
import { Exit } from './exit.ts'

const { name, description, version } = packageJson

/** Runs what was typed and returns the exit code: 0 fine, 1 failed, 2 wrong usage. */
async function main(): Promise<number> {
  // A reader that has had enough, such as `head`, is no error.
  const ignore = () => undefined
  const print = (text: string) =>
    void process.stdout.off('error', ignore).on('error', ignore).write(`${text}\n`)
  const surroundings = { version, env: process.env, folder: import.meta.dirname, print }
  try {
    await commandLine(name, description, surroundings).parseAsync()
    return 0
  } catch (error) {
    // Commander has said what is wrong itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const message = error instanceof Error ? error.message : String(error)
    if (message !== '') process.stderr.write(`${name}: ${message}\n`)
    if (error instanceof Exit) return error.exitCode
    return error instanceof UsageError ? 2 : 1
  }
}

process.exitCode = await main()
// What is still open, such as stdin, must not keep a server alive whose host is gone.
setTimeout(() => process.exit(), 50).unref()
