/**
 * `tsx test/soak/soak.ts [minutes] [seed] [main.js]`: drives the built server for some minutes with mixed calls while
 * hosts cancel, crash and come back and the CLI fails by chance, and then reads back what was written. Every write has
 * a text of its own, so that a lost or doubled one shows. Uses the simulation alone: no network.
 * Exits 1 when a write was lost, doubled or done though it was called failed, when a process was left running, or when
 * a server ended by itself or did not answer.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { faultyCli, type Json, mainJs } from '../support/server.ts'
import { faultyPlan } from './faults.ts'
import { type Departure, type Host, type Outcome, startHost } from './host.ts'
import { measure, stillRunning } from './measure.ts'

const minutes = Number(process.argv[2] ?? 3)
const seed = Number(process.argv[3] ?? Date.now() % 1e6)
const main = resolve(process.argv[4] ?? mainJs)

/** A small generator of pseudo-random numbers from 0 to 1 (mulberry32): the same ones for the same seed. */
function generator(state: number): () => number {
  let a = state
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
const random = generator(seed)
const below = (limit: number) => Math.floor(random() * limit)
const oneOf = <T>(items: readonly T[]) => items[below(items.length)] as T

const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-soak-'))
const file = (name: string) => join(folder, name)
const limits = Object.fromEntries(['budget', 'search', 'perCustomer', 'perObject'].map((name) => [name, 1e9]))
const common = {
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  MEMBRANE_SANDBOX_LIMITS: JSON.stringify(limits),
  MEMBRANE_SANDBOX_DIALECT: oneOf(['old', 'new']),
  MEMBRANE_SANDBOX_RECORD: file('record.jsonl'),
}
const patience = [
  '--requests-per-minute',
  '100000',
  '--searches-per-minute',
  '100000',
  '--timeout-ms',
  '6000',
]
const bounds = [...patience, '--max-concurrency', '3', '--log-file', file('server.log')]

/** A workspace that two servers share: one that stays, and one whose host comes and goes. */
interface Site {
  name: string
  args: string[]
  env: Record<string, string>
}
const sites: Site[] = [
  {
    name: 'sandbox',
    args: [main, '--sandbox', '--state-dir', file('sandbox'), ...bounds],
    env: common,
  },
  {
    name: 'faulty CLI',
    args: [main, '--cli', faultyCli, '--state-dir', file('faulty'), ...bounds],
    env: {
      ...common,
      MEMBRANE_PLAN: file('plan.json'),
      MEMBRANE_RECORD: file('record.jsonl'),
      MEMBRANE_SANDBOX_DIR: file('faulty/sandbox'),
    },
  },
]

let crashes = 0
let restarts = 0
let calls = 0
const ends = new Map<string, number>()
/** How the attempts of each write ended, by its text. */
const writes = new Map<string, { site: Site; reasons: string[] }>()
const start = ({ args, env }: Site) => startHost(args, env, () => crashes++)

/** Calls a tool, gives up on it now and then, and counts how it ended. */
async function call(host: Host, name: string, args: object) {
  calls++
  const { outcome, cancel } = host.call(name, args)
  if (random() < 0.08) void wait(below(800)).then(cancel)
  const { reason, structured } = await outcome
  ends.set(reason, (ends.get(reason) ?? 0) + 1)
  return { reason, data: structured?.data as Json }
}

const conversation = '6aff0158c0f0000004000001'
type Request = [tool: string, args: object]
const routes: ((body: string) => Request)[] = [
  (body: string) => ['create-note', { conversation, body }],
  (body: string) => ['run-action', { action: 'create-note', input: { conversation, body } }],
  (body: string) => ['proxy_request', { method: 'POST', path: '/v1/notes', body: { conversation, body } }],
]

/** One write, at times twice at once; one whose end is not known is asked for once more, as an agent may do. */
async function write(site: Site, server: { host: Promise<Host> }) {
  const body = `soak write ${writes.size}`
  const reasons: string[] = []
  writes.set(body, { site, reasons })
  const [name, args] = oneOf(routes)(body)
  const attempt = async () => {
    const { reason } = await call(await server.host, name, args)
    reasons.push(reason)
    return reason
  }
  const first = await Promise.all(random() < 0.1 ? [attempt(), attempt()] : [attempt()])
  if (first.every((reason) => !isKnown(reason))) await attempt()
}

/** Whether the end of a write says if it was done. */
const isKnown = (reason: string) =>
  !['outcome-unknown', 'held back', 'host left', 'host cancelled', 'silent'].includes(reason)

const reads: (() => Request)[] = [
  () => ['list-notes', { page: 1 + below(3), pageSize: 1 + below(100) }],
  () => ['list-customers', { pageSize: 1 + below(100) }],
  () => ['get-conversation-by-id', { id: conversation }],
  () => ['get-customer-by-email', { email: `nobody-${below(1000)}@example.com` }],
  () => ['proxy_request', { path: '/v1/users', query: { pageSize: 1 + below(100) } }],
  () => ['search-actions', { intent: 'delete a note', limit: 1 + below(50) }],
  () => ['connection-status', {}],
]

async function work(site: Site, server: { host: Promise<Host> }, end: number) {
  while (Date.now() < end) {
    if (random() < 0.5) await write(site, server)
    else await call(await server.host, ...oneOf(reads)())
  }
}

/** A host that leaves every few seconds in one way or another, in the middle of its calls, and comes back. */
async function comeAndGo(site: Site, server: { host: Promise<Host> }, end: number) {
  const ways: Departure[] = ['closes stdin', 'crashes', 'sends SIGTERM']
  while (Date.now() < end) {
    await wait(2000 + below(4000))
    const host = await server.host
    server.host = host.leave(oneOf(ways)).then(() => start(site))
    await server.host
    restarts++
  }
}

/** Reads every note of a site back, with a server and a CLI that nothing happens to. */
async function notesOf({ env }: Site, stateDir: string): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const host = await startHost(
    [main, '--sandbox', '--state-dir', stateDir, ...bounds, '--timeout-ms', '60000'],
    env,
    () => crashes++,
  )
  for (let page: Json = 1; page !== undefined; ) {
    const { reason, structured }: Outcome = await host.call('list-notes', {
      page,
      pageSize: 100,
      fields: ['body'],
    }).outcome
    if (reason !== 'ok') throw new Error(`reading back failed: ${reason}`)
    for (const { body } of structured.data) found.set(body, (found.get(body) ?? 0) + 1)
    page = structured.page?.next
  }
  await host.leave('closes stdin')
  return found
}

/** How often a write may be there: once, and once more for each try that followed the word that it was held back. */
function allowed(reasons: readonly string[]): number {
  const told = reasons.indexOf('held back')
  return told < 0 ? 1 : 1 + reasons.slice(told + 1).filter((reason) => reason !== 'held back').length
}

/** Compares what was answered with what is there. */
async function verdict() {
  const stored = new Map<Site, Map<string, number>>()
  for (const [index, site] of sites.entries())
    stored.set(site, await notesOf(site, file(['sandbox', 'faulty'][index] as string)))
  const result = { sure: 0, lost: 0, doubled: 0, repeated: 0, phantom: 0, unknown: 0, unknownDone: 0 }
  for (const [body, { site, reasons }] of writes) {
    const times = stored.get(site)?.get(body) ?? 0
    const isSure = reasons.includes('ok')
    const isUnknown = !isSure && !reasons.every(isKnown)
    const isPhantom = !isSure && !isUnknown && times > 0
    if (times > allowed(reasons)) result.doubled++
    else if (times > 1) result.repeated++
    if (isSure) result.sure++
    if (isSure && times === 0) result.lost++
    if (isUnknown) result.unknown++
    if (isUnknown && times === 1) result.unknownDone++
    if (isPhantom) result.phantom++
    if (times > allowed(reasons) || isPhantom || (isSure && times === 0))
      console.log(`  ${body} (${site.name}): answered ${reasons.join(', ')}; there ${times} times`)
  }
  return result
}

async function run() {
  await writeFile(file('plan.json'), JSON.stringify(faultyPlan(seed, join(dirname(main), 'sandbox.js'))))
  console.log(`soak: ${minutes} min, seed ${seed}, ${common.MEMBRANE_SANDBOX_DIALECT} dialect`)
  const end = Date.now() + minutes * 60_000
  const steady = sites.map((site) => ({ site, server: { host: start(site) } }))
  const passing = sites.map((site) => ({ site, server: { host: start(site) } }))
  const pids = await Promise.all(steady.map(async ({ server }) => (await server.host).pid))
  const measureAll = () => Promise.all(pids.map(measure))
  const samples = [await measureAll()]
  const warmedUp = wait(minutes * 15_000).then(async () => samples.push(await measureAll()))
  await Promise.all([
    ...[...steady, ...passing, ...steady, ...passing].map(({ site, server }) => work(site, server, end)),
    ...passing.map(({ site, server }) => comeAndGo(site, server, end)),
    warmedUp,
  ])
  await wait(1000)
  samples.push(await measureAll())
  await Promise.all(
    [...steady, ...passing].map(async ({ server }) => (await server.host).leave('closes stdin')),
  )
  await wait(2000)
  const orphans = await stillRunning(file('record.jsonl'), folder)
  const found = await verdict()
  const mistakes = (await readFile(file('server.log'), 'utf8')).split('"event":"mistake"').length - 1

  const count = (reason: string) => ends.get(reason) ?? 0
  const others = [...ends].filter(([reason]) => reason !== 'ok').sort(([, a], [, b]) => b - a)
  const figures = (pick: (sample: Awaited<ReturnType<typeof measure>>) => number | undefined) =>
    sites
      .map(({ name }, index) => {
        const values = samples.map((sample) => pick(sample[index] as (typeof sample)[number]) ?? 'n/a')
        return `${name} ${values.join(' / ')}`
      })
      .join(', ')
  const rows: [string, string | number][] = [
    ['calls', `${calls}, of which ${count('ok')} ok; ${restarts} restarts of a host`],
    ['ends other than ok', others.map(([reason, times]) => `${reason} ${times}`).join(', ')],
    ['writes', `${writes.size}, of which ${found.sure} answered ok`],
    ['lost writes', found.lost],
    ['doubled writes', found.doubled],
    ['repeated after being held back', found.repeated],
    ['done though answered as failed', found.phantom],
    ['unknown outcomes', `${found.unknown}, of which ${found.unknownDone} were done`],
    ['MiB at start / warm / end', figures(({ rss }) => rss)],
    ['handles at start / warm / end', figures(({ handles }) => handles)],
    ['orphans', orphans.length],
    ['servers that ended by themselves', crashes],
    ['mistakes of the server', mistakes],
  ]
  for (const [label, value] of rows) console.log(`  ${label.padEnd(34)}${value}`)
  const failures = [
    found.lost,
    found.doubled,
    found.phantom,
    orphans.length,
    crashes,
    mistakes,
    count('silent'),
  ]
  return failures.every((failure) => failure === 0)
}

const isFine = await run().finally(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
console.log(isFine ? 'soak: passed' : 'soak: FAILED')
process.exit(isFine ? 0 : 1)
