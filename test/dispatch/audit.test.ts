import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { localPrincipal } from '../../src/auth/principal.ts'
import { audit } from '../../src/dispatch/audit.ts'
import { verifyAudit } from '../../src/dispatch/audit-chain.ts'
import { lockFile } from '../../src/store/file-lock.ts'
import { idempotencyKeyOf } from '../../src/tools/idempotency-key.ts'
import { memoryLog, type Plan, type SetupOptions, temporaryFolder, until } from '../support/harness.ts'
import { actionId, connectionId } from '../support/samples.ts'
import {
  attempt,
  type Call,
  contextWith,
  deletion,
  dispatcherOn,
  gatedRunner,
  get,
  id,
  jsonLines,
  message,
  note,
  outcome,
  plan,
  post,
  sent,
  warmServer,
} from './support.ts'

const otherId = 'bbbbbbbbbbbbbbbbbbbbbbbb'
const recordId = 'cccccccccccccccccccccccc'

/** A server that audits to a file in a folder that does not exist yet. */
async function audited(args: string[] = [], faults: Plan['faults'] = [], options: SetupOptions = {}) {
  const file = join(await temporaryFolder(), 'new', 'audit.jsonl')
  const harness = await warmServer(['--audit-file', file, ...args], faults, options)
  const all = () => jsonLines(file).catch(() => [])
  const ends = async () => (await all()).filter(({ outcome }) => outcome !== 'started')
  return { harness, file, all, ends }
}

describe('each write is one line at its start and one at its end', () => {
  it('with ids and a digest, without any text', async () => {
    const { harness, all, ends, file } = await audited(
      [],
      [
        {
          when: 'action run',
          json: { output: { data: { id: recordId, type: 'note' }, meta: {} } },
          times: 1,
        },
        {
          when: 'action run',
          json: { response: { status: 400, data: { errors: ['PRIVATE-ANSWER'] } }, request: {} },
          exit: 1,
          times: 1,
        },
      ],
    )
    const args = { conversation: otherId, body: 'PRIVATE-BODY', lang: 'PRIVATE-LANG' }
    await harness.call('create-note', args)
    await harness.call('update-customer', { id, name: 'PRIVATE-NAME', company: otherId })
    const [first, second, ...rest] = await ends()
    expect(rest).toEqual([])
    expect(first).toMatchObject({
      tool: 'create-note',
      effect: 'internal',
      outcome: 'ok',
      ids: [otherId, recordId],
      digest: idempotencyKeyOf('create-note', args),
      connection: connectionId,
    })
    expect(first).not.toHaveProperty('reason')
    expect(second).toMatchObject({
      tool: 'update-customer',
      effect: 'record',
      outcome: 'error',
      reason: 'invalid-input',
      ids: [id, otherId],
    })
    for (const { time, ms, digest } of [first, second]) {
      expect(new Date(time).toISOString()).toBe(time)
      expect(Math.abs(Date.now() - Date.parse(time))).toBeLessThan(20_000)
      expect(ms).toBeGreaterThanOrEqual(0)
      expect(digest).toMatch(/^[0-9a-f]{64}$/)
    }
    const records = await all()
    expect(records.map(({ outcome }) => outcome)).toEqual(['started', 'ok', 'started', 'error'])
    expect(records.map(({ attempt }) => attempt)).toEqual([
      first.attempt,
      first.attempt,
      second.attempt,
      second.attempt,
    ])
    expect(await readFile(file, 'utf8')).not.toContain('PRIVATE')
    expect(await verifyAudit(file)).toMatchObject({ records: 4, open: 0 })
  })

  it('by every kind of tool', async () => {
    const { harness, ends } = await audited([], [{ has: `/v1/customers/${id}`, signal: 'SIGKILL' }])
    await harness.call(...message)
    await harness.call('run-action', { action: 'create-customer', input: { name: 'Ada' } })
    await harness.call(...deletion)
    expect(
      (await ends()).map(({ tool, effect, outcome, reason }) => [tool, effect, outcome, reason]),
    ).toEqual([
      ['create-message', 'customer-visible', 'ok', undefined],
      ['run-action', 'record', 'ok', undefined],
      ['proxy_request', 'destructive', 'error', 'outcome-unknown'],
    ])
  })

  const proxied = (method: string, args: object): Call => ['proxy_request', { method, ...args }]
  const others = Array.from({ length: 40 }, (_, index) => index.toString(16).padStart(24, '0'))
  it.each<[string, Call, string]>([
    ['the path', deletion, id],
    [
      'the input of an action',
      ['run-action', { action: 'update-conversation', input: { id: otherId, status: 'done' } }],
      otherId,
    ],
    [
      'a path parameter',
      proxied('PUT', { path: '/v1/companies/{x}', pathParams: { x: recordId }, body: { name: 'x' } }),
      recordId,
    ],
    ['a path after other ids', proxied('DELETE', { query: { a: others }, path: `/v1/customers/${id}` }), id],
    ['an encoded path', proxied('DELETE', { path: `/v1/customers/%61${id.slice(1)}` }), id],
    [
      'two path parameters',
      proxied('DELETE', {
        path: '/v1/customers/{a}{b}',
        pathParams: { a: id.slice(0, 12), b: id.slice(12) },
      }),
      id,
    ],
  ])('naming the record in %s', async (_, [name, args], meant) => {
    const { harness, ends } = await audited()
    await harness.call(name, args)
    expect(await ends()).toMatchObject([{ ids: expect.arrayContaining([meant]), outcome: 'ok' }])
  })

  it('with no name of an argument', async () => {
    const { harness, file, ends } = await audited()
    await harness.call(...post('/v1/notes', { '\u2028': otherId, 'Dear PRIVATE customer': otherId }))
    await harness.call(...note)
    expect(await ends()).toHaveLength(2)
    expect((await verifyAudit(file)).brokenAt).toBeUndefined()
    expect(await readFile(file, 'utf8')).not.toContain('PRIVATE')
  })

  it('in a file and a folder of its user alone', async () => {
    const { harness, file } = await audited()
    await harness.call(...note)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(file, '..'))).mode & 0o777).toBe(0o700)
  })

  it('once for identical calls in flight', async () => {
    const { harness, ends, file } = await audited(
      [],
      [{ when: 'action run', delayMs: 20, json: { output: {} } }],
    )
    await Promise.all([harness.call(...note), harness.call(...note)])
    expect(sent(harness)).toHaveLength(1)
    expect(await ends()).toHaveLength(1)
    expect(await verifyAudit(file)).toMatchObject({ records: 2, open: 0 })
  })

  it('by two servers in one chain', async () => {
    const { harness: one, file } = await audited()
    const other = await warmServer(['--audit-file', file])
    const calls = Array.from({ length: 20 }, (_, index) =>
      [one, other][index % 2]?.call('create-note', { ...note[1], body: `${index}` }),
    )
    for (const answer of await Promise.all(calls)) {
      expect(answer?.isError).toBe(false)
      expect(answer?.structured.notices?.join() ?? '').not.toMatch(/recorded/)
    }
    expect(new Set((await jsonLines(file)).map(({ digest }) => digest)).size).toBe(20)
    const verified = await verifyAudit(file)
    expect(verified).toMatchObject({ records: 40, open: 0 })
    expect(verified.brokenAt).toBeUndefined()
  })
})

describe('nothing is recorded', () => {
  it.each<[string, string[], Call]>([
    ['a read by the proxy', [], get()],
    ['a read by an action', [], ['list-notes', {}]],
    ['connection-status', [], ['connection-status', {}]],
    ['an excluded tool', ['--exclude-tools', 'create-company'], ['create-company', { name: 'x' }]],
    ['a refused path', [], ['proxy_request', { method: 'POST', path: '//evil.example' }]],
    ['a plan', ['--confirm', 'customer-visible'], message],
    [
      'a made-up token',
      ['--confirm', 'customer-visible'],
      [message[0], { ...message[1], confirmationToken: 'x' }],
    ],
  ])('of %s', async (_, args, call) => {
    const { harness, all } = await audited(args)
    await harness.call(...call)
    expect(await all()).toEqual([])
  })

  it('of a call that the person declined', async () => {
    const elicit = () => ({ action: 'decline' })
    const { harness, all } = await audited(['--confirm', 'writes'], [], { elicit })
    expect(await outcome(harness, note)).toEqual(['refused-by-policy', 0])
    expect(await all()).toEqual([])
  })

  it('of a write that an unknown outcome holds back', async () => {
    const { harness, ends } = await audited([], [{ when: 'action run', signal: 'SIGKILL', times: 1 }])
    expect(await outcome(harness, note)).toEqual(['outcome-unknown', 1])
    expect(await outcome(harness, note)).toEqual(['outcome-unknown', 0])
    expect(await ends()).toHaveLength(1)
  })
})

it('a lock that another server holds counts in the deadline', async () => {
  const file = join(await temporaryFolder(), 'audit.jsonl')
  const unlock = await lockFile(file)
  const execute = vi.fn(async () => ({ status: 200, body: {} }))
  const log = memoryLog()
  const record = audit({ file, connection: async () => undefined, log })
  const context = contextWith([], { membrane: { request: execute } as never })
  const within = (timeoutMs: number) => dispatcherOn(context, {}, { audit: record, timeoutMs })
  const { dispatch, registry } = within(30)
  const [name, args] = deletion
  const tool = registry.get(name)
  if (tool === undefined) throw new Error(`no tool ${name}`)
  const { signal } = new AbortController()
  expect(await dispatch(tool, args, { principal: localPrincipal, signal })).toMatchObject({
    error: { reason: 'timeout' },
  })
  expect(execute).not.toHaveBeenCalled()
  await unlock()
  expect(await within(5000).dispatch(tool, args, { principal: localPrincipal, signal })).toMatchObject({
    envelope: { data: {} },
  })
  expect(await verifyAudit(file)).toMatchObject({ records: 2, open: 0 })
})

describe('an audit file that cannot be written', () => {
  it.each<[string, () => Promise<string>]>([
    ['a folder', () => temporaryFolder()],
    ['below a file', async () => join(import.meta.filename, 'audit.jsonl')],
    ['on a full device', async () => '/dev/full'],
  ])('refuses writes and no read: %s', async (_, place) => {
    const harness = await warmServer(['--audit-file', await place()])
    for (const call of [note, deletion]) {
      const { outcome, started, text } = await attempt(harness, call)
      expect([outcome, started], text).toEqual(['refused-by-policy', 0])
      expect(text).toMatch(/audit file cannot be written/)
    }
    expect(await outcome(harness, get())).toEqual(['ok', 1])
  })

  it('refuses writes without a lock beside it', async () => {
    const file = join(await temporaryFolder(), 'audit.jsonl')
    const harness = await warmServer(['--audit-file', file])
    await writeFile(`${file}.lock`, 'not a folder')
    await utimes(`${file}.lock`, new Date(0), new Date(0))
    expect(await outcome(harness, note)).toEqual(['refused-by-policy', 0])
    await rm(`${file}.lock`)
    expect(await outcome(harness, note)).toEqual(['ok', 1])
  })

  it('adds a notice to a write that was made', async () => {
    const gate = gatedRunner(plan)
    const { harness, file } = await audited([], [], { runner: gate.runner })
    const call = harness.call(...note)
    await until(gate.held)
    await rm(join(file, '..'), { recursive: true })
    await writeFile(join(file, '..'), '')
    gate.release({ ended: 'exit', exitCode: 0, stdout: '{"output":{}}', stderr: '', milliseconds: 1 })
    const { isError, structured } = await call
    expect(isError).toBe(false)
    expect(structured.notices?.join()).toMatch(/could not be recorded/)
    expect(harness.log()).toMatch(/"event":"audit"/)
  })

  it('is written when its lock was left by a killed server', async () => {
    const { harness, ends, file } = await audited()
    await harness.call(...note)
    await mkdir(`${file}.lock`)
    await utimes(`${file}.lock`, new Date(Date.now() - 6000), new Date(Date.now() - 6000))
    expect(await outcome(harness, message)).toEqual(['ok', 1])
    expect(await ends()).toHaveLength(2)
    expect((await verifyAudit(file)).brokenAt).toBeUndefined()
  })
})

it('the beginning is on disk while a write is sent', async () => {
  const { harness, all, file } = await audited([], [{ when: 'action run', hang: true }])
  const call = outcome(harness, note)
  await until(() => sent(harness).length === 1)
  expect(await all()).toMatchObject([{ tool: 'create-note', outcome: 'started', ids: [id] }])
  expect(await verifyAudit(file)).toMatchObject({ records: 1, open: 1 })
  await harness.app.stop()
  expect(await call).toEqual(['outcome-unknown', 1])
  expect(await all()).toMatchObject([{ outcome: 'started' }, { outcome: 'error', reason: 'outcome-unknown' }])
})

it('an action is recorded with the id that was called', async () => {
  const { harness, ends } = await audited([], [], { plan })
  await harness.call('run-action', { action: actionId('create-note'), input: note[1] })
  expect(await ends()).toMatchObject([
    { tool: 'run-action', effect: 'internal', ids: expect.arrayContaining([id]) },
  ])
})
