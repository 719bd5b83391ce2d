import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import type { Cache } from '../../src/cache.ts'
import { Failure } from '../../src/failure.ts'
import { createWriteMemory } from '../../src/safety/write-memory.ts'
import { type Harness, isAlive, type Plan, temporaryFolder, until } from '../support/server.ts'
import { attempt, type Call, id, note, outcome, sent, warmServer } from './support.ts'

const hangs: Plan['faults'] = [{ when: 'action run', hang: true }]
const once: Plan['faults'] = [{ when: 'action run', hang: true, times: 1 }]
const post: Call = ['proxy_request', { method: 'POST', path: '/v1/customers', body: { name: 'Ada' } }]
const impatient = (faults: Plan['faults'], more: { stateDir?: string } = {}) =>
  warmServer(['--timeout-ms', '1500'], faults, more)

async function heldBack(harness: Harness, call: Call) {
  const { outcome, started, text } = await attempt(harness, call)
  expect([outcome, started], text).toEqual(['outcome-unknown', 0])
  expect(text).toMatch(/not sent again/)
}

describe('a write whose outcome is not known', () => {
  test('is held back once, and goes through when it is asked again', async () => {
    const harness = await impatient(once)
    expect(await outcome(harness, note)).toEqual(['outcome-unknown', 1])
    await heldBack(harness, note)
    expect(await outcome(harness, note)).toEqual(['ok', 1])
    expect(await outcome(harness, note)).toEqual(['ok', 1])
  })

  test('that ends so again is held back again', async () => {
    const harness = await impatient(hangs)
    for (let round = 0; round < 2; round++) {
      expect(await outcome(harness, note)).toEqual(['outcome-unknown', 1])
      await heldBack(harness, note)
    }
  })

  test('is known again in another order of its arguments; others go through at once', async () => {
    const harness = await impatient(once)
    expect(await outcome(harness, note)).toEqual(['outcome-unknown', 1])
    const { conversation, body } = note[1]
    expect(await outcome(harness, ['create-note', { conversation, body: 'Other.' }])).toEqual(['ok', 1])
    expect(await outcome(harness, post)).toEqual(['ok', 1])
    await heldBack(harness, ['create-note', { body, conversation }])
  })

  test.each<[string, Call, object]>([
    ['a proxied request that hangs', post, { when: 'request', hang: true }],
    ['a broken connection', post, { when: 'request', stderr: 'Error: socket hang up\n', exit: 1 }],
    ['an answer that is cut off', note, { when: 'action run', stdout: '{"output": {"da' }],
    ['a process that was killed', note, { when: 'action run', signal: 'SIGKILL' }],
    [
      'run-action',
      ['run-action', { action: 'create-note', input: note[1] }],
      { when: 'action run', hang: true },
    ],
  ])('may have come about by %s', async (_, call, fault) => {
    const harness = await impatient([{ when: '', ...fault, times: 1 }])
    expect(await outcome(harness, call)).toEqual(['outcome-unknown', 1])
    await heldBack(harness, call)
    expect(await outcome(harness, call)).toEqual(['ok', 1])
  })

  test('is remembered after the host gave the call up', async () => {
    const harness = await warmServer([], once)
    const controller = new AbortController()
    const call = harness.call(...note, { signal: controller.signal }).catch(() => 'gone')
    await until(async () => (await sent(harness)).length === 1)
    controller.abort()
    expect(await call).toBe('gone')
    const [process] = await sent(harness)
    await until(() => !isAlive(process?.pid ?? 0))
    await heldBack(harness, note)
  })

  test('is remembered by the next server with the same state folder, and by it alone', async () => {
    const stateDir = await temporaryFolder()
    const first = await impatient(once, { stateDir })
    expect(await outcome(first, note)).toEqual(['outcome-unknown', 1])
    await first.client.close()
    const second = await impatient([], { stateDir })
    await heldBack(second, note)
    await second.client.close()
    const third = await impatient([], { stateDir })
    expect(await outcome(third, note)).toEqual(['ok', 1])
    const elsewhere = await impatient([])
    expect(await outcome(elsewhere, note)).toEqual(['ok', 1])
  })

  test('is left behind by a server that is killed in the middle', async () => {
    const stateDir = await temporaryFolder()
    const first = await warmServer([], once, { stateDir })
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
    const first = await warmServer([], once, { stateDir })
    const call = first.call(...note).catch(() => 'gone')
    await until(async () => (await sent(first)).length === 1)
    process.kill(first.pid(), 'SIGTERM')
    await call
    const second = await warmServer([], [], { stateDir })
    await heldBack(second, note)
  })

  test('is remembered within the process where the state folder cannot be written', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    const harness = await impatient(once, { stateDir: join(file, 'state') })
    expect(await outcome(harness, note)).toEqual(['outcome-unknown', 1])
    await heldBack(harness, note)
    expect(await outcome(harness, note)).toEqual(['ok', 1])
    expect(await outcome(harness, note)).toEqual(['ok', 1])
  })

  test('with --confirm is confirmed, held back, confirmed and sent', async () => {
    const harness = await warmServer(['--timeout-ms', '1000', '--confirm', 'writes'], once)
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

describe('no doubt is left', () => {
  test('by a success', async () => {
    const harness = await warmServer()
    for (const call of [note, note, post, post]) expect(await outcome(harness, call)).toEqual(['ok', 1])
  })

  const refusal = (status: number) => ({
    json: { response: { status, data: {} }, request: { url: 'https://api.kustomerapp.com/v1/x' } },
    exit: 1,
  })
  test.each<[string, object]>([
    ['a refusal by Kustomer', refusal(400)],
    ['a conflict', refusal(409)],
    ['a rate limit', refusal(429)],
    ['a connection that was never made', { stderr: 'getaddrinfo ENOTFOUND api.getmembrane.com\n', exit: 1 }],
    ['a refused connection', { stderr: 'connect ECONNREFUSED 127.0.0.1:443\n', exit: 1 }],
  ])('by %s', async (_, fault) => {
    const harness = await warmServer(
      [],
      [
        { when: 'action run', ...fault, times: 1 },
        { when: 'request', ...fault, times: 1 },
      ],
    )
    for (const call of [note, post]) {
      const first = await attempt(harness, call)
      expect([first.outcome, first.started], first.text).not.toEqual(['outcome-unknown', 1])
      expect(first.outcome).not.toBe('ok')
      expect(await outcome(harness, call)).toEqual(['ok', 1])
    }
  })

  test('by a call that never got its turn', async () => {
    const harness = await warmServer(
      ['--timeout-ms', '1500', '--max-concurrency', '1'],
      [{ when: 'action run', hang: true, times: 1 }],
    )
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
    const harness = await impatient(hangs)
    const answers = await Promise.all([harness.call(...note), harness.call(...note)])
    for (const { text } of answers) expect(text).toMatch(/^outcome-unknown: /)
    expect((await sent(harness)).length).toBe(1)
    await heldBack(harness, note)
  })

  test('identical ones in two servers with one state folder are one process', async () => {
    const stateDir = await temporaryFolder()
    const slow = [{ when: 'action run', delayMs: 1500, json: {} }]
    const [one, other] = [await warmServer([], slow, { stateDir }), await warmServer([], slow, { stateDir })]
    const first = one.call(...note)
    await until(async () => (await sent(one)).length === 1)
    await heldBack(other, note)
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
  }
  const { signal } = new AbortController()
  const caller = { signal, unheard: signal }
  const createMemory = async (scope: string, now?: () => number) =>
    createWriteMemory({ cache, folder: await temporaryFolder(), scope, ...(now ? { now } : {}) })
  const unknown = async () => {
    throw new Failure('outcome-unknown', 'x')
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
