/** The reasons a call can fail for, each with the advice that an agent gets with it. A closed set. */
export const errorAdvice = {
  'cli-not-found':
    'Ask the person to install it with `npm install -g @membranehq/cli`, or to set --cli (KUSTOMER_MCP_CLI) to its path. Retrying does not help until then.',
  'cli-unsupported':
    'Ask the person to update it with `npm install -g @membranehq/cli@latest`, or to point --cli at the right program. Retrying does not help until then.',
  'signed-out':
    'Call connect-kustomer: it shows the person where to sign in. Never ask for passwords or keys.',
  'not-connected': 'Call connect-kustomer to connect a Kustomer workspace, then repeat this call.',
  'connection-needs-attention':
    'Call connect-kustomer: it says what the person has to do. Repeat this call once the connection is READY.',
  'ambiguous-connection':
    'Ask the person which one to use and to set --connection (KUSTOMER_MCP_CONNECTION) to its id. Do not guess.',
  'action-not-found':
    'Find an action with search-actions and run it with run-action, or use proxy_request when none fits.',
  'invalid-input': 'Correct the arguments and call again. The same call will fail again.',
  forbidden:
    'The connection lacks the permission; a person with admin rights in Kustomer must grant it. Do not retry.',
  'not-found':
    'Check the id, and that it is of the right type, with a list or search tool. Do not retry unchanged.',
  conflict: 'Read the record again, merge your change into what you find, and call once more.',
  'rate-limited':
    'Wait as long as it says, or a minute, before the next call. Fewer, larger pages spend less.',
  'upstream-error':
    'Retry a read once after a short wait. Before repeating a write, check whether it was done.',
  network:
    'Retry a read after a short wait. If it goes on, ask the person to check the network and any proxy.',
  timeout: 'Ask for less at once (a smaller page, a narrower filter), or raise --timeout-ms, then retry.',
  'outcome-unknown':
    'It may have been done. Do not repeat it blindly: read the record or its list first, and repeat only if the change is missing.',
  cancelled: 'Nothing to do, unless you still want the answer: then call again.',
  'too-large': 'Ask for less: a smaller pageSize, a narrower filter, or a shorter text.',
  'bad-output': 'Retry a read once. If it goes on, ask the person to update the Membrane CLI.',
  'refused-by-policy':
    'This is the configuration a person chose. Do not look for a way round it; say what you could not do.',
} as const

export type Reason = keyof typeof errorAdvice

interface ToolErrorDetails {
  /** Facts an agent can act on, such as the connections to choose from. Ours, never raw foreign output. */
  data?: Record<string, unknown> | undefined
  /** Advice that fits better than that of the reason. */
  advice?: string | undefined
  /** Whether the CLI provably sent nothing, because it refused to read the command. */
  notSent?: boolean | undefined
  /** HTTP status of the service or the app. */
  status?: number | undefined
  /** Exit code of the CLI process, for the log. */
  exitCode?: number | undefined
}

/**
 * The error that a tool call ends with. Foreign text in `message` has been through `quoteUntrusted`. It never has a
 * `cause`, because the error of a child process holds the whole command line.
 */
export class ToolError extends Error {
  readonly reason: Reason
  readonly data: Record<string, unknown> | undefined
  readonly advice: string | undefined
  readonly notSent: boolean
  readonly status: number | undefined
  readonly exitCode: number | undefined

  constructor(
    reason: Reason,
    message: string,
    { data, advice, notSent = false, status, exitCode }: ToolErrorDetails = {},
  ) {
    super(message)
    this.name = 'ToolError'
    this.reason = reason
    this.data = data
    this.advice = advice
    this.notSent = notSent
    this.status = status
    this.exitCode = exitCode
  }
}

/** Returns the same error with one more sentence in its message. */
export const appendHint = (error: ToolError, sentence: string): ToolError =>
  new ToolError(error.reason, `${error.message} ${sentence}`, error)

/** A mistake in how the program was called. `main` prints it and exits with code 2. */
export class UsageError extends Error {}

/** Ends a command with an exit code of its own. `main` prints the message, if any, on stderr. */
export class ExitError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message = '') {
    super(message)
    this.name = 'ExitError'
    this.exitCode = exitCode
  }
}
