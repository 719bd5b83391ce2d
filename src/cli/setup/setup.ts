import type { Scope } from '../../clients/clients.ts'
import type { Config, OptionName } from '../../config/options.ts'
import { ToolError, UsageError } from '../../errors.ts'
import { humanAdvice } from '../human-advice.ts'
import type { RuntimeContext } from '../runtime.ts'
import { connectAccount } from './account.ts'
import { addClients, namedClients, removeClients } from './add-clients.ts'
import { CancelledError, nonInteractivePrompter, terminalPrompter } from './prompter.ts'

/** Ctrl-C, an end from outside, and a terminal that was closed. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What was typed after `setup`, beside the options of every command. */
export interface SetupOptions {
  /** Names of hosts, separated by commas. */
  client?: string
  scope: Scope
  yes?: true
  code?: string
  /** Seconds that the connection may take to be READY. */
  wait: number
  installCli?: true
  browser: boolean
  clientsOnly?: true
  dryRun?: true
  remove?: true
  /** The options of every command that were given by flag or environment. */
  given: readonly OptionName[]
}

/**
 * Goes from nothing to a client that works: finds the CLI, signs in, connects Kustomer, and writes the client's file;
 * or takes the entry out again. Throws UsageError, or an Error that says what is left to do.
 */
export async function setup(config: Config, runtime: RuntimeContext, options: SetupOptions): Promise<void> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY && options.yes !== true
  if (!isTerminal && options.yes !== true && options.dryRun !== true)
    throw new UsageError(
      'nobody can be asked here. Add --yes to go ahead, or --dry-run to see what would change.',
    )
  // A slip in a name is told before anybody signs in.
  namedClients(options)
  const controller = new AbortController()
  const stop = () => controller.abort(new ToolError('cancelled', 'Stopped.'))
  for (const name of stopSignals) process.once(name, stop)
  const { signal } = controller
  const person =
    isTerminal && options.dryRun !== true
      ? await terminalPrompter(signal)
      : nonInteractivePrompter(runtime.print)
  try {
    if (options.remove) return await removeClients({ runtime, options, person })
    const skipped = options.clientsOnly === true
    const connected = skipped ? config : await connectAccount({ config, runtime, options, person, signal })
    await addClients({ config: connected, runtime, options, person })
  } catch (error) {
    if (signal.aborted) throw new CancelledError()
    throw error instanceof ToolError
      ? new Error([error.message, humanAdvice(error)].filter(Boolean).join(' '))
      : error
  } finally {
    for (const name of stopSignals) process.off(name, stop)
  }
}
