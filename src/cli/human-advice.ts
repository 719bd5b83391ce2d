import { errorAdvice, type Reason, type ToolError } from '../errors.ts'
import type { ErrorFormatter } from '../response/envelope.ts'
import { stripHidden } from '../text/invisible.ts'
import { sanitize } from '../text/redact.ts'
import { renderRecords } from './terminal/records.ts'
import { terminalStyle } from './terminal/style.ts'

const update =
  'Update it with `npm install -g @membranehq/cli@latest`, or give the path of the right program with --cli.'
const walk = 'Run `kustomer-mcp setup`.'

/** What a person at a terminal does about a reason; `advice` of failure.ts is what an agent reads. */
const adviceByReason: Partial<Record<Reason, string>> = {
  'cli-not-found':
    'Install it with `npm install -g @membranehq/cli`, which `kustomer-mcp setup --install-cli` does for you, or give its path with --cli.',
  'cli-unsupported': update,
  'signed-out': walk,
  'not-connected': walk,
  'connection-needs-attention': walk,
  'ambiguous-connection': 'Say which one with --connection and its id.',
  network: 'Check the network, and HTTPS_PROXY if there is a proxy.',
  timeout: 'Try again, or give it longer with --timeout-ms.',
  'rate-limited': 'Wait a minute and try again.',
  forbidden: 'The connection lacks a permission in Kustomer; an admin there can grant it.',
  'bad-output': update,
  'refused-by-policy': 'An option of this program, or a variable of its environment, says so.',
}

/** Takes why something failed and returns what the person can do about it, a sentence, or nothing. */
export const humanAdvice = ({ reason }: ToolError): string | undefined => adviceByReason[reason]

/** Says what happened, what to do and the facts of it, laid out for the terminal that errors go to. */
export const formatForHuman: ErrorFormatter = (failure) => {
  const { reason, message, data } = failure
  const facts = data === undefined ? [] : [renderRecords(sanitize(data), terminalStyle(process.stderr))]
  return [`${reason}: ${stripHidden(message)} ${humanAdvice(failure) ?? errorAdvice[reason]}`, ...facts].join(
    '\n',
  )
}
