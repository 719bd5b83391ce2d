import type { CommandContext } from './command-context.ts'
import { unknownCommand } from './command-context.ts'

/** `help [command...]`. commander's own prints the general help for a command that does not exist. */
export function addHelp({ program }: CommandContext): void {
  program
    .helpCommand(false)
    .command('help [command...]')
    .description('show the help of a command')
    .action((path: string[]) => {
      let target = program
      for (const name of path) {
        const next = target.commands.find((command) => command.name() === name)
        if (next === undefined) throw unknownCommand(target, name)
        target = next
      }
      target.outputHelp()
    })
}
