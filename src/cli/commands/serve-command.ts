import { type CommandContext, configOf, unknownCommand } from './command-context.ts'

/** `serve`, which also runs when no command is typed, so a mistyped command arrives here. */
export function addServe(context: CommandContext): void {
  const { program, runtime } = context
  program
    .command('serve', { isDefault: true })
    .description('serve MCP on stdin and stdout (the default), or over HTTP with --http')
    .allowExcessArguments()
    .hook('preAction', (_, { args: [excess] }) => {
      if (excess !== undefined) throw unknownCommand(program, excess)
    })
    .action(async () => (await import('../serve.ts')).serve(await configOf(context), runtime))
}
