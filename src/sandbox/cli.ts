import { fstat } from 'node:fs'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import { appendLine } from './ledger.ts'
import { runProgram } from './program.ts'
import { readSettings, SettingsError } from './settings.ts'

/** Runs the program with the arguments and the environment of this process. */
async function main(argv: readonly string[]): Promise<void> {
  const settings = readSettings(process.env)
  if (settings.record !== undefined) await record(argv, settings.record)
  const { stdout, stderr, exitCode } = await runProgram(argv, settings)
  process.stderr.write(stderr)
  process.stdout.write(stdout)
  process.exitCode = exitCode
}

/** Appends how this process was started, for tests. */
async function record(argv: readonly string[], file: string): Promise<void> {
  const entry = {
    argv,
    cwd: process.cwd(),
    home: process.env['HOME'],
    stdin: await stdinState(),
    envNames: Object.keys(process.env).sort(),
    pid: process.pid,
    at: Date.now(),
  }
  await appendLine(file, JSON.stringify(entry))
}

/** Whether input may still come: from a pipe or a terminal, not from /dev/null or a closed descriptor. */
async function stdinState(): Promise<'closed' | 'open'> {
  try {
    const stats = await promisify(fstat)(0)
    if (stats.isFIFO() || stats.isSocket() || isatty(0)) return 'open'
  } catch {}
  return 'closed'
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isOurs = error instanceof SettingsError
  process.stderr.write(`${isOurs ? error.message : `Sandbox failure: ${String(error)}`}\n`)
  process.exitCode = 1
})
