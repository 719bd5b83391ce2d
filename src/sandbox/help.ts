import type { CommandEntry } from './commands.ts'
import { flagTexts, globalFlags } from './flags.ts'

const notice = `This is the sandbox of kustomer-mcp: a SIMULATION of the Membrane CLI with sample data.
No account, no network, nothing is sent to anybody.`

export function programHelp(commands: readonly CommandEntry[]): string {
  const rows = commands.map((entry) => [entry.usage, describe(entry)] as const)
  return [
    notice,
    '\nUsage: membrane <command> [options]\n\nCommands:',
    ...table(rows),
    '\nOptions:',
    ...flagTable(['version', ...globalFlags]),
    '\nData: the folder in MEMBRANE_SANDBOX_DIR. The commands are those of MEMBRANE_SANDBOX_DIALECT (old, new).',
    'What the sandbox does not simulate answers 501.',
  ].join('\n')
}

/** The help of the commands under one word, or of a single one, with every flag. */
export function commandHelp(commands: readonly CommandEntry[]): string {
  const parts = commands.flatMap((entry) => [
    `\n  membrane ${entry.usage}    ${describe(entry)}`,
    ...flagTable(entry.flags, '  '),
  ])
  return [notice, '\nUsage:', ...parts].join('\n')
}

const describe = ({ summary, deprecated }: CommandEntry) =>
  deprecated === undefined ? summary : `DEPRECATED, use \`${deprecated}\`: ${summary}`

const flagTable = (names: readonly string[], indent = '') =>
  table(names.map((name) => [`${indent}--${name}`, flagTexts[name] ?? '']))

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd())
}
