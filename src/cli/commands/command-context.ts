import type { Command } from 'commander'
import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/options.ts'
import type { RuntimeContext } from '../runtime.ts'
import { unknownName } from '../unknown-name.ts'

/** What the definition of a command works with. Each action imports its module when it runs. */
export interface CommandContext {
  program: Command
  runtime: RuntimeContext
}

/** The configuration from the options before or after the command, the environment and the config file. */
export const configOf = ({ program, runtime }: CommandContext): Promise<Config> =>
  loadConfig(program.opts(), runtime.env)

export function unknownCommand(parent: Command, name: string): Error {
  const names = parent.commands.map((command) => command.name())
  return unknownName('command', name, names, `Try: ${pathOf(parent)} --help`)
}

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
