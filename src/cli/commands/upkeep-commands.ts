import { Argument } from 'commander'
import type { Shell } from '../completion/scripts.ts'
import { type CommandContext, configOf } from './command-context.ts'

const shells: readonly Shell[] = ['bash', 'zsh', 'fish']

/** `completion`, `sandbox` and `audit`. */
export function addUpkeepCommands(context: CommandContext): void {
  const { program, runtime } = context
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action(async (shell: Shell) => {
      const { completionScripts } = await import('../completion/scripts.ts')
      runtime.print(completionScripts[shell])
    })
  program
    .command('complete [words...]', { hidden: true })
    .action(async (words: string[]) =>
      (await import('../completion/complete.ts')).complete(program, runtime, words),
    )
  program
    .command('sandbox')
    .description('the local simulation that --sandbox uses')
    .command('reset')
    .description('restore its sample data')
    .action(async () => (await import('../reset-sandbox.ts')).reset(await configOf(context), runtime))
  program
    .command('audit')
    .description('the record that --audit-file keeps')
    .command('verify <file>')
    .description('check that no line was changed, moved or removed')
    .action(async (file: string) => (await import('../verify-audit.ts')).verify(runtime, file))
}
