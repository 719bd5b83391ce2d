import { Command, Option } from 'commander'
import type { Surroundings } from './commands/assembly.ts'
import { loadConfig, UsageError } from './config.ts'
import { type Config, flagOf, options, variableOf } from './options.ts'

type Action = (config: Config, surroundings: Surroundings) => Promise<unknown>

/**
 * Takes the name, description and surroundings of the program and returns what can be typed. What a command does is in
 * `commands/`, each loaded when it is typed; options are the table in options.ts.
 */
export function commandLine(name: string, description: string, surroundings: Surroundings): Command {
  const program = new Command(name)
    .description(`${description}. Without a command it serves MCP on stdin and stdout.`)
    .version(surroundings.version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(`${text.trim()}\nTry: ${name} --help\n`) })
    .addHelpText(
      'after',
      `\nEach option is an environment variable too: ${flagOf('logLevel')} is ${variableOf('logLevel')}.`,
    )
  for (const [key, option] of Object.entries(options)) {
    const flag = 'value' in option ? `${flagOf(key)} ${option.value}` : flagOf(key)
    program.addOption(new Option(flag, option.help))
  }
  /** A command gets the configuration that the options, the environment and the config file make up. */
  const configured = (action: Action) => async () => {
    await action(await loadConfig(program.opts(), surroundings.env), surroundings)
  }

  program
    .command('serve', { isDefault: true })
    .description('serve MCP on stdin and stdout (the default)')
    .allowExcessArguments()
    .hook('preAction', (_, { args: [unknown] }) => {
      if (unknown !== undefined)
        throw new UsageError(`there is no command ${JSON.stringify(unknown)}. Try: ${name} --help`)
    })
    .action(configured(async (...given) => (await import('./commands/serve.ts')).serve(...given)))

  const sandbox = program.command('sandbox').description('the local simulation that --sandbox uses')
  sandbox
    .command('reset')
    .description('put its data back to the sample organisation')
    .action(configured(async (...given) => (await import('./commands/sandbox.ts')).reset(...given)))

  const audit = program.command('audit').description('the record that --audit-file keeps')
  audit
    .command('verify <file>')
    .description('check that no line was changed, moved or taken out')
    .action(async (file: string) => (await import('./commands/audit.ts')).verify(surroundings, file))
  return program
}
