import { styleText } from 'node:util'
import { createApp } from '../../app/app.ts'
import { loadConfig } from '../../config/load.ts'
import { createLogger } from '../../logger.ts'
import { createProcessRunner } from '../../membrane/process.ts'
import type { RuntimeContext } from '../runtime.ts'
import { currentSystem } from '../setup/system.ts'
import { accountChecks } from './account-checks.ts'
import type { Check } from './check.ts'
import { clientChecks } from './client-checks.ts'
import { guiEnvironment } from './gui-environment.ts'
import { configurationCheck, nodeCheck, shellCheck, stateCheck } from './system-checks.ts'

/** What was typed after `doctor`, beside the options of every command. */
export interface DoctorOptions {
  /** Whose environment: that of this shell, or what a host with a window has. */
  env: 'own' | 'gui'
  json?: boolean
}

/**
 * Looks at all that has to work and says of each how it is and what to do about it. Throws UsageError, or an Error that
 * says how many checks failed.
 */
export async function doctor(
  flags: Record<string, unknown>,
  given: RuntimeContext,
  { env: whose, json = false }: DoctorOptions,
): Promise<void> {
  const env = whose === 'gui' ? guiEnvironment(process.platform, given.env) : given.env
  const runtime = { ...given, env }
  const config = await loadConfig(flags, env)
  const checks: Check[] = []
  const report = (check: Check) => {
    checks.push(check)
    if (!json) given.print(lineOf(check))
  }
  if (!json) given.print(headOf(given.version, whose))
  report(nodeCheck(process.versions.node, process.execPath, process.versions['electron']))
  report(configurationCheck(config, flags, env))
  report(await stateCheck(config))
  if (whose === 'own') report(shellCheck(process.platform, env))
  const log = createLogger({
    level: config.logFile === undefined ? 'silent' : config.logLevel,
    file: config.logFile,
  })
  const app = createApp(config, { ...runtime, runner: createProcessRunner(), log })
  try {
    await accountChecks(app, config, runtime, report)
  } finally {
    await app.stop()
    await log.flush()
  }
  for (const check of await clientChecks(currentSystem(runtime))) report(check)
  const failures = checks.filter(({ status }) => status === 'fail').length
  const { version } = given
  if (json)
    given.print(JSON.stringify({ version, environment: whose, ok: failures === 0, checks }, undefined, 2))
  if (failures > 0) throw new Error(`${failures} of ${checks.length} checks failed.`)
}

const headOf = (version: string, whose: DoctorOptions['env']) =>
  `kustomer-mcp ${version}, ${whose === 'gui' ? 'as a host with a window would start it' : 'with the environment of this shell'}`

const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const

function lineOf({ status, message, fix, facts }: Check): string {
  const mark = status.padEnd(4)
  const head = `${process.stdout.isTTY ? styleText(colours[status], mark) : mark}  ${message}`
  const tried = Array.isArray(facts?.['tried']) ? [`Looked in ${facts['tried'].join(', ')}`] : []
  return [head, ...[...tried, ...(fix === undefined ? [] : [fix])].map((line) => `      ${line}`)].join('\n')
}
