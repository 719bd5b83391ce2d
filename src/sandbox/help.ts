import { type CommandEntry, globalFlags } from './commands.ts'

/** What everyone who asks for help is told first. */
const notice = `This is the sandbox of kustomer-mcp: a SIMULATION of the Membrane CLI with sample data.
No account, no network, nothing is sent to anybody.`

/** Takes the commands there are and returns the help of the program. */
export function programHelp(commands: readonly CommandEntry[]): string {
  const rows = commands.map((entry) => [usageOf(entry), describe(entry)] as const)
  return [
    notice,
    '\nUsage: membrane <command> [options]\n\nCommands:',
    ...table(rows),
    '\nOptions:',
    ...table([
      ['--version', 'show the version'],
      ...Object.entries(globalFlags).map(([name, text]) => [`--${name}`, text] as const),
    ]),
    '\nData: the folder in MEMBRANE_SANDBOX_DIR. The commands are those of MEMBRANE_SANDBOX_DIALECT (old, new).',
  ].join('\n')
}

/** Takes the commands under one word, or a single one, and returns their help with every flag. */
export function commandHelp(commands: readonly CommandEntry[]): string {
  const parts = commands.flatMap((entry) => [
    `\n  membrane ${usageOf(entry)}    ${describe(entry)}`,
    ...table(Object.entries(entry.flags).map(([name, text]) => [`  --${name}`, text] as const)),
  ])
  return [notice, '\nUsage:', ...parts].join('\n')
}

const usageOf = ({ name, positionals }: CommandEntry) =>
  positionals === undefined ? name : `${name} ${positionals}`

const describe = ({ summary, deprecated }: CommandEntry) =>
  deprecated === undefined ? summary : `DEPRECATED, use \`${deprecated}\`: ${summary}`

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd())
}
