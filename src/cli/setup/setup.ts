import { stat } from 'node:fs/promises'
import type { Config } from '../../config/options.ts'
import { ToolError, UsageError } from '../../errors.ts'
import { homeFolder } from '../../store/folders.ts'
import { humanAdvice } from '../human-advice.ts'
import type { RuntimeContext } from '../runtime.ts'
import { wrapFor } from '../terminal/wrap.ts'
import { connectAccount } from './account.ts'
import { addClients, removeClients } from './add-clients.ts'
import { namedClients } from './choose-clients.ts'
import { CancelledError, nonInteractivePrompter, terminalPrompter } from './prompter.ts'
import type { SetupOptions } from './setup-step.ts'

/** Ctrl-C, an end from outside, and a terminal that was closed. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Finds the CLI, signs in, connects Kustomer and writes the clients' files; or removes the entries. Rejects with
 * UsageError, or with an Error that says what is left to do.
 */
export async function setup(config: Config, runtime: RuntimeContext, options: SetupOptions): Promise<void> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY && options.yes !== true
  if (!isTerminal && options.yes !== true && options.dryRun !== true)
    throw new UsageError(
      'this is not a terminal. Add --yes to go ahead, or --dry-run to see what would change.',
    )
  // A slip in a name is told before anybody signs in.
  namedClients(options)
  if (options.scope === 'user') await requireHome()
  const controller = new AbortController()
  const stop = () => controller.abort(new ToolError('cancelled', 'Stopped.'))
  for (const name of stopSignals) process.once(name, stop)
  const { signal } = controller
  const prompter =
    isTerminal && options.dryRun !== true
      ? await terminalPrompter(signal)
      : nonInteractivePrompter((text) => runtime.print(wrapFor(process.stdout, text)))
  try {
    if (options.remove) return await removeClients({ runtime, options, prompter })
    const skipped = options.clientsOnly === true
    const connected = skipped ? config : await connectAccount({ config, runtime, options, prompter, signal })
    await addClients({ config: connected, runtime, options, prompter })
  } catch (error) {
    if (signal.aborted) throw new CancelledError()
    throw error instanceof ToolError
      ? new Error([error.message, adviceFor(error, config)].filter(Boolean).join(' '))
      : error
  } finally {
    for (const name of stopSignals) process.off(name, stop)
  }
}

/** Without a home folder there is no place for the file of a client. */
async function requireHome(): Promise<void> {
  const home = homeFolder()
  const found = home === undefined ? undefined : await stat(home).catch(() => undefined)
  if (found?.isDirectory() === true) return
  const what = home === undefined ? 'this user has no home folder' : `the home folder ${home} is not there`
  throw new Error(`${what}, so clients have no configuration. Set HOME, or use --scope project.`)
}

/** Where setup itself is the advice, what stopped it says more. */
const adviceFor = (error: ToolError, { sandbox }: Config): string | undefined => humanAdvice(error, sandbox)
