import { Command, CommanderError, Option } from 'commander'
import { flagOf, optionNames, optionOf, variableOf } from '../config/options.ts'
import { ExitError } from '../errors.ts'
import { addHelp } from './commands/help-command.ts'
import { addServe } from './commands/serve-command.ts'
import { addSetupCommands } from './commands/setup-commands.ts'
import { addTokenCommands } from './commands/token-commands.ts'
import { addToolCommands } from './commands/tool-commands.ts'
import { addUpkeepCommands } from './commands/upkeep-commands.ts'
import type { RuntimeContext } from './runtime.ts'
import { columnsOf } from './terminal/style.ts'
import { wrapFor } from './terminal/wrap.ts'

/** The whole command line, with the option table on the program itself, so that each option works with each command. */
export function commandLine(name: string, description: string, runtime: RuntimeContext): Command {
  const program = new Command(name)
    .description(`${description}. Without a command it serves MCP on stdin and stdout.`)
    .version(runtime.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    // The longest flag leaves less room than commander needs by default to wrap the texts beside it.
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      getOutHelpWidth: () => columnsOf(process.stdout),
      getErrHelpWidth: () => columnsOf(process.stderr),
      outputError: (text, write) => {
        const message = `${text.trim().replace(/^error:/, `${name}:`)}\nTry: ${name} --help\n`
        write(wrapFor(process.stderr, message))
      },
    })
    .addHelpText('afterAll', ({ command, error }) => {
      const note =
        command.parent === null
          ? `Each option is also an environment variable: ${flagOf('logLevel')} is ${variableOf('logLevel')}.`
          : `The options of ${name} itself work here too: ${name} --help`
      return `\n${wrapFor(error ? process.stderr : process.stdout, note)}`
    })
  for (const key of optionNames) {
    const { value, help } = optionOf(key)
    program.addOption(new Option(value === undefined ? flagOf(key) : `${flagOf(key)} ${value}`, help))
  }
  const context = { program, runtime }
  addServe(context)
  addSetupCommands(context)
  addToolCommands(context)
  addTokenCommands(context)
  addUpkeepCommands(context)
  addHelp(context)
  return program
}

/** Runs what was typed. Throws ExitError 2 for wrong usage that commander has reported itself. */
export async function runTyped(program: Command): Promise<void> {
  try {
    // Explicit, because commander skips a different number of arguments inside Electron.
    await program.parseAsync(process.argv, { from: 'node' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw new ExitError(2)
  }
}
