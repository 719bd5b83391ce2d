import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { clientNames } from '../clients/clients.ts'
import { givenNames, loadConfig } from '../config/load.ts'
import { type Config, flagOf, optionNames, optionOf, variableOf } from '../config/options.ts'
import { ExitError, UsageError } from '../errors.ts'
import { suggest } from '../text/suggest.ts'
import type { Shell } from './completion/scripts.ts'
import type { DoctorOptions } from './doctor/doctor.ts'
import type { RuntimeContext } from './runtime.ts'
import type { SetupOptions } from './setup/setup-step.ts'
import { wrapFor } from './terminal/wrap.ts'

const shells: readonly Shell[] = ['bash', 'zsh', 'fish']
const collect = (value: string, before: readonly string[] = []) => [...before, value]

type Action = (config: Config, own: object) => Promise<unknown>

/**
 * Takes the name, description and surroundings of the program and returns what can be typed. What a command does is in
 * `commands/`, each loaded when it is typed; options are the table in options.ts.
 */
export function commandLine(name: string, description: string, surroundings: RuntimeContext): Command {
  const program = new Command(name)
    .description(`${description}. Without a command it serves MCP on stdin and stdout.`)
    .version(surroundings.version)
    .exitOverride()
    // The longest flag leaves less room than commander needs by default to wrap the texts beside it.
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      outputError: (text, write) =>
        write(
          wrapFor(process.stderr, `${text.trim().replace(/^error:/, `${name}:`)}\nTry: ${name} --help\n`),
        ),
    })
    .addHelpText('afterAll', ({ command }) =>
      command.parent === null
        ? `\nEach option is also an environment variable:\n${flagOf('logLevel')} is ${variableOf('logLevel')}.`
        : `\nThe options of ${name} itself work here too: ${name} --help`,
    )
  for (const key of optionNames) {
    const option = optionOf(key)
    const flag = option.value === undefined ? flagOf(key) : `${flagOf(key)} ${option.value}`
    program.addOption(new Option(flag, option.help))
  }
  /** A command gets the configuration that the options, the environment and the config file make up. */
  const loaded = () => loadConfig(program.opts(), surroundings.env)
  const configured = (action: Action) => async (own: object) => {
    await action(await loaded(), own)
  }

  program
    .command('serve', { isDefault: true })
    .description('serve MCP on stdin and stdout (the default)')
    .allowExcessArguments()
    .hook('preAction', (_, { args: [unknown] }) => {
      if (unknown === undefined) return
      const meant = suggest(
        unknown,
        program.commands.map((one) => one.name()),
      )
      const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
      throw new UsageError(`there is no command ${JSON.stringify(unknown)}.${hint} Try: ${name} --help`)
    })
    .action(configured(async (config) => (await import('./serve.ts')).serve(config, surroundings)))

  program
    .command('setup')
    .description('sign in, connect Kustomer and write the configuration of a client')
    .option(
      '--client <clients>',
      `which clients, separated by commas: ${clientNames.join(', ')} (default: those installed)`,
    )
    .addOption(
      new Option('--scope <scope>', 'for all you do, or for the project in this folder')
        .choices(['user', 'project'])
        .default('user'),
    )
    .option('--always-load', 'let Claude Code load the tools at every start, for `claude -p`')
    .option('--yes', 'ask nothing and go ahead')
    .option('--code <code>', 'the code that a sign-in page showed')
    .option('--wait <seconds>', 'how long the connection may take to be ready', seconds, 300)
    .option('--install-cli', 'install the Membrane CLI with npm when there is none')
    .option('--no-browser', 'show links and open none')
    .option('--clients-only', 'write the configuration alone')
    .option('--dry-run', 'show what would change and change nothing')
    .option('--remove', 'take the entry out of the configuration again')
    .action(
      configured(async (config, own) =>
        (await import('./setup/setup.ts')).setup(config, surroundings, {
          ...(own as Omit<SetupOptions, 'given'>),
          given: givenNames(program.opts(), surroundings.env),
        }),
      ),
    )

  program
    .command('tools [tool]')
    .description('list the tools that are offered, or say all about one')
    .option('--json', 'print JSON for programs')
    .action(async (tool: string | undefined, { json = false }) => {
      const { listTools } = await import('./tools.ts')
      await listTools(await loaded(), surroundings, tool, json)
    })

  program
    .command('call <tool> [json]')
    .description('run one call of a tool; its arguments are JSON text, or - for JSON on stdin')
    .option('--arg <name=value>', 'one argument, on top of the JSON (repeatable)', collect)
    .option('--json', 'print the whole answer as JSON')
    .action(async (name: string, text: string | undefined, { arg = [], json = false }) => {
      const { callTool } = await import('./call.ts')
      await callTool(await loaded(), surroundings, { name, text, pairs: arg, json })
    })

  program
    .command('completion')
    .description('print what makes a shell complete commands, flags and tools')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action(async (shell: Shell) => {
      const { completionScripts } = await import('./completion/scripts.ts')
      surroundings.print(completionScripts[shell])
    })
  program
    .command('complete [words...]', { hidden: true })
    .action(async (words: string[]) =>
      (await import('./completion/complete.ts')).complete(program, surroundings, words),
    )

  program
    .command('doctor')
    .description('look at all that has to work, and say what to do about what does not')
    .addOption(
      new Option('--env <whose>', 'with the environment of this shell, or with what a host with a window has')
        .choices(['own', 'gui'])
        .default('own'),
    )
    .option('--json', 'print one JSON document')
    .action(async (own: DoctorOptions) =>
      (await import('./doctor/doctor.ts')).doctor(program.opts(), surroundings, own),
    )

  const sandbox = program.command('sandbox').description('the local simulation that --sandbox uses')
  sandbox
    .command('reset')
    .description('put its data back to the sample organisation')
    .action(configured(async (config) => (await import('./reset-sandbox.ts')).reset(config, surroundings)))

  const audit = program.command('audit').description('the record that --audit-file keeps')
  audit
    .command('verify <file>')
    .description('check that no line was changed, moved or taken out')
    .action(async (file: string) => (await import('./verify-audit.ts')).verify(surroundings, file))
  return program
}

/** Runs what was typed. Throws Exit where commander has ended it and has said why itself. */
export async function runTyped(program: Command): Promise<void> {
  try {
    // Given, because without it the parser counts the arguments in another way inside Electron.
    await program.parseAsync(process.argv)
  } catch (error) {
    throw error instanceof CommanderError ? new ExitError(error.exitCode === 0 ? 0 : 2) : error
  }
}

function seconds(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Give whole seconds.')
}
