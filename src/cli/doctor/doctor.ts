import { styleText } from 'node:util'
import { createApp } from '../../app/app.ts'
import { guiEnvironment } from '../../clients/client-environment.ts'
import { loadConfig } from '../../config/load.ts'
import { createLogger } from '../../logger.ts'
import { createProcessRunner } from '../../membrane/process.ts'
import type { RuntimeContext } from '../runtime.ts'
import { currentSystem } from '../setup/system.ts'
import { wrapFor } from '../terminal/wrap.ts'
import { accountSteps } from './account-checks.ts'
import { type Check, runChecks } from './check.ts'
import { clientChecks } from './client-checks.ts'
import { systemSteps } from './system-checks.ts'

/** What was typed after `doctor`, beside the options of every command. */
export interface DoctorOptions {
  /** Whose environment: this shell's, or that of an app with a window. */
  env: 'own' | 'gui'
  json?: boolean
}

/** Entries may run npx, which fetches the package first. */
const clientsMs = 90_000

/** Checks all that has to work. Rejects with UsageError, or with an Error that counts the failed checks. */
export async function doctor(
  flags: Record<string, unknown>,
  context: RuntimeContext,
  { env: whose, json = false }: DoctorOptions,
): Promise<void> {
  const env = whose === 'gui' ? guiEnvironment(process.platform, context.env) : context.env
  const runtime = { ...context, env }
  const config = await loadConfig(flags, env)
  const checks: Check[] = []
  const say = (text: string) => {
    if (!json) context.print(wrapFor(process.stdout, text))
  }
  const report = (found: Check) => {
    const check = config.sandbox ? forSandbox(found) : found
    checks.push(check)
    say(lineOf(check))
  }
  say(
    `kustomer-mcp ${context.version}, with the environment of ${whose === 'gui' ? 'an app with a window' : 'this shell'}`,
  )
  await runChecks(await systemSteps({ config, flags, env, whose }), report)
  const log = createLogger({
    level: config.logFile === undefined ? 'silent' : config.logLevel,
    file: config.logFile,
  })
  const app = createApp(config, { ...runtime, runner: createProcessRunner(), log })
  const clients = {
    id: 'client',
    title: 'Clients',
    limitMs: clientsMs,
    run: () => clientChecks(currentSystem(runtime)),
  }
  try {
    await runChecks([...accountSteps(app, config, runtime), clients], report)
  } finally {
    await app.stop()
    await log.flush()
  }
  const failures = checks.filter(({ status }) => status === 'fail').length
  const document = { version: context.version, environment: whose, ok: failures === 0, checks }
  if (json) context.print(JSON.stringify(document, undefined, 2))
  if (failures > 0) throw new Error(`${failures} of ${checks.length} checks failed.`)
}

/** Setup has to be told of the sandbox too, else it would look for an account. */
const forSandbox = (check: Check): Check => ({
  ...check,
  fix: check.fix?.replace(/`kustomer-mcp setup(?![^`]* --sandbox)/, '$& --sandbox'),
})

const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const

function lineOf({ status, message, fix, facts }: Check): string {
  const mark = status.padEnd(4)
  const head = `${process.stdout.isTTY ? styleText(colours[status], mark) : mark}  ${message}`
  const tried = Array.isArray(facts?.['tried']) ? [`Looked in ${facts['tried'].join(', ')}`] : []
  return [head, ...[...tried, ...(fix === undefined ? [] : [fix])].map((line) => `      ${line}`)].join('\n')
}
