import { readFile } from 'node:fs/promises'
import { createCatalog } from '../../src/catalog/catalog.ts'
import type { LiveAction } from '../../src/catalog/live-action.ts'
import type { Membrane } from '../../src/membrane/client.ts'
import type { Cache } from '../../src/store/cache.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import { type Harness, type Json, type Plan, type SetupOptions, setup, warm } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'

export const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
export const plan: Plan = { connections: [connection], actions: liveActions }

export type Call = [name: string, args: Record<string, unknown>]
export const note: Call = ['create-note', { conversation: id, body: 'Called back.' }]
export const message: Call = [
  'create-message',
  { conversation: id, channel: 'email', app: 'postmark', direction: 'out', preview: 'Sent.' },
]
export const deletion: Call = ['proxy_request', { method: 'DELETE', path: `/v1/customers/${id}` }]
export const get = (path = '/v1/customers'): Call => ['proxy_request', { path }]

/** A server that has read the live list, so that each further process is one of a call. */
export async function warmServer(
  args: string[] = [],
  faults: Plan['faults'] = [],
  more: SetupOptions = {},
): Promise<Harness> {
  const harness = await setup({ plan: { ...plan, faults }, args, prefetched: true, ...more })
  await warm(harness)
  return harness
}

/** The processes that asked the app for something. */
export const sent = async (harness: Pick<Harness, 'calls'>) =>
  (await harness.calls()).filter(({ argv }) => /^(action run|act --|request )/.test(argv.join(' ')))

/** An id for each of the cases that run at the same time, by which a fault and `attempt` know their processes. */
export const caseId = (index: number): string => index.toString(16).padStart(24, '0')

/** What a call answered, and how many processes it started that asked the app for something, with `mark` among it. */
export async function attempt(harness: Harness, [name, args]: Call, mark = '') {
  const marked = async () => (await sent(harness)).filter(({ argv }) => argv.join(' ').includes(mark)).length
  const before = await marked()
  const { isError, text, structured } = await harness.call(name, args)
  const started = (await marked()) - before
  const { data } = structured ?? {}
  return {
    /** `plan` where a token was given, else `ok` or the reason of the error. */
    outcome: isError ? text.split(':')[0] : data?.state === 'CONFIRMATION_REQUIRED' ? 'plan' : 'ok',
    started,
    text,
    data,
  }
}

/** The same, for asserting in one line. */
export async function outcome(harness: Harness, call: Call): Promise<[string | undefined, number]> {
  const result = await attempt(harness, call)
  return [result.outcome, result.started]
}

export const jsonLines = async (file: string): Promise<Json[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

/** What tools work with where the connection has just these actions, and nothing can be sent. */
export function contextWith(live: readonly LiveAction[], refuse: ToolContext['refusal'] = () => undefined) {
  const popular = createCatalog({
    membrane: {} as Membrane,
    cache: {} as Cache,
    scope: '',
    version: '',
  }).builtIn()
  return {
    catalog: {
      popular: () => popular,
      complete: async () => undefined,
      get: async (_: string, selector: string) =>
        live.find((action) => [action.id, action.key].includes(selector)),
    },
    workspace: { use: (_: AbortSignal, task: (given: string) => unknown) => task(connectionId) },
    refusal: refuse,
  } as unknown as ToolContext
}
