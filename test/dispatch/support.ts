import { readFile } from 'node:fs/promises'
import type { LiveAction } from '../../src/catalog/live-action.ts'
import { snapshotActions } from '../../src/catalog/snapshot.macro.ts'
import { createConfirmations } from '../../src/dispatch/confirmation.ts'
import { createDispatcher, type DispatcherOptions } from '../../src/dispatch/dispatcher.ts'
import { createPolicy, type PolicyOptions } from '../../src/dispatch/policy.ts'
import type { ProcessResult, ProcessRunner } from '../../src/membrane/process.ts'
import { createResponseFormatter } from '../../src/response/formatter.ts'
import { createResultStore } from '../../src/response/result-store.ts'
import { createRegistry } from '../../src/tools/registry.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import {
  type Harness,
  type Json,
  memoryLog,
  type Plan,
  type SetupOptions,
  setup,
} from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import { type ScriptedRunner, scriptedRunner } from '../support/scripted-runner.ts'

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
export const post = (path: string, body: object = {}): Call => [
  'proxy_request',
  { method: 'POST', path, body },
]

/** A server that has read the live list, so that each further process is one of a call. */
export const warmServer = (
  args: string[] = [],
  faults: Plan['faults'] = [],
  options: SetupOptions = {},
): Promise<Harness> => setup({ plan: { ...plan, faults }, args, ...options })

/** The processes that asked the app for something. */
export const sent = ({ calls }: Pick<Harness, 'calls'>) =>
  calls().filter(({ argv }) => /^(action run|act --|request )/.test(argv.join(' ')))

/** The outcome of a call and the processes that it started with `mark` among their arguments. */
export async function attempt(harness: Harness, [name, args]: Call, mark = '') {
  const marked = () => sent(harness).filter(({ argv }) => argv.join(' ').includes(mark)).length
  const before = marked()
  const { isError, text, structured } = await harness.call(name, args)
  const started = marked() - before
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

/** A runner whose first call to the app ends when the test says so, even when it was cancelled meanwhile. */
export function gatedRunner(given: Plan) {
  const scripted = scriptedRunner(given)
  let release: (result: ProcessResult) => void = () => undefined
  let isHeld = false
  const runner: ProcessRunner & Pick<ScriptedRunner, 'calls'> = {
    ...scripted,
    async run(program, args, signal) {
      if (isHeld || !/^(action run|request)/.test(args.join(' '))) return scripted.run(program, args, signal)
      isHeld = true
      scripted.calls.push({ argv: [...args], env: [], cwd: program.cwd, at: 0 })
      return new Promise((resolve) => {
        release = resolve
      })
    },
  }
  return { runner, held: () => isHeld, release: (result: ProcessResult) => release(result) }
}

/** What tools work with where the connection has just these actions, and nothing can be sent. */
export const contextWith = (live: readonly LiveAction[], context: Partial<ToolContext> = {}) =>
  ({
    catalog: {
      builtIn: () => snapshotActions,
      get: async (_: string, selector: string) =>
        live.find((action) => [action.id, action.key].includes(selector)),
    },
    connections: {
      resolve: async () => connectionId,
      use: (task: () => unknown) => task(),
      withConnection: (_: AbortSignal, task: (given: string) => unknown) => task(connectionId),
    },
    // Whatever key is looked up stands for one record.
    membrane: {
      request: async () => ({ body: { data: { type: 'record', id: 'a'.repeat(24), attributes: {} } } }),
    },
    directory: { find: async (_: string, __: string, text: string) => ({ id: text, name: '' }) },
    ...context,
  }) as unknown as ToolContext

/** A dispatcher on a context, without processes; what it is not given does nothing. */
export function dispatcherOn(
  context: ToolContext,
  policyOptions: Partial<PolicyOptions> = {},
  options: Partial<DispatcherOptions> = {},
) {
  const policy = createPolicy({
    readOnly: false,
    tools: undefined,
    excludeTools: [],
    proxy: 'full',
    ...policyOptions,
  })
  const registry = createRegistry(context, { connection: undefined, proxy: 'full', sandbox: false })
  const log = memoryLog()
  const { dispatch } = createDispatcher({
    ready: Promise.resolve(),
    policy,
    registry,
    recover: (call, next) => next(call),
    confirmMode: 'none',
    confirmations: createConfirmations(),
    dedupe: (call, next) => next(call),
    audit: undefined,
    names: async () => () => undefined,
    format: createResponseFormatter({
      output: 'compact',
      maxResultChars: 20_000,
      store: createResultStore(),
    }),
    firstNotice: undefined,
    timeoutMs: 5000,
    log,
    ...options,
  })
  return { registry, policy, dispatch, log }
}
