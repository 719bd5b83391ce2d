#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { loadConfig, UsageError } from './config.ts'
import { type Config, flagOf, options, variableOf } from './options.ts'

const { name, description, version } = packageJson

/** Declares what can be typed. What a command does is in `commands/`; options are the table in options.ts. */
function commandLine(run: (action: (config: Config) => Promise<unknown>) => () => Promise<void>): Command {
  const program = new Command(name)
    .description(`${description}. Without a command it serves MCP on stdin and stdout.`)
    .version(version)
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
  program
    .command('serve', { isDefault: true })
    .description('serve MCP on stdin and stdout (the default)')
    .allowExcessArguments()
    .hook('preAction', (_, { args: [unknown] }) => {
      if (unknown !== undefined)
        throw new UsageError(`there is no command ${JSON.stringify(unknown)}. Try: ${name} --help`)
    })
    .action(
      run(async (config) => {
        const { serve } = await import('./commands/serve.ts')
        await serve(config, { version, env: process.env, folder: import.meta.dirname })
      }),
    )
  const sandbox = program.command('sandbox').description('the local simulation that --sandbox uses')
  sandbox
    .command('reset')
    .description('put its data back to the sample organisation')
    .action(
      run(async (config) => {
        const { resetCommand } = await import('./commands/sandbox.ts')
        process.stdout.write(`${await resetCommand(config)}\n`)
      }),
    )
  const audit = program.command('audit').description('the record that --audit-file keeps')
  audit
    .command('verify <file>')
    .description('check that no line was changed, moved or taken out')
    .action(async (file: string) => {
      const { verifyCommand } = await import('./commands/audit.ts')
      process.stdout.write(`${await verifyCommand(file)}\n`)
    })
  return program
}

/** Runs what was typed and returns the exit code: 0 fine, 1 failed, 2 wrong usage. */
async function main(): Promise<number> {
  const program = commandLine((action) => async () => {
    await action(await loadConfig(program.opts(), process.env))
  })
  try {
    await program.parseAsync()
    return 0
  } catch (error) {
    // Commander has said what is wrong itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : error}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

process.exitCode = await main()
// What is still open, such as stdin, must not keep a server alive whose host is gone.
setTimeout(() => process.exit(), 50).unref()
