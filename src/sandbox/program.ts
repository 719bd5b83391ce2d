import { type Arguments, isSet, readArguments, UsageError } from './arguments.ts'
import { type CommandEntry, commandsOf, globalFlags } from './commands.ts'
import { commandHelp, programHelp } from './help.ts'
import { createLedger } from './ledger.ts'
import { CommandError, type Outcome, printed } from './outcome.ts'
import { createRunLog } from './run-log.ts'
import type { Dialect, Settings } from './settings.ts'
import { openStore } from './store.ts'

/** Versions of the real CLI that spoke these dialects (its documentation and field reports). */
const versions: Readonly<Record<Dialect, string>> = { old: '1.9.2', new: '1.18.3' }

/**
 * Takes the arguments after the program's name and the settings, carries the command out and returns what is to be
 * printed. Throws only what is a mistake of this program.
 */
export async function runProgram(argv: readonly string[], settings: Settings): Promise<Outcome> {
  const commands = commandsOf(settings.dialect)
  try {
    return await carryOut(readArguments(argv), commands, settings)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { stdout: '', stderr: `${error.message}\n\n${programHelp(commands)}\n`, exitCode: 1 }
  }
}

async function carryOut(
  args: Arguments,
  commands: readonly CommandEntry[],
  settings: Settings,
): Promise<Outcome> {
  const [first] = args.positionals
  if (isSet(args, 'version')) return fine(`${versions[settings.dialect]}\n`)
  if (isSet(args, 'help')) return fine(`${helpFor(args, commands)}\n`)
  if (first === undefined) throw new UsageError('A command is missing.')
  const entry = commands.find(({ name }) => startsWith(args, name))
  if (entry === undefined) throw new UsageError(`Unknown command: ${args.positionals.slice(0, 2).join(' ')}`)
  const unknown = Object.keys(args.flags).find((name) => !(name in entry.flags) && !(name in globalFlags))
  if (unknown !== undefined) throw new UsageError(`Unknown option: --${unknown}`)
  const rest = { ...args, positionals: args.positionals.slice(entry.name.split(' ').length) }
  const json = isSet(args, 'json')
  const { deprecated, name } = entry
  const notice =
    deprecated === undefined
      ? ''
      : `\u001b[33mDEPRECATED: \`membrane ${name}\` will be removed, use \`${deprecated}\`.\u001b[39m\n`
  const { folder, start } = settings
  const clock = clockOf(Date.now)
  const surroundings = {
    ...{ settings, store: openStore(folder, start), clock },
    ...{ ledger: createLedger(folder, Date.now), runs: createRunLog(folder) },
  }
  try {
    const answer = await entry.run(rest, surroundings)
    return { stdout: printed(answer, json), stderr: notice, exitCode: 0 }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const document = json && error.document !== undefined ? error.document : undefined
    const stdout = document === undefined ? '' : printed({ document }, true)
    return { stdout, stderr: `${notice}${error.message}\n`, exitCode: 1 }
  }
}

/** The sample data ends at this moment: a computer whose clock is behind it writes as if it were that moment. */
const sampleEnd = Date.parse('2026-11-22T10:00:00.000Z')
const clockOf = (now: () => number) => () => Math.max(now(), sampleEnd)

function helpFor(args: Arguments, commands: readonly CommandEntry[]): string {
  const topic = args.positionals.slice(0, 2).join(' ')
  if (topic === '') return programHelp(commands)
  const meant = commands.filter(({ name }) => startsWith(args, name) || name.startsWith(`${topic} `))
  if (meant.length === 0) throw new UsageError(`Unknown command: ${topic}`)
  return commandHelp(meant)
}

const startsWith = ({ positionals }: Arguments, name: string) =>
  name.split(' ').every((word, index) => positionals[index] === word)

const fine = (stdout: string): Outcome => ({ stdout, stderr: '', exitCode: 0 })
