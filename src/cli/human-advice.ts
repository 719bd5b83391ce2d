import { errorAdvice, type Reason, type ToolError } from '../errors.ts'
import { stripHidden } from '../text/invisible.ts'
import { sanitize } from '../text/redact.ts'
import { renderRecords } from './terminal/records.ts'
import { terminalStyle } from './terminal/style.ts'

const update =
  'Update it with `npm install -g @membranehq/cli@latest`, or give the path of the right program with --cli.'
const connect = 'Run `kustomer-mcp setup`.'

/** What a person at a terminal does about a reason; `errorAdvice` is for agents. */
const adviceByReason: Partial<Record<Reason, string>> = {
  'cli-not-found':
    'Install it with `npm install -g @membranehq/cli`, which `kustomer-mcp setup --install-cli` does for you, or give its path with --cli.',
  'cli-unsupported': update,
  'signed-out': connect,
  'not-connected': connect,
  'connection-needs-attention': connect,
  'ambiguous-connection': 'Say which one with --connection and its id.',
  'action-not-found': 'Find one with `kustomer-mcp call search-actions --arg intent=…`.',
  'invalid-input': '`kustomer-mcp tools` with the name of the tool shows its arguments.',
  network: 'Check the network, and HTTPS_PROXY if there is a proxy.',
  timeout: 'Try again, or give it longer with --timeout-ms.',
  'rate-limited': 'Wait a minute and try again.',
  forbidden: 'The connection lacks a permission in Kustomer; an admin there can grant it.',
  'too-large': 'Ask for less: a smaller pageSize or a narrower filter.',
  'bad-output': `\`kustomer-mcp doctor --contract\` shows what the CLI answers otherwise. ${update}`,
  'refused-by-policy': 'An option or an environment variable of this program says so.',
  'upstream-error': 'Try a read again. Before you repeat a write, check whether it was done.',
  'outcome-unknown': 'Look at the record before you repeat it.',
  cancelled: '',
}

/** What a person can do about an error. */
export const humanAdvice = ({ reason }: ToolError, sandbox = false): string | undefined =>
  sandbox
    ? adviceByReason[reason]?.replace('kustomer-mcp setup`', 'kustomer-mcp setup --sandbox`')
    : adviceByReason[reason]

/** The reason, what happened, what to do and the facts, laid out for stderr. */
export function formatForHuman(error: ToolError, sandbox: boolean): string {
  const { reason, message, data } = error
  const advice = humanAdvice(error, sandbox) ?? errorAdvice[reason]
  const facts = data === undefined ? [] : [renderRecords(sanitize(data), terminalStyle(process.stderr))]
  return [`${reason}: ${stripHidden(message)} ${advice}`.trimEnd(), ...facts].join('\n')
}
