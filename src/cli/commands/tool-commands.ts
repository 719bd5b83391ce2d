import { type CommandContext, configOf } from './command-context.ts'

/** `tools` and `call`. */
export function addToolCommands(context: CommandContext): void {
  const { program, runtime } = context
  program
    .command('tools [tool]')
    .description('list the tools, or show one in full')
    .option('--json', 'print JSON for programs')
    .action(async (tool: string | undefined, { json = false }) => {
      const { listTools } = await import('../tools.ts')
      await listTools(await configOf(context), runtime, tool, json)
    })
  program
    .command('call <tool> [json]')
    .description('call a tool once; its arguments are JSON text, or - for JSON on stdin')
    .option('--arg <name=value>', 'one argument, on top of the JSON (repeatable)', collect)
    .option('--json', 'print the whole answer as JSON')
    .action(async (name: string, text: string | undefined, { arg = [], json = false }) => {
      const { callTool } = await import('../call.ts')
      await callTool(await configOf(context), runtime, { name, text, pairs: arg, json })
    })
}

const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value]
