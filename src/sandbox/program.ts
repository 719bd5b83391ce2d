import { type Arguments, isSet, readArguments, UsageError } from './arguments.ts'
import { type CommandEntry, commandsOf } from './commands.ts'
import { globalFlags } from './flags.ts'
import { commandHelp, programHelp } from './help.ts'
import { createLedger } from './ledger.ts'
import { CommandError, type Context, type Outcome, printed } from './outcome.ts'
import { createRunLog } from './run-log.ts'
import type { Dialect, Settings } from './settings.ts'
import { openStore, type Store } from './store.ts'

/** Versions of the real CLI that spoke these dialects (its documentation and field reports). */
const versions: Readonly<Record<Dialect, string>> = { old: '1.9.2', new: '1.18.3' }

/**
 * Runs one command line and returns what it prints. Calls may run in parallel in one process; those that share a store
 * read the data again only after it changed. Throws only for a mistake of this program.
 */
export async function runProgram(
  argv: readonly string[],
  settings: Settings,
  store: Store = openStore(settings.folder, settings.start),
): Promise<Outcome> {
  const commands = commandsOf(settings.dialect)
  try {
    return await runCommand(readArguments(argv), commands, settings, store)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { stdout: '', stderr: `${error.message}\n\n${programHelp(commands)}\n`, exitCode: 1 }
  }
}

async function runCommand(
  args: Arguments,
  commands: readonly CommandEntry[],
  settings: Settings,
  store: Store,
): Promise<Outcome> {
  if (isSet(args, 'version')) return printedText(versions[settings.dialect])
  if (isSet(args, 'help')) return printedText(helpFor(args, commands))
  if (args.positionals.length === 0) throw new UsageError('A command is missing.')
  const entry = commands.find(({ name }) => startsWith(args, name))
  if (entry === undefined) throw new UsageError(`Unknown command: ${args.positionals.slice(0, 2).join(' ')}`)
  const { name, deprecated, flags } = entry
  const unknown = Object.keys(args.flags).find(
    (other) => !flags.includes(other) && !globalFlags.includes(other),
  )
  if (unknown !== undefined) throw new UsageError(`Unknown option: --${unknown}`)
  const rest = { ...args, positionals: args.positionals.slice(name.split(' ').length) }
  const json = isSet(args, 'json')
  const notice =
    deprecated === undefined
      ? ''
      : `\u001b[33mDEPRECATED: \`membrane ${name}\` will be removed, use \`${deprecated}\`.\u001b[39m\n`
  const { folder } = settings
  const context: Context = {
    settings,
    store,
    ledger: createLedger(folder, Date.now),
    runs: createRunLog(folder),
    clock: () => Math.max(Date.now(), sampleEnd),
  }
  try {
    return { stdout: printed(await entry.run(rest, context), json), stderr: notice, exitCode: 0 }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const { document, message } = error
    const stdout = json && document !== undefined ? printed({ document }, true) : ''
    return { stdout, stderr: `${notice}${message}\n`, exitCode: 1 }
  }
}

/** The time at which the sample data ends; a clock that is behind it counts as this time. */
const sampleEnd = Date.parse('2026-11-22T10:00:00.000Z')

function helpFor(args: Arguments, commands: readonly CommandEntry[]): string {
  const topic = args.positionals.slice(0, 2).join(' ')
  if (topic === '') return programHelp(commands)
  const found = commands.filter(({ name }) => startsWith(args, name) || name.startsWith(`${topic} `))
  if (found.length === 0) throw new UsageError(`Unknown command: ${topic}`)
  return commandHelp(found)
}

const startsWith = ({ positionals }: Arguments, name: string) =>
  name.split(' ').every((word, index) => positionals[index] === word)

const printedText = (text: string): Outcome => ({ stdout: `${text}\n`, stderr: '', exitCode: 0 })
