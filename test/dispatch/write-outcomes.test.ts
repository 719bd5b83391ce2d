import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { createWriteMemory } from '../../src/dispatch/write-memory.ts'
import { ToolError } from '../../src/errors.ts'
import type { Cache } from '../../src/store/cache.ts'
import { type Harness, isAlive, temporaryFolder, until } from '../support/harness.ts'
import { attempt, type Call, caseId, get, id, note, outcome, sent, warmServer } from './support.ts'

const killed = { when: 'action run', signal: 'SIGKILL' }
const killedOnce = [{ ...killed, times: 1 }]
const hangsOnce = [{ when: 'action run', hang: true, times: 1 }]
const post: Call = ['proxy_request', { method: 'POST', path: '/v1/customers', body: { name: 'Ada' } }]

/** What an attempt came to, in one word and the number of processes. */
async function end(harness: Harness, call: Call, mark?: string): Promise<string> {
  const { outcome, started, text } = await attempt(harness, call, mark)
  const isHeldBack = outcome === 'outcome-unknown' && started === 0 && text.includes('not sent again')
  return isHeldBack ? 'held back' : `${outcome} ${started}`
}

test('a write is held back once after each attempt whose outcome is not known, and after no other', {
  timeout: 60_000,
}, async () => {
  const noteOf = (mark: string): Call => ['create-note', { ...note[1], conversation: mark }]
  const postOf = (name: string): Call => [
    'proxy_request',
    { method: 'POST', path: '/v1/customers', body: { name } },
  ]
  const runOf = (mark: string): Call => ['run-action', { action: 'create-note', input: noteOf(mark)[1] }]
  const refusal = (status: number) => ({
    json: { response: { status, data: {} }, request: { url: 'https://api.kustomerapp.com/v1/x' } },
    exit: 1,
  })
  const nowhere = { stderr: 'getaddrinfo ENOTFOUND api.getmembrane.com\n', exit: 1 }
  const refused = { stderr: 'connect ECONNREFUSED 127.0.0.1:443\n', exit: 1 }
  const hangs = { hang: true, times: 1 }
  const unknownOnce = ['outcome-unknown 1', 'held back', 'ok 1', 'ok 1']
  const cases: [string, (mark: string) => Call | Call[], object | undefined, string[]][] = [
    ['a process that hangs', noteOf, hangs, unknownOnce],
    ['run-action', runOf, hangs, unknownOnce],
    ['a proxied request that hangs', postOf, hangs, unknownOnce],
    ['a broken connection', postOf, { stderr: 'Error: socket hang up\n', exit: 1, times: 1 }, unknownOnce],
    ['an answer that is cut off', noteOf, { stdout: '{"output": {"da', times: 1 }, unknownOnce],
    ['a process that was killed', noteOf, { signal: 'SIGKILL', times: 1 }, unknownOnce],
    [
      'the same end again',
      noteOf,
      { hang: true },
      ['outcome-unknown 1', 'held back', 'outcome-unknown 1', 'held back'],
    ],
    [
      'others, and the same in another order of its arguments',
      (mark) => [
        noteOf(mark),
        ['create-note', { conversation: mark, body: 'Other.' }],
        postOf(mark),
        ['create-note', { body: note[1]['body'], conversation: mark }],
      ],
      hangs,
      ['outcome-unknown 1', 'ok 1', 'ok 1', 'held back'],
    ],
    ['a success', noteOf, undefined, ['ok 1', 'ok 1']],
    ['a success of a request', postOf, undefined, ['ok 1', 'ok 1']],
    ...[noteOf, postOf].flatMap((call): typeof cases => [
      ['a refusal by Kustomer', call, { ...refusal(400), times: 1 }, ['invalid-input 1', 'ok 1']],
      ['a conflict', call, { ...refusal(409), times: 1 }, ['conflict 1', 'ok 1']],
      ['a rate limit', call, { ...refusal(429), times: 1 }, ['rate-limited 1', 'ok 1']],
      ['a connection that was never made', call, { ...nowhere, times: 1 }, ['network 1', 'ok 1']],
      ['a refused connection', call, { ...refused, times: 1 }, ['network 1', 'ok 1']],
    ]),
  ]
  const faults = cases.flatMap(([, , fault], index) => (fault ? { has: caseId(index), ...fault } : []))
  const harness = await warmServer(['--timeout-ms', '8000', '--max-concurrency', '24'], faults)
  // The first process of a server runs alone.
  await outcome(harness, get())
  const ends = cases.map(async ([name, callsOf, , expected], index) => {
    const given = callsOf(caseId(index))
    const calls = Array.isArray(given[0]) ? (given as Call[]) : expected.map(() => given as Call)
    const seen: string[] = []
    for (const call of calls) seen.push(await end(harness, call, caseId(index)))
    return [name, seen] as const
  })
  for (const [index, [name, seen]] of (await Promise.all(ends)).entries())
    expect(seen, name).toEqual(cases[index]?.[3])
})

describe('a write whose outcome is not known', () => {
  test('is remembered after the host gave the call up', async () => {
    const harness = await warmServer([], hangsOnce)
    const controller = new AbortController()
    const call = harness.call(...note, { signal: controller.signal }).catch(() => 'gone')
    await until(async () => (await sent(harness)).length === 1)
    controller.abort()
    expect(await call).toBe('gone')
    const [process] = await sent(harness)
    await until(() => !isAlive(process?.pid ?? 0))
    expect(await end(harness, note)).toBe('held back')
  })

  test('is remembered by the next server with the same state folder, and by it alone', async () => {
    const stateDir = await temporaryFolder()
    const first = await warmServer([], killedOnce, { stateDir })
    expect(await end(first, note)).toBe('outcome-unknown 1')
    await first.client.close()
    const elsewhere = await warmServer()
    expect(await end(elsewhere, note)).toBe('ok 1')
    const second = await warmServer([], [], { stateDir })
    expect(await end(second, note)).toBe('held back')
    await second.client.close()
    const third = await warmServer([], [], { stateDir })
    expect(await end(third, note)).toBe('ok 1')
  })

  test('is left behind by a server that is killed in the middle', async () => {
    const stateDir = await temporaryFolder()
    const first = await warmServer([], hangsOnce, { stateDir })
    const call = first.call(...note).catch(() => 'gone')
    await until(async () => (await sent(first)).length === 1)
    const [cli] = await sent(first)
    onTestFinished(() => {
      if (cli !== undefined && isAlive(cli.pid)) process.kill(cli.pid, 'SIGKILL')
    })
    process.kill(first.pid(), 'SIGKILL')
    expect(await call).toBe('gone')
    const second = await warmServer([], [], { stateDir })
    // The claim of a server that was killed stands for some seconds, and its doubt stands after that.
    let held = 0
    await until(async () => {
      const { outcome: how, started } = await attempt(second, note)
      held += how === 'outcome-unknown' ? 1 : 0
      return started === 1
    })
    expect(held).toBeGreaterThanOrEqual(1)
  })

  test('is left behind by a server that is ended in the middle', async () => {
    const stateDir = await temporaryFolder()
    const first = await warmServer([], hangsOnce, { stateDir })
    const call = first.call(...note).catch(() => 'gone')
    await until(async () => (await sent(first)).length === 1)
    process.kill(first.pid(), 'SIGTERM')
    await call
    const second = await warmServer([], [], { stateDir })
    expect(await end(second, note)).toBe('held back')
  })

  test('is remembered within the process where the state folder cannot be written', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    const harness = await warmServer([], killedOnce, { stateDir: join(file, 'state'), cold: true })
    for (const expected of ['outcome-unknown 1', 'held back', 'ok 1', 'ok 1'])
      expect(await end(harness, note)).toBe(expected)
  })

  test('with --confirm is confirmed, held back, confirmed and sent', async () => {
    const harness = await warmServer(['--confirm', 'writes'], killedOnce)
    const confirmed = async () => {
      const { data } = await attempt(harness, note)
      const { confirmationToken } = data
      return attempt(harness, ['create-note', { ...note[1], confirmationToken }])
    }
    expect(await confirmed()).toMatchObject({ outcome: 'outcome-unknown', started: 1 })
    expect(await confirmed()).toMatchObject({ outcome: 'outcome-unknown', started: 0 })
    expect(await confirmed()).toMatchObject({ outcome: 'ok', started: 1 })
  })
})

test('a call that never got its turn leaves no doubt', async () => {
  const harness = await warmServer(['--timeout-ms', '1500', '--max-concurrency', '1'], hangsOnce)
  const [slow, waiting] = await Promise.all([
    harness.call(...note),
    (async () => {
      await until(async () => (await sent(harness)).length === 1)
      const controller = new AbortController()
      const call = harness.call(...post, { signal: controller.signal }).catch(() => 'gone')
      setTimeout(() => controller.abort(), 100)
      return call
    })(),
  ])
  expect([slow.isError, waiting]).toEqual([true, 'gone'])
  expect(await outcome(harness, post)).toEqual(['ok', 1])
})

describe('writes at the same time', () => {
  test('two identical ones are one process, and both are answered', async () => {
    const harness = await warmServer([], [{ when: 'action run', delayMs: 400, json: { output: { id } } }])
    const { conversation, body } = note[1]
    const answers = await Promise.all([
      harness.call(...note),
      harness.call('create-note', { body, conversation }),
      harness.call(...note),
    ])
    expect(answers.map(({ isError }) => isError)).toEqual([false, false, false])
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect((await sent(harness)).length).toBe(1)
    expect(await outcome(harness, note)).toEqual(['ok', 1])
  })

  test('two identical ones that fail are one process, both are told, and the next is held back', async () => {
    const harness = await warmServer([], [{ ...killed, delayMs: 400 }])
    const answers = await Promise.all([harness.call(...note), harness.call(...note)])
    for (const { text } of answers) expect(text).toMatch(/^outcome-unknown: /)
    expect((await sent(harness)).length).toBe(1)
    expect(await end(harness, note)).toBe('held back')
  })

  test('identical ones in two servers with one state folder are one process', async () => {
    const stateDir = await temporaryFolder()
    const slow = [{ when: 'action run', delayMs: 1500, json: {} }]
    const [one, other] = [await warmServer([], slow, { stateDir }), await warmServer([], slow, { stateDir })]
    const first = one.call(...note)
    await until(async () => (await sent(one)).length === 1)
    expect(await end(other, note)).toBe('held back')
    expect((await first).isError).toBe(false)
    expect(await outcome(other, note)).toEqual(['ok', 1])
  })

  test('ten different ones are ten processes', async () => {
    const harness = await warmServer()
    const calls = Array.from({ length: 10 }, (_, index) =>
      harness.call('create-note', { ...note[1], body: `${index}` }),
    )
    expect((await Promise.all(calls)).filter(({ isError }) => isError)).toEqual([])
    expect((await sent(harness)).length).toBe(10)
  })
})

describe('the memory', () => {
  const stored = new Map<string, unknown>()
  const cache: Cache = {
    read: async (kind, key, schema) => schema.safeParse(stored.get(kind + key)).data,
    write: async (kind, key, value) => void stored.set(kind + key, value),
    remove: async (kind, key) => void stored.delete(kind + key),
    prune: async () => undefined,
  }
  const { signal } = new AbortController()
  const caller = { signal, unheard: signal }
  const createMemory = async (scope: string, now?: () => number) =>
    createWriteMemory({ cache, folder: await temporaryFolder(), scope, ...(now ? { now } : {}) })
  const unknown = async () => {
    throw new ToolError('outcome-unknown', 'x')
  }

  it('keeps a doubt for half an hour', async () => {
    let time = 0
    const memory = () => createMemory('a', () => time)
    await expect((await memory()).run('d', unknown, caller)).rejects.toThrow('x')
    time = 30 * 60_000 - 1
    await expect((await memory()).run('d', async () => 1, caller)).rejects.toThrow(
      /30 min ago .* not sent again/,
    )
    await expect((await createMemory('b', () => time)).run('d', async () => 1, caller)).resolves.toBe(1)
    await expect((await memory()).run('other', async () => 1, caller)).resolves.toBe(1)
    await expect((await memory()).run('d', unknown, caller)).rejects.toThrow('x')
    time += 30 * 60_000
    await expect((await memory()).run('d', async () => 1, caller)).resolves.toBe(1)
    // Forgotten on disk a little later than here.
    await until(() => stored.size === 0)
  })

  it('keeps the doubt of an error that is nobody’s', async () => {
    const memory = await createMemory('c')
    await expect(memory.run('d', () => Promise.reject(new TypeError('mistake')), caller)).rejects.toThrow(
      'mistake',
    )
    await expect(memory.run('d', async () => 1, caller)).rejects.toMatchObject({ reason: 'outcome-unknown' })
  })

  it('writes the doubt before the write begins', async () => {
    let before: number | undefined
    stored.clear()
    await (await createMemory('e')).run(
      'd',
      async () => {
        before = stored.size
      },
      caller,
    )
    expect(before).toBe(1)
    await until(() => stored.size === 0)
  })
})
