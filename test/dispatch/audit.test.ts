import { execFile } from 'node:child_process'
import { appendFile, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import type { RuntimeContext } from '../../src/app/app.ts'
import { verify as verifyCommand } from '../../src/cli/verify-audit.ts'
import { type AuditedWrite, createAudit } from '../../src/dispatch/audit.ts'
import { verifyAudit } from '../../src/dispatch/audit-chain.ts'
import { digestOf } from '../../src/dispatch/confirmation.ts'
import { isAlive, mainJs, type Plan, type SetupOptions, temporaryFolder, until } from '../support/harness.ts'
import {
  attempt,
  type Call,
  deletion,
  get,
  id,
  jsonLines,
  message,
  note,
  outcome,
  sent,
  warmServer,
} from './support.ts'

const run = promisify(execFile)
const otherId = 'bbbbbbbbbbbbbbbbbbbbbbbb'
const recordId = 'cccccccccccccccccccccccc'

/** A server that audits to a file in a folder that is not there yet. */
async function audited(args: string[] = [], faults: Plan['faults'] = [], more: SetupOptions = {}) {
  const file = join(await temporaryFolder(), 'new', 'audit.jsonl')
  const harness = await warmServer(['--audit-file', file, ...args], faults, more)
  const all = () => jsonLines(file).catch(() => [])
  const ends = async () => (await all()).filter(({ outcome }) => outcome !== 'started')
  return { harness, file, all, lines: ends }
}

/** What `kustomer-mcp audit verify` said, and its exit code. */
const verifyByProgram = (file: string): Promise<{ code: number; said: string }> =>
  run(process.execPath, [mainJs, 'audit', 'verify', file]).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }) => ({ code, said: stderr }),
  )

/** The same without a process of its own. */
async function verify(file: string): Promise<{ code: number; said: string }> {
  const said: string[] = []
  const surroundings = { print: (line: string) => void said.push(line) } as RuntimeContext
  return verifyCommand(surroundings, file).then(
    () => ({ code: 0, said: said.join('\n') }),
    ({ message }) => ({ code: 1, said: message }),
  )
}

describe('a write attempt is one line when it begins and one when it ends', () => {
  test('with what was done and without what was said', async () => {
    const { harness, lines, file } = await audited(
      [],
      [
        {
          when: 'action run',
          json: { output: { data: { id: recordId, type: 'note' }, meta: {} } },
          times: 1,
        },
        { when: 'action run', stderr: 'Error: PRIVATE-MESSAGE: 400\n', exit: 1, times: 1 },
        { when: 'request', hang: true },
      ],
    )
    await harness.call('create-note', { conversation: otherId, body: 'PRIVATE-BODY', lang: 'PRIVATE-LANG' })
    await harness.call('update-customer', { id, name: 'PRIVATE-NAME', company: otherId })
    const [first, second, ...rest] = await lines()
    expect(rest).toEqual([])
    expect(first).toMatchObject({
      tool: 'create-note',
      effect: 'internal',
      outcome: 'ok',
      ids: [otherId, recordId],
      digest: digestOf({
        tool: 'create-note',
        args: { lang: 'PRIVATE-LANG', body: 'PRIVATE-BODY', conversation: otherId },
      }),
    })
    expect(first).not.toHaveProperty('reason')
    expect(second).toMatchObject({
      tool: 'update-customer',
      effect: 'record',
      outcome: 'error',
      ids: [id, otherId],
    })
    expect(second.reason).toMatch(/^[a-z-]+$/)
    for (const { time, ms, digest } of [first, second]) {
      expect(new Date(time).toISOString()).toBe(time)
      expect(Math.abs(Date.now() - Date.parse(time))).toBeLessThan(20_000)
      expect(ms).toBeGreaterThan(10)
      expect(digest).toMatch(/^[0-9a-f]{64}$/)
    }
    expect(await readFile(file, 'utf8')).not.toContain('PRIVATE')
    expect(await verify(file)).toEqual({ code: 0, said: expect.stringMatching(/whole: 4 records/) })
  })

  test('of every kind of tool, with an unknown outcome too', async () => {
    const { harness, lines } = await audited([], [{ has: `/v1/customers/${id}`, signal: 'SIGKILL' }])
    await harness.call(...message)
    await harness.call('run-action', { action: 'create-customer', input: { name: 'Ada' } })
    await harness.call(...deletion)
    expect(
      (await lines()).map(({ tool, effect, outcome, reason }) => [tool, effect, outcome, reason]),
    ).toEqual([
      ['create-message', 'customer-visible', 'ok', undefined],
      ['run-action', 'record', 'ok', undefined],
      ['proxy_request', 'destructive', 'error', 'outcome-unknown'],
    ])
  })

  test('that says which record was meant, wherever the id stands, and on which connection', async () => {
    const proxied = (method: string, more: object): Call => ['proxy_request', { method, ...more }]
    const cases: [string, Call, string][] = [
      ['in the path', deletion, id],
      [
        'in the input of an action',
        ['run-action', { action: 'update-conversation', input: { id: otherId, status: 'done' } }],
        otherId,
      ],
      [
        'among the path parameters',
        proxied('PUT', {
          path: '/v1/companies/{company}',
          pathParams: { company: recordId },
          body: { name: 'x' },
        }),
        recordId,
      ],
      [
        'behind other ids',
        proxied('DELETE', {
          query: { a: Array.from({ length: 40 }, (_, index) => index.toString(16).padStart(24, '0')) },
          path: `/v1/customers/${id}`,
        }),
        id,
      ],
      ['in an encoding', proxied('DELETE', { path: `/v1/customers/%61${id.slice(1)}` }), id],
      [
        'in parts',
        proxied('DELETE', {
          path: '/v1/customers/{a}{b}',
          pathParams: { a: id.slice(0, 12), b: id.slice(12) },
        }),
        id,
      ],
    ]
    const { harness, lines, file } = await audited()
    for (const [, call] of cases) await harness.call(...call)
    const found = (await lines()).map(({ ids }, index) => [cases[index]?.[0], JSON.stringify(ids)])
    expect(found).toEqual(cases.map(([name, , meant]) => [name, expect.stringContaining(meant)]))
    expect(await readFile(file, 'utf8')).toContain('66b0c0ffee0000000000a001')
  })

  test('whose chain no name of an argument can break, and that takes no text from one', async () => {
    const { harness, file, lines } = await audited()
    await harness.call('create-note', { ...note[1], '\u2028': otherId, 'Dear PRIVATE customer': otherId })
    await harness.call(...note)
    expect((await lines()).length).toBe(2)
    expect(await verify(file)).toMatchObject({ code: 0 })
    expect(await readFile(file, 'utf8')).not.toContain('PRIVATE')
  })

  test('none is left by reads and by calls that were refused', async () => {
    const { harness, lines, file } = await audited([
      '--confirm',
      'customer-visible',
      '--exclude-tools',
      'create-company',
    ])
    for (const call of [get(), ['list-notes', {}], ['connection-status', {}]] as Call[])
      await harness.call(...call)
    await harness.call('create-company', { name: 'x' })
    await harness.call('proxy_request', { method: 'POST', path: '//evil.example' })
    expect((await attempt(harness, message)).outcome).toBe('plan')
    expect(
      (await attempt(harness, ['create-message', { ...message[1], confirmationToken: 'x' }])).outcome,
    ).toBe('plan')
    expect(await lines()).toEqual([])
    await harness.call(...note)
    expect((await lines()).length).toBe(1)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(file, '..'))).mode & 0o777).toBe(0o700)
  })

  test('none is left by a call that the person declined', async () => {
    const { harness, lines } = await audited(['--confirm', 'writes'], [], {
      elicit: () => ({ action: 'decline' }),
    })
    expect(await outcome(harness, note)).toEqual(['refused-by-policy', 0])
    expect(await lines()).toEqual([])
  })

  test('one is left by two identical ones at the same time that were one process, or one each', async () => {
    const { harness, lines, file } = await audited([], [{ when: 'action run', delayMs: 300, json: {} }])
    await Promise.all([harness.call(...note), harness.call(...note)])
    expect((await sent(harness)).length).toBe(1)
    const records = await lines()
    expect(records.length).toBeGreaterThanOrEqual(1)
    expect(new Set(records.map(({ digest }) => digest)).size).toBe(1)
    expect(await verify(file)).toMatchObject({ code: 0 })
  })
})

test('20 parallel writes of two servers keep the chain whole', { timeout: 60_000 }, async () => {
  const { harness: one, file } = await audited()
  const other = await warmServer(['--audit-file', file])
  const calls = Array.from({ length: 20 }, (_, index) =>
    [one, other][index % 2]?.call('create-note', { ...note[1], body: `${index}` }),
  )
  const answers = await Promise.all(calls)
  expect(
    answers.filter((answer) => answer?.isError || answer?.structured.notices?.join().includes('recorded')),
  ).toEqual([])
  const lines = await jsonLines(file)
  expect(new Set(lines.map(({ digest }) => digest)).size).toBe(20)
  expect(await verify(file)).toEqual({ code: 0, said: expect.stringMatching(/whole: 40 records/) })
})

describe('an audit file that cannot be written', () => {
  test.each<[string, () => Promise<string>]>([
    ['a folder', () => temporaryFolder()],
    [
      'below a file',
      async () => {
        const file = join(await temporaryFolder(), 'file')
        await writeFile(file, '')
        return join(file, 'audit.jsonl')
      },
    ],
    ['in a place without room', async () => '/dev/full/audit.jsonl'],
  ])('because it is %s refuses every write before any process, and no read', async (_, place) => {
    const harness = await warmServer(['--audit-file', await place()])
    for (const call of [note, deletion]) {
      const { outcome, started, text } = await attempt(harness, call)
      expect([outcome, started], text).toEqual(['refused-by-policy', 0])
      expect(text).toMatch(/audit file/)
    }
    expect(await outcome(harness, get())).toEqual(['ok', 1])
  })

  test('because no lock can be made beside it refuses every write', async () => {
    const file = join(await temporaryFolder(), 'audit.jsonl')
    const harness = await warmServer(['--audit-file', file])
    await writeFile(`${file}.lock`, 'not a folder')
    await utimes(`${file}.lock`, new Date(0), new Date(0))
    expect(await outcome(harness, note)).toEqual(['refused-by-policy', 0])
    await rm(`${file}.lock`)
    expect(await outcome(harness, note)).toEqual(['ok', 1])
  })

  test('any longer says so with the write that was made', async () => {
    const { harness, file } = await audited([], [{ when: 'action run', delayMs: 1500, json: {} }])
    const call = harness.call(...note)
    await until(async () => (await sent(harness)).length === 1)
    await run('rm', ['-rf', join(file, '..')])
    await writeFile(join(file, '..'), '')
    const { isError, structured } = await call
    expect(isError).toBe(false)
    expect(structured.notices?.join()).toMatch(/could not be recorded/)
  })

  test('because a server ended while it held the lock is written to all the same', async () => {
    const { harness, lines, file } = await audited()
    await harness.call(...note)
    await mkdir(`${file}.lock`)
    const { isError } = await harness.call('create-note', { ...note[1], body: 'Second.' })
    expect(isError).toBe(false)
    expect((await lines()).length).toBe(2)
    expect(await verify(file)).toMatchObject({ code: 0 })
  })
})

describe('audit verify', () => {
  const write: AuditedWrite = { tool: 'create-note', effect: 'internal', digest: 'd', ids: [id] }

  /** A file of five records: two writes that ended, and one that did not. */
  async function recorded() {
    const file = join(await temporaryFolder(), 'audit.jsonl')
    const audit = createAudit(file)
    for (let count = 0; count < 2; count++) {
      const end = await audit.begin(write)
      await end({ outcome: 'ok', ms: count, ids: [id] })
    }
    await audit.begin(write)
    return { file, audit, lines: (await readFile(file, 'utf8')).trimEnd().split('\n') }
  }

  const edit = (from: string, to: string) => (line: string) => line.replace(from, to)
  const at = (index: number, change: (line: string) => string) => (lines: string[]) =>
    lines.map((line, number) => (number === index ? change(line) : line))

  it.each<[string, (lines: string[]) => string[], number]>([
    ['an edited field', at(3, edit('"outcome":"ok"', '"outcome":"error"')), 4],
    ['an edited time', at(0, edit('"time":"2', '"time":"3')), 1],
    ['a removed field', at(1, edit('"tool":"create-note",', '')), 2],
    ['an added field', at(1, edit('{', '{"extra":1,')), 2],
    ['an edited hash', at(1, (line) => line.replace(/.("\})$/, 'x$1')), 2],
    ['the first line gone', (lines) => lines.slice(1), 1],
    ['a line gone in the middle', (lines) => lines.toSpliced(2, 1), 3],
    ['two lines swapped', ([a = '', b = '', ...rest]) => [b, a, ...rest], 1],
    ['a line twice', (lines) => lines.toSpliced(2, 0, lines[1] ?? ''), 3],
    ['a line cut in the middle', at(2, (line) => line.slice(0, 40)), 3],
    ['the last line cut', at(4, (line) => line.slice(0, -1)), 5],
    ['an empty line', (lines) => lines.toSpliced(1, 0, ''), 2],
    ['a line of something else', (lines) => [...lines, 'null'], 6],
    ['a made-up line', (lines) => [...lines, JSON.stringify({ previous: 'x', hash: 'y' })], 6],
    // The reader of a line may take the first of two members, a parser takes the last.
    ['a member that stands twice', at(3, edit('"outcome":"ok"', '"outcome":"error","outcome":"ok"')), 4],
    ['a space', at(3, edit('"ms":', '"ms": ')), 4],
    ['an escaped letter', at(2, edit('create-note', '\\u0063reate-note')), 3],
  ])('finds %s and names the line', async (_, change, line) => {
    const { file, lines } = await recorded()
    await writeFile(file, `${change(lines).join('\n')}\n`)
    expect(await verify(file)).toEqual({
      code: 1,
      said: expect.stringMatching(new RegExp(`line ${line}\\b`)),
    })
  })

  it('finds any change of the text, wherever it is made', async () => {
    const { file, lines } = await recorded()
    const text = `${lines.join('\n')}\n`
    const change = fc.record({
      place: fc.nat(text.length - 2),
      length: fc.nat(3),
      text: fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom(' ', '\n', '\r', '\t', '{}')),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ place, length, text: inserted }) => {
        const changed =
          text.slice(0, place) + inserted + text.slice(Math.min(place + length, text.length - 1))
        if (changed === text) return
        await writeFile(file, changed)
        const first = text.slice(0, place).split('\n').length
        const { brokenAt } = await verifyAudit(file)
        expect(brokenAt).toBeGreaterThanOrEqual(first)
        expect(brokenAt).toBeLessThanOrEqual(first + 1)
      }),
      { numRuns: 400 },
    )
  })

  it('finds a line end that is none of ours', async () => {
    const { file, lines } = await recorded()
    for (const end of ['\r\n', '\r', '\u2028\n']) {
      await writeFile(file, `${lines.join(end)}\n`)
      expect((await verifyAudit(file)).brokenAt).toBe(1)
    }
  })

  test('says what is whole, and what the server adds to it', async () => {
    const { file, lines } = await recorded()
    const harness = await warmServer(['--audit-file', file])
    await harness.call(...note)
    const { code, said } = await verify(file)
    expect([code, said]).toEqual([0, expect.stringMatching(/whole: 7 records/)])
    const all = await jsonLines(file)
    expect(all.length).toBe(lines.length + 2)
    expect(said).toContain(`Last hash: ${all.at(-1).hash}`)
    expect(said).toMatch(/1 writes have a beginning and no end/)
  })

  it('finds what was cut off at the end, by the file beside it', async () => {
    const { file, lines } = await recorded()
    for (const count of [4, 2]) {
      await writeFile(file, `${lines.slice(0, count).join('\n')}\n`)
      expect(await verify(file)).toEqual({ code: 1, said: expect.stringMatching(/is cut off/) })
    }
    await rm(`${file}.head`)
    expect(await verify(file)).toEqual({ code: 0, said: expect.stringMatching(/head is missing/) })
  })

  it.each<[string, (file: string, lines: string[]) => Promise<unknown>, object]>([
    ['a torn line', (file) => appendFile(file, '{"torn'), { torn: [6], records: 6 }],
    [
      'a torn line that is longer than what is read of the end',
      (file) => appendFile(file, `{"torn${'x'.repeat(200_000)}`),
      { torn: [6], records: 6 },
    ],
    [
      'a last line that lacks its end alone',
      (file, lines) => writeFile(file, lines.join('\n')),
      { torn: [], records: 6 },
    ],
    ['a torn first line', (file) => writeFile(file, '{"ti'), { torn: [1], records: 1 }],
  ])('goes on behind %s', async (_, tear, found) => {
    const { file, audit, lines } = await recorded()
    await tear(file, lines)
    const before = await verifyAudit(file)
    expect([before.brokenAt, before.torn]).toEqual([undefined, (found as { torn: number[] }).torn])
    await audit.begin(write)
    expect(await verifyAudit(file)).toMatchObject({ ...found, head: 'fits' })
    expect((await verifyAudit(file)).brokenAt).toBeUndefined()
    // A torn line is no place to change anything either.
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('{"ti', '{"to'))
    expect((await verifyAudit(file)).brokenAt !== undefined).toBe(text.includes('{"ti'))
  })

  test('a server that is killed in the middle of a write leaves its beginning', async () => {
    const { harness, all, file } = await audited([], [{ when: 'action run', hang: true }])
    const call = harness.call(...note).catch(() => 'gone')
    await until(async () => (await sent(harness)).length === 1)
    const [cli] = await sent(harness)
    onTestFinished(() => {
      if (cli !== undefined && isAlive(cli.pid)) process.kill(cli.pid, 'SIGKILL')
    })
    process.kill(harness.pid(), 'SIGKILL')
    expect(await call).toBe('gone')
    expect(await all()).toMatchObject([{ tool: 'create-note', outcome: 'started', ids: [id] }])
    expect(await verify(file)).toEqual({ code: 0, said: expect.stringMatching(/1 writes have a beginning/) })
  })

  test('keeps the chain behind a line that is longer than what is read of the end', async () => {
    const file = join(await temporaryFolder(), 'audit.jsonl')
    const audit = createAudit(file)
    const ids = Array.from({ length: 500 }, () => id)
    for (let count = 0; count < 3; count++) await audit.begin({ ...write, ids })
    expect(await verifyAudit(file)).toMatchObject({ records: 3, open: 3, torn: [], head: 'fits' })
  })

  test('ends with 0 for a file that is whole, with 1 for one that is not or is none, and with 2 without one', async () => {
    const { file, lines } = await recorded()
    expect(await verifyByProgram(file)).toEqual({ code: 0, said: expect.stringMatching(/whole: 5 records/) })
    await writeFile(file, lines.slice(1).join('\n'))
    expect(await verifyByProgram(file)).toEqual({ code: 1, said: expect.stringMatching(/line 1\b/) })
    expect(await verifyByProgram('/nowhere/a.jsonl')).toMatchObject({
      code: 1,
      said: expect.stringContaining('cannot read /nowhere/a.jsonl (ENOENT).'),
    })
    expect(await verify(await temporaryFolder())).toMatchObject({
      code: 1,
      said: expect.stringContaining('EISDIR'),
    })
    expect(await verifyByProgram('--nonsense')).toMatchObject({ code: 2 })
  })
})
