import { InvalidArgumentError, Option } from 'commander'
import { clientNames } from '../../clients/clients.ts'
import { givenNames } from '../../config/load.ts'
import { UsageError } from '../../errors.ts'
import type { ContractOptions } from '../doctor/contract/contract.ts'
import type { DoctorOptions } from '../doctor/doctor.ts'
import type { SetupOptions } from '../setup/setup-step.ts'
import { type CommandContext, configOf } from './command-context.ts'

/** `setup` and `doctor`. */
export function addSetupCommands(context: CommandContext): void {
  const { program, runtime } = context
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
    .option('--yes', 'continue without prompts')
    .option('--code <code>', 'the code that a sign-in page showed')
    .option('--wait <seconds>', 'how long the connection may take to be ready', seconds, 300)
    .option('--install-cli', 'install the Membrane CLI with npm when there is none')
    .option('--no-browser', 'print links without opening them')
    .option('--clients-only', 'write the configuration alone')
    .option('--dry-run', 'show what would change and change nothing')
    .option('--remove', 'remove the entry from the configuration')
    .action(async (options: Omit<SetupOptions, 'given'>) => {
      const given = givenNames(program.opts(), runtime.env)
      const { setup } = await import('../setup/setup.ts')
      await setup(await configOf(context), runtime, { ...options, given })
    })
  program
    .command('doctor')
    .description('check everything that has to work, and say how to mend what does not')
    .addOption(
      new Option('--env <whose>', 'the environment of this shell, or that of an app with a window')
        .choices(['own', 'gui'])
        .default('own'),
    )
    .option('--json', 'print one JSON document')
    .addOption(
      new Option(
        '--contract [what]',
        'try every command of the Membrane CLI that is relied on, and read alone; with =writes also add a note and delete it',
      ).choices(['writes']),
    )
    .option('--conversation <id>', 'the conversation that gets the note of --contract=writes')
    .option('--record <file>', 'keep what --contract saw, with everything private replaced')
    .option('--yes', 'write the note, and keep the record, without asking')
    .action(async (options: DoctorOptions & ContractOptions) => {
      if (options.contract !== undefined) {
        const { proveContract } = await import('../doctor/contract/contract.ts')
        return proveContract(program.opts(), runtime, options)
      }
      for (const name of ['conversation', 'record', 'yes'] as const)
        if (options[name] !== undefined) throw new UsageError(`--${name} goes with --contract.`)
      await (await import('../doctor/doctor.ts')).doctor(program.opts(), runtime, options)
    })
}

function seconds(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Give whole seconds.')
}
