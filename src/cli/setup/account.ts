import { dirname } from 'node:path'
import * as z from 'zod'
import { type App, createApp } from '../../app/app.ts'
import { withDeadline } from '../../async/deadline.ts'
import type { Config } from '../../config/options.ts'
import { ToolError } from '../../errors.ts'
import { createLogger } from '../../logger.ts'
import { locateCli } from '../../membrane/locate.ts'
import { createProcessRunner, type ProcessRunner } from '../../membrane/process.ts'
import type { UserLink } from '../../tools/sign-in-link.ts'
import { humanAdvice } from '../human-advice.ts'
import { openInBrowser } from './browser.ts'
import { connect } from './connect.ts'
import { installCli, installCommand } from './install-cli.ts'
import type { Prompter } from './prompter.ts'
import type { SetupOptions, SetupStep } from './setup-step.ts'

/** A list of actions that is younger than this is not read again. */
const freshMs = 60_000

/**
 * Finds the CLI, signs in, connects, and fills the caches. Returns the configuration, with the connection that the user
 * chose where there were several. Rejects with ToolError, or with an Error that says what is left to do.
 */
export async function connectAccount(step: SetupStep): Promise<Config> {
  const { config, runtime, options, prompter } = step
  if (options.dryRun) {
    await sayWhatIsThere(step)
    return config
  }
  const log = createLogger({
    level: config.logFile === undefined ? 'silent' : config.logLevel,
    file: config.logFile,
  })
  const runner = createProcessRunner()
  const app = createApp(config, { ...runtime, runner, log })
  try {
    await findCli(step, app, runner)
    await connectIn(step, app)
    return config
  } catch (error) {
    const chosen = await chooseAmong(error, prompter)
    return connectAccount({ ...step, config: { ...config, connection: chosen } })
  } finally {
    await app.stop()
    await log.flush()
  }
}

async function sayWhatIsThere({ config, runtime: { env, bundleDir }, prompter }: SetupStep) {
  if (!config.sandbox) {
    const found = await locateCli({ cli: config.cli, env, packageFolder: dirname(bundleDir) }).catch(
      asToolError,
    )
    prompter.say(
      found instanceof ToolError
        ? `${found.message} ${humanAdvice(found) ?? ''}`.trim()
        : `The Membrane CLI is ${found.path}.`,
    )
  }
  prompter.say('Not done, because of --dry-run: looking at the sign-in and the connection.')
}

const asToolError = (error: unknown): ToolError => {
  if (error instanceof ToolError) return error
  throw error
}

async function findCli(
  { prompter, options, runtime, signal }: SetupStep,
  { context }: App,
  runner: ProcessRunner,
) {
  const look = () => prompter.busy('Looking for the Membrane CLI', () => context.membrane.getInfo(signal))
  const { path, version } = await look().catch(async (error: unknown) => {
    if (
      !(error instanceof ToolError) ||
      error.reason !== 'cli-not-found' ||
      !(await mayInstall(prompter, options))
    )
      throw error
    await prompter.busy(`Running \`${installCommand}\``, () => installCli(runner, runtime.env, signal))
    return look()
  })
  prompter.say(`The Membrane CLI ${version} is ${path}.`)
}

/** Software is installed after an explicit yes alone: --yes is for everything else. */
async function mayInstall(prompter: Prompter, { installCli: isAllowed }: SetupOptions): Promise<boolean> {
  if (isAllowed === true) return true
  if (!prompter.present) return false
  return prompter.confirm(`The Membrane CLI is not installed. Run \`${installCommand}\` now?`)
}

async function connectIn({ config, runtime, options, prompter, signal }: SetupStep, app: App) {
  const tool = app.tools.get('connect-kustomer')
  if (tool === undefined) throw new Error('this build has no connect-kustomer.')
  const open = async ({ url, warning, hint }: UserLink) => {
    prompter.say([warning, 'Open this page:', url, hint].filter(Boolean).join('\n'))
    // The user looks at a page of an unknown host first.
    if (prompter.present && options.browser && warning === undefined) await openInBrowser(runtime.env, url)
  }
  const { code, wait } = options
  const { timeoutMs } = config
  const connection = await connect({
    tool,
    prompter,
    open,
    code,
    timeoutMs,
    signal,
    waitMs: wait * 1000,
  })
  const { connections, catalog } = app.context
  await prompter.busy('Reading the list of actions', () =>
    withDeadline(
      timeoutMs,
      (limited) => connections.withConnection(limited, (id) => catalog.refresh(id, freshMs, limited)),
      signal,
    ),
  )
  prompter.say(
    `Kustomer is connected${connection === undefined ? '' : `: ${connection.name} (${connection.id})`}.`,
  )
}

const choicesSchema = z.object({
  connections: z.array(
    z.object({ id: z.string(), name: z.string(), state: z.string(), usable: z.boolean() }),
  ),
})

/** Asks which of several connections to use. Rethrows any other error. */
async function chooseAmong(error: unknown, prompter: Prompter): Promise<string> {
  if (!(error instanceof ToolError) || error.reason !== 'ambiguous-connection' || !prompter.present)
    throw error
  const { connections } = choicesSchema.parse(error.data)
  return prompter.choose(
    'Which Kustomer connection?',
    connections.filter(({ usable }) => usable).map(({ id, name }) => ({ value: id, label: name, hint: id })),
  )
}
