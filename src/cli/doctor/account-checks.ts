import { dirname } from 'node:path'
import type { App } from '../../app/app.ts'
import type { CatalogStatus } from '../../catalog/catalog.ts'
import { type Drift, driftOf } from '../../catalog/drift.ts'
import { snapshotActions } from '../../catalog/snapshot.macro.ts'
import type { Config } from '../../config/options.ts'
import { formsOf } from '../../membrane/capabilities.ts'
import type { CliInfo } from '../../membrane/cli.ts'
import { isNewerThanKnown, newestKnown } from '../../membrane/command-forms.ts'
import { chooseConnection, isKustomer, toConnectionSummary } from '../../membrane/connection.ts'
import type { Connection } from '../../membrane/documents.ts'
import { type Fallback, type FallbackCounts, fallbacks } from '../../membrane/fallbacks.ts'
import { placesToLook } from '../../membrane/locate.ts'
import type { RuntimeContext } from '../runtime.ts'
import { type Check, type CheckStep, ok, warn } from './check.ts'

const maxWaitMs = 20_000

/** The checks of everything behind the CLI, each of which needs the one before it. */
export function accountSteps({ context, tools }: App, config: Config, runtime: RuntimeContext): CheckStep[] {
  const limitMs = Math.min(config.timeoutMs, maxWaitMs)
  const { membrane, catalog } = context
  const cached = catalog.status()
  let connections: readonly Connection[] = []
  return [
    {
      id: 'cli',
      title: 'Membrane CLI',
      limitMs,
      run: async (signal) => cliCheck(await membrane.getInfo(signal), config, runtime),
    },
    {
      id: 'sign-in',
      title: 'Sign-in',
      needs: ['cli'],
      limitMs,
      async run(signal) {
        connections = await membrane.listConnections(signal)
        return ok('sign-in', 'Signed in to Membrane')
      },
    },
    {
      id: 'connection',
      title: 'Connection',
      needs: ['sign-in'],
      limitMs,
      run: async () => connectionCheck(chooseConnection(connections, config.connection), connections),
    },
    {
      id: 'catalog',
      title: 'List of actions',
      needs: ['connection'],
      limitMs,
      async run(signal) {
        await catalog.refresh(chooseConnection(connections, config.connection).id, 0, signal)
        return catalogCheck(cached, catalog.status(), driftOf(snapshotActions, catalog.builtIn()))
      },
    },
    {
      id: 'round-trip',
      title: 'Call to Kustomer',
      needs: ['catalog'],
      limitMs,
      async run(signal) {
        const tool = tools.get('list-customers')
        const start = performance.now()
        await (await tool?.prepare({ pageSize: 1 }, signal))?.execute(signal)
        const milliseconds = Math.round(performance.now() - start)
        const facts = { tool: 'list-customers', milliseconds }
        return ok('round-trip', `Kustomer answered in ${milliseconds} ms`, facts)
      },
    },
    {
      id: 'drift',
      title: 'Form of answers',
      needs: ['cli'],
      limitMs,
      run: async () => driftCheck(await membrane.fallbacks()),
    },
  ]
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
  const newer = isNewerThanKnown(version)
    ? `; ${newestKnown.cli} is the newest version that is known here, so its newest commands are tried`
    : ''
  return ok(
    'cli',
    `Membrane CLI ${version} at ${path}, found by ${found}, with the ${dialect} commands${newer}`,
    {
      path,
      version,
      found,
      dialect,
      runsActionsWith: run,
      sendsRequestsWith: proxy,
      newestKnown,
      forms: formsOf(cli).map(({ form, cli: versions, sdk, basis }) => ({ form, versions, sdk, basis })),
      looked: config.cli === undefined && !config.sandbox ? places.flatMap(({ folders }) => folders) : [path],
    },
  )
}

/** Whether the CLI has answered in another form than the documented one, in this and in earlier processes. */
function driftCheck(counts: FallbackCounts): Check {
  const names = Object.keys(counts) as Fallback[]
  if (names.length === 0) return ok('drift', 'Every answer of the CLI had the documented form', { counts })
  const list = names.map((name) => `${fallbacks[name]} (${counts[name]} ×)`).join('; ')
  return warn(
    'drift',
    `Some answers of the CLI had another form than the documented one, and were understood: ${list}.`,
    'Run `kustomer-mcp doctor --contract --record contract.json`, and attach the file to an issue.',
    { counts },
  )
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
    const changes = Object.entries(parts).filter(([, names]) => names.length > 0)
    return `${action} (${changes.map(([what, names]) => `${what}: ${names.join(', ')}`).join('; ')})`
  })
  const differs =
    drift.length === 0
      ? 'with the fields as shipped'
      : `live fields differ from the shipped ones in ${fields.join(', ')}; the live ones are used`
  const cached =
    before.fetchedAt === undefined ? 'none was cached' : `the cached one is of ${before.fetchedAt}`
  return ok('catalog', `${actions} actions, read just now (${cached}), ${differs}`, facts)
}
