import { cp, readdir, readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ProcessResult } from '../../src/membrane/process.ts'
import {
  type Harness,
  type Plan,
  type SetupOptions,
  setup,
  temporaryFolder,
  until,
} from '../support/harness.ts'
import { atItsTime, elapse, stopClock } from '../support/time.ts'
import { attempt, type Call, gatedRunner, id, note, plan, sent } from './support.ts'

const madeId = 'cccccccccccccccccccccccc'
const success: ProcessResult = {
  ended: 'exit',
  exitCode: 0,
  stdout: JSON.stringify({
    output: { data: { type: 'note', id: madeId, attributes: { body: 'PRIVATE-ANSWER' } } },
    actionRunId: '6af0c0ffee0000000000f001',
  }),
  stderr: '',
  milliseconds: 1,
}
const refusal = (status: number) => ({
  json: { response: { status, data: {} }, request: { url: 'https://api.kustomerapp.com/v1/x' } },
  exit: 1,
})

/** What a test does with the first server, and with those after it. */
interface Server {
  harness: Harness
  gate: ReturnType<typeof gatedRunner> | undefined
  call: Call
}

/**
 * One call in one word: `sent`; `known` for an earlier outcome and nothing sent; `unknown` for a refusal since the earlier
 * outcome is unknown; else the reason and the number of processes.
 */
async function wordOf({ harness, call }: Pick<Server, 'harness' | 'call'>): Promise<string> {
  const { outcome, started, text } = await attempt(harness, call)
  if (outcome === 'ok' && started === 1) return 'sent'
  if (outcome === 'ok' && /Done before, at \d{4}-/.test(text)) return 'known'
  if (outcome === 'outcome-unknown' && started === 0 && text.includes('Nothing was sent now'))
    return 'unknown'
  return `${outcome} ${started}`
}

/** Makes the call and cancels it at the client; returns how to do the latter. */
function cancellable({ harness, call: [name, args] }: Server) {
  const controller = new AbortController()
  const ended = harness.call(name, args, { signal: controller.signal }).catch(() => undefined)
  return async () => {
    controller.abort()
    await ended
  }
}

/** Cancels the call once its process has started, and waits for that process to end by itself or at the deadline. */
async function cancelWhileSent(server: Server) {
  const cancel = cancellable(server)
  await until(() => sent(server.harness).length === 1)
  await cancel()
  await atItsTime(server.harness.app.idle())
  return 'cancelled'
}

/** Sends the cancellation of the last call although its response has come. */
async function cancelAnswered({ client }: Harness, task: () => Promise<string>): Promise<string> {
  const { transport } = client
  if (transport === undefined) throw new Error('no transport')
  let last: unknown
  const send = transport.send.bind(transport)
  transport.send = (given, options) => {
    if ('method' in given && given.method === 'tools/call' && 'id' in given) last = given.id
    return send(given, options)
  }
  const outcome = await task()
  await client.notification({ method: 'notifications/cancelled', params: { requestId: last as number } })
  return outcome
}

interface Row {
  /** How the first write ends. */
  ends: string
  call?: Call
  args?: string[]
  faults?: Plan['faults']
  options?: SetupOptions
  gated?: boolean
  /** Makes the first call; the plain call where absent. */
  make?: (server: Server) => Promise<string>
  first: string
  /** The next identical calls in the same process; none where it has ended. */
  same?: string[]
  /** The next identical calls in a process started after the first was ended by its client. */
  ended: string[]
  /** The next identical calls in a process started after the first was killed at once. */
  killed: string[]
}

const again = (...words: string[]) => ({ same: words, ended: words, killed: words })
const unknownOnce = again('unknown', 'sent')
const knownOnce = again('known', 'sent')
const other: Call = ['create-note', { conversation: id, body: 'Another.' }]
const oneAtATime = ['--max-concurrency', '1']

/** Makes another write first, which keeps the only place in the queue. */
async function queued({ harness, gate, call }: Server) {
  const blocking = harness.call(...other)
  await until(() => gate?.held() === true)
  const cancel = cancellable({ harness, gate, call })
  // It is recorded before it waits for its turn.
  await until(async () => (await recordsIn(harness.stateDir)).length === 2)
  return { cancel, blocking }
}

const rows: Row[] = [
  {
    ends: 'refused by our check',
    call: ['update-conversation', { id, priority: 8 }],
    first: 'invalid-input 0',
    ...again('invalid-input 0', 'invalid-input 0'),
  },
  {
    ends: 'refused by the policy',
    args: ['--exclude-tools', 'create-note'],
    first: 'refused-by-policy 0',
    ...again('refused-by-policy 0', 'refused-by-policy 0'),
  },
  {
    ends: 'refused by the person',
    args: ['--confirm', 'writes'],
    options: { elicit: () => ({ action: 'decline' }) },
    first: 'refused-by-policy 0',
    ...again('refused-by-policy 0', 'refused-by-policy 0'),
  },
  {
    ends: 'refused for lack of an audit file',
    args: ['--audit-file', join(import.meta.filename, 'audit.jsonl')],
    first: 'refused-by-policy 0',
    ...again('refused-by-policy 0', 'refused-by-policy 0'),
  },
  ...[
    [400, 'invalid-input'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [409, 'conflict'],
    [429, 'rate-limited'],
  ].map(
    ([status, reason]): Row => ({
      ends: `answered ${status} by Kustomer`,
      faults: [{ when: 'action run', ...refusal(Number(status)), times: 1 }],
      first: `${reason} 1`,
      ...again('sent', 'sent'),
    }),
  ),
  {
    ends: 'without a CLI to start',
    gated: true,
    async make(server) {
      const word = wordOf(server)
      await until(() => server.gate?.held() === true)
      server.gate?.release({ ...success, ended: 'not-started', code: 'ENOENT', stdout: '' })
      return word
    },
    first: 'cli-not-found 1',
    ...again('sent', 'sent'),
  },
  { ends: 'delivered', first: 'sent', same: ['sent'], ended: ['sent', 'sent'], killed: ['known', 'sent'] },
  {
    ends: 'delivered two seconds ago',
    async make(server) {
      const word = await wordOf(server)
      await elapse(2000)
      return word
    },
    first: 'sent',
    ...again('sent', 'sent'),
  },
  {
    ends: 'done, cancelled before the response',
    faults: [{ when: 'action run', json: JSON.parse(success.stdout), delayMs: 500, times: 1 }],
    make: cancelWhileSent,
    first: 'cancelled',
    ...knownOnce,
  },
  {
    ends: 'done, cancelled after the response',
    make: (server) => cancelAnswered(server.harness, () => wordOf(server)),
    first: 'sent',
    ...knownOnce,
  },
  {
    ends: 'at its deadline',
    args: ['--timeout-ms', '1000'],
    faults: [{ when: 'action run', hang: true, times: 1 }],
    make: (server) => atItsTime(wordOf(server)),
    first: 'outcome-unknown 1',
    ...unknownOnce,
  },
  {
    ends: 'with a CLI that was killed',
    faults: [{ when: 'action run', signal: 'SIGKILL', times: 1 }],
    first: 'outcome-unknown 1',
    ...unknownOnce,
  },
  {
    ends: 'with an answer that was cut',
    faults: [{ when: 'action run', stdout: '{"output": {"da', times: 1 }],
    first: 'outcome-unknown 1',
    ...unknownOnce,
  },
  {
    ends: 'with a broken connection',
    faults: [{ when: 'action run', stderr: 'Error: socket hang up\n', exit: 1, times: 1 }],
    first: 'outcome-unknown 1',
    ...unknownOnce,
  },
  {
    ends: 'unknown, by run-action',
    call: ['run-action', { action: 'create-note', input: note[1] }],
    faults: [{ when: 'action run', signal: 'SIGKILL', times: 1 }],
    first: 'outcome-unknown 1',
    ...unknownOnce,
  },
  {
    ends: 'unknown, by proxy_request',
    call: ['proxy_request', { method: 'POST', path: '/v1/customers', body: { name: 'Ada' } }],
    faults: [{ when: 'request', signal: 'SIGKILL', times: 1 }],
    first: 'outcome-unknown 1',
    ...unknownOnce,
  },
  {
    ends: 'unknown, and its caller was told',
    faults: [{ when: 'action run', signal: 'SIGKILL', times: 1 }],
    async make(server) {
      return `${await wordOf(server)}, ${await wordOf(server)}`
    },
    first: 'outcome-unknown 1, unknown',
    ...again('sent', 'sent'),
  },
  {
    ends: 'at its deadline, cancelled before',
    args: ['--timeout-ms', '1000'],
    faults: [{ when: 'action run', hang: true, times: 1 }],
    make: cancelWhileSent,
    first: 'cancelled',
    ...unknownOnce,
  },
  {
    ends: 'cancelled in the queue',
    args: oneAtATime,
    gated: true,
    async make(server) {
      const { cancel, blocking } = await queued(server)
      await cancel()
      server.gate?.release(success)
      await blocking
      await server.harness.app.idle()
      return 'cancelled'
    },
    first: 'cancelled',
    ...again('sent', 'sent'),
  },
  {
    ends: 'at its deadline in the queue',
    args: [...oneAtATime, '--timeout-ms', '1000'],
    gated: true,
    async make(server) {
      const blocking = server.harness.call(...other)
      await until(() => server.gate?.held() === true)
      const word = await atItsTime(wordOf(server))
      server.gate?.release(success)
      await blocking
      return word
    },
    first: 'timeout 0',
    ...again('sent', 'sent'),
  },
  {
    ends: 'with the server, in the queue',
    args: oneAtATime,
    gated: true,
    async make({ harness, gate, call }) {
      const blocking = harness.call(...other)
      await until(() => gate?.held() === true)
      const word = wordOf({ harness, call })
      await until(async () => (await recordsIn(harness.stateDir)).length === 2)
      await harness.app.stop()
      gate?.release(success)
      await blocking
      return word
    },
    first: 'cancelled 0',
    ended: ['sent', 'sent'],
    killed: ['sent', 'sent'],
  },
  {
    ends: 'with the server, while it was sent',
    faults: [{ when: 'action run', hang: true, times: 1 }],
    async make(server) {
      const word = wordOf(server)
      await until(() => sent(server.harness).length === 1)
      await server.harness.app.stop()
      return word
    },
    first: 'outcome-unknown 1',
    ended: ['unknown', 'sent'],
    killed: ['unknown', 'sent'],
  },
]

/** Records that are whole: one that is being written has another name until then. */
const recordsIn = async (stateDir: string) =>
  (await readdir(join(stateDir, 'cache'))).filter((name) => /^write-\w+\.json$/.test(name))

/** The first server of a row, after its first call. */
async function firstServer({ call = note, args = [], faults = [], options, gated, make = wordOf }: Row) {
  stopClock()
  const gate = gated ? gatedRunner(plan) : undefined
  const harness = await setup({
    args,
    plan: { ...plan, faults },
    ...(gate === undefined ? {} : { runner: gate.runner }),
    ...options,
  })
  const first = await make({ harness, gate, call })
  const next = (stateDir: string) => setup({ args, plan, stateDir, ...options })
  return { harness, first, next, call }
}

async function wordsOf(harness: Harness, call: Call, count: number): Promise<string[]> {
  const words: string[] = []
  for (let made = 0; made < count; made++) words.push(await wordOf({ harness, call }))
  return words
}

/** The state folder as a killed process leaves it. */
async function copyOf(stateDir: string): Promise<string> {
  const copy = join(await temporaryFolder(), 'state')
  await cp(stateDir, copy, { recursive: true, preserveTimestamps: true })
  return copy
}

/** Only the type and the id of a record may be on disk, and nothing of what was written or answered. */
async function expectNoText(stateDir: string) {
  for (const name of await recordsIn(stateDir)) {
    const { made = {}, ...record } = JSON.parse(await readFile(join(stateDir, 'cache', name), 'utf8'))
    expect(Object.keys(record).sort()).toEqual(['at', 'id', 'reported', 'state'])
    expect(['type', 'id']).toEqual(expect.arrayContaining(Object.keys(made)))
  }
  const files = await readdir(stateDir, { recursive: true, withFileTypes: true })
  for (const file of files.filter((entry) => entry.isFile()))
    expect(await readFile(join(file.parentPath, file.name), 'utf8')).not.toMatch(/PRIVATE|Called back/)
}

it.each(rows)('a write that ends $ends', async (row) => {
  const { harness, first, call } = await firstServer(row)
  expect(first).toBe(row.first)
  await harness.app.context.membrane.fallbacks()
  await expectNoText(harness.stateDir)
  const same = row.same ?? []
  expect(await wordsOf(harness, call, same.length)).toEqual(same)
})

it.each(rows)('in the next process, a write that ended $ends', async (row) => {
  const { harness, next, call } = await firstServer(row)
  await harness.end()
  expect(await wordsOf(await next(harness.stateDir), call, row.ended.length)).toEqual(row.ended)
})

it.each(rows)('after a kill, a write that ended $ends', async (row) => {
  const { harness, next, call } = await firstServer(row)
  const copy = await copyOf(harness.stateDir)
  expect(await wordsOf(await next(copy), call, row.killed.length)).toEqual(row.killed)
})

it.each([
  ['queued', ['outcome-unknown 0', 'unknown', 'sent']],
  ['sent', ['outcome-unknown 0', 'unknown', 'sent']],
])('a process killed while a write is %s', async (step, words) => {
  stopClock()
  const gate = gatedRunner(plan)
  const harness = await setup({ args: oneAtATime, plan, runner: gate.runner })
  const calls = (step === 'queued' ? [other, note] : [note]).map((call) => harness.call(...call))
  await until(async () => gate.held() && (await recordsIn(harness.stateDir)).length === calls.length)
  const copy = await copyOf(harness.stateDir)
  gate.release(success)
  await Promise.all(calls)

  const next = await setup({ plan, stateDir: copy })
  // Its lock counts for some seconds, since its holder may be busy.
  const [locked, ...others] = words
  expect(await wordOf({ harness: next, call: note })).toBe(locked)
  for (const lock of await readdir(join(copy, 'writes')))
    await utimes(join(copy, 'writes', lock), new Date(0), new Date(0))
  expect(await wordsOf(next, note, others.length)).toEqual(others)
})

it('a known outcome is the whole answer in the same process', async () => {
  const row = rows.find(({ ends }) => ends === 'done, cancelled before the response')
  const { harness, call } = await firstServer(row as Row)
  const { text } = await attempt(harness, call)
  expect(JSON.parse(text)).toMatchObject({ data: { id: madeId, body: 'PRIVATE-ANSWER' } })
})

it('a known outcome is its record’s id in the next process', async () => {
  const row = rows.find(({ ends }) => ends === 'done, cancelled before the response')
  const { harness, next, call } = await firstServer(row as Row)
  await harness.end()
  const { data } = await attempt(await next(harness.stateDir), call)
  expect(data).toEqual({ type: 'note', id: madeId, done: true, at: expect.stringMatching(/^\d{4}-.*Z$/) })
})

it('a text in place of an id is not kept', async () => {
  stopClock()
  const output = { output: { type: 'note', id: 'Dear PRIVATE customer' } }
  const harness = await setup({ plan: { ...plan, faults: [{ when: 'action run', json: output }] } })
  expect((await harness.call(...note)).isError).toBe(false)
  const [name = ''] = await recordsIn(harness.stateDir)
  expect(await readFile(join(harness.stateDir, 'cache', name), 'utf8')).not.toContain('PRIVATE')
})

it('another state folder knows nothing of a write', async () => {
  const harness = await setup({ plan: { ...plan, faults: [{ when: 'action run', signal: 'SIGKILL' }] } })
  expect(await wordOf({ harness, call: note })).toBe('outcome-unknown 1')
  expect(await wordOf({ harness: await setup({ plan }), call: note })).toBe('sent')
})

it('an unknown outcome is refused once more after the confirmation', async () => {
  const harness = await setup({
    args: ['--confirm', 'writes'],
    plan: { ...plan, faults: [{ when: 'action run', signal: 'SIGKILL', times: 1 }] },
  })
  const words: string[] = []
  for (let count = 0; count < 3; count++) {
    const { data } = await attempt(harness, note)
    const { confirmationToken } = data
    words.push(await wordOf({ harness, call: [note[0], { ...note[1], confirmationToken }] }))
  }
  expect(words).toEqual(['outcome-unknown 1', 'unknown', 'sent'])
})

it('a joined write is sent when the first call is cancelled in the queue', async () => {
  const gate = gatedRunner(plan)
  const harness = await setup({ args: oneAtATime, plan, runner: gate.runner })
  const server = { harness, gate, call: note }
  const { cancel, blocking } = await queued(server)
  const joined = wordOf(server)
  await new Promise((resolve) => setImmediate(resolve))
  await cancel()
  gate.release(success)
  await blocking
  expect(await joined).toBe('sent')
})

it('a repeat of a cancelled write waits for it, and is not sent', async () => {
  stopClock()
  const faults = [{ when: 'action run', standard: true, delayMs: 500, times: 1 }]
  const harness = await setup({ plan: { ...plan, faults } })
  const cancel = cancellable({ harness, gate: undefined, call: note })
  await until(() => sent(harness).length === 1)
  await cancel()
  expect(await atItsTime(wordOf({ harness, call: note }))).toBe('known')
  expect(sent(harness)).toHaveLength(1)
})

it('a read ends with its caller', async () => {
  stopClock()
  const harness = await setup({ plan: { ...plan, faults: [{ when: 'action run', hang: true }] } })
  const cancel = cancellable({ harness, gate: undefined, call: ['list-notes', {}] })
  await until(() => sent(harness).length === 1)
  await cancel()
  await harness.app.idle()
  expect(harness.log()).toMatch(/"tool":"list-notes".*"reason":"cancelled"/)
})
