import { dirname } from 'node:path'
import type { App } from '../../app/app.ts'
import { withDeadline } from '../../async/deadline.ts'
import type { CatalogStatus } from '../../catalog/catalog.ts'
import { type Drift, driftOf } from '../../catalog/drift.ts'
import { snapshotActions } from '../../catalog/snapshot.macro.ts'
import type { Config } from '../../config/options.ts'
import { ToolError } from '../../errors.ts'
import type { CliInfo } from '../../membrane/cli.ts'
import { chooseConnection, isKustomer, toConnectionSummary } from '../../membrane/connection.ts'
import type { Connection } from '../../membrane/documents.ts'
import { placesToLook } from '../../membrane/locate.ts'
import type { RuntimeContext } from '../runtime.ts'
import { type Check, failed, ok, warn } from './check.ts'

/** The most that one check waits, in milliseconds. */
const patienceMs = 20_000
/** What is looked at, in this order, each when all before it hold. */
const steps = {
  cli: 'The Membrane CLI',
  'sign-in': 'The sign-in',
  connection: 'The connection',
  catalog: 'The list of actions',
  'round-trip': 'A call to Kustomer',
}
const ids = Object.keys(steps) as (keyof typeof steps)[]

/**
 * Looks at everything behind the CLI, each step only when the one before it holds, since it would fail for the same
 * reason. Calls `report` with each check; rejects only with a mistake of this program.
 */
export async function accountChecks(
  app: App,
  config: Config,
  runtime: RuntimeContext,
  report: (check: Check) => void,
): Promise<void> {
  const limitMs = Math.min(config.timeoutMs, patienceMs)
  const { context, tools } = app
  const { membrane, catalog } = context
  const known = catalog.status()
  let at: keyof typeof steps = 'cli'
  const bounded = <T>(task: (signal: AbortSignal) => Promise<T>) =>
    withDeadline(limitMs, task).catch((error: unknown) => {
      const isLate = error instanceof ToolError && error.reason === 'timeout'
      throw isLate
        ? new ToolError('timeout', `The Membrane CLI gave no answer within ${limitMs / 1000} s.`)
        : error
    })
  try {
    const cli = await bounded(membrane.getInfo)
    report(await cliCheck(cli, config, runtime))
    at = 'sign-in'
    const connections = await bounded(membrane.listConnections)
    report(ok(at, 'Signed in to Membrane'))
    at = 'connection'
    const connection = chooseConnection(connections, config.connection)
    report(connectionCheck(connection, connections))
    at = 'catalog'
    await bounded((signal) => catalog.refresh(connection.id, 0, signal))
    report(catalogCheck(known, catalog.status(), driftOf(snapshotActions, catalog.builtIn())))
    at = 'round-trip'
    const tool = tools.get('list-customers')
    const start = performance.now()
    if (tool !== undefined)
      await bounded(async (signal) => (await tool.prepare({ pageSize: 1 }, signal)).execute(signal))
    const milliseconds = Math.round(performance.now() - start)
    report(ok(at, `Kustomer answered in ${milliseconds} ms`, { tool: 'list-customers', milliseconds }))
  } catch (error) {
    report(failed(at, error))
    for (const id of ids.slice(ids.indexOf(at) + 1)) report(warn(id, `${steps[id]} was not looked at.`))
  }
}

async function cliCheck(cli: CliInfo, config: Config, { env, bundleDir }: RuntimeContext): Promise<Check> {
  const { path, version, run, proxy, act } = cli
  const places = await placesToLook({ env, packageFolder: dirname(bundleDir) })
  const place = places.find(({ folders }) => folders.includes(dirname(path)))
  const found = config.sandbox
    ? '--sandbox'
    : config.cli === undefined
      ? (place?.name ?? 'an unknown place')
      : '--cli'
  const dialect = act ? 'newer' : 'older'
  return ok('cli', `Membrane CLI ${version} at ${path}, found by ${found}, with the ${dialect} commands`, {
    ...{ path, version, found, dialect, runsActionsWith: run, sendsRequestsWith: proxy },
    looked: config.cli === undefined && !config.sandbox ? places.flatMap(({ folders }) => folders) : [path],
  })
}

function connectionCheck(connection: Connection, connections: readonly Connection[]): Check {
  const all = connections.filter(isKustomer).map(toConnectionSummary)
  const { id, name, state } = toConnectionSummary(connection)
  const others = all.filter((other) => other.id !== id).map((other) => `${other.name} is ${other.state}`)
  const rest = others.length === 0 ? '' : `; of the others ${others.join(', ')}`
  return ok('connection', `Connection ${name} (${id}) is ${state}${rest}`, { id, connections: all })
}

function catalogCheck(
  before: CatalogStatus,
  { actions, missing }: CatalogStatus,
  drift: readonly Drift[],
): Check {
  const cached = before.fetchedAt === undefined ? 'none was kept' : `the one kept is of ${before.fetchedAt}`
  const facts = { actions, cachedAt: before.fetchedAt ?? null, missing, drift }
  if (missing.length > 0)
    return warn(
      'catalog',
      `The connection lacks ${missing.join(', ')}.`,
      'Calls of these tools will fail; use proxy_request.',
      facts,
    )
  const fields = drift.map(({ action, added, removed, required, retyped }) => {
    const parts = { new: added, gone: removed, 'now required': required, 'of another type': retyped }
    const told = Object.entries(parts).filter(([, names]) => names.length > 0)
    return `${action} (${told.map(([what, names]) => `${what}: ${names.join(', ')}`).join('; ')})`
  })
  const differs =
    drift.length === 0
      ? 'with the fields as shipped'
      : `live fields differ from the shipped ones in ${fields.join(', ')}; the live ones are used`
  return ok('catalog', `${actions} actions, read just now (${cached}), ${differs}`, facts)
}
