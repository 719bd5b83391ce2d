import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLedger } from '../../src/sandbox/ledger.ts'
import { openStore, resetSandbox, sampleOrganisation } from '../../src/sandbox/store.ts'
import { cases, type Json, kustomerId, sandbox, start, temporaryFolder } from './support.ts'

test('forty parallel writers lose nothing', { timeout: 60_000 }, async () => {
  const record = join(await temporaryFolder(), 'record.jsonl')
  const { act, folder } = await sandbox({ MEMBRANE_SANDBOX_RECORD: record }, start)
  const before = (await act('get-conversation-by-id', { id: cases.openConversation })).json.output.data.data
    .attributes
  const numbers = Array.from({ length: 40 }, (_, number) => number)
  const ends = await Promise.all(
    numbers.map((number) =>
      act('create-note', { conversation: cases.openConversation, body: `Note ${number}` }),
    ),
  )
  expect(ends.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(numbers.map(() => [0, '']))
  const { notes, conversations } = JSON.parse(await readFile(join(folder, 'organisation.json'), 'utf8'))
  const added = notes.filter(({ attributes }: Json) => /^Note \d+$/.test(attributes.body))
  expect(new Set(added.map(({ id }: Json) => id)).size).toBe(40)
  expect(new Set(added.map(({ attributes }: Json) => attributes.body)).size).toBe(40)
  const { attributes } = conversations.find(({ id }: Json) => id === cases.openConversation)
  expect([attributes.noteCount, attributes.rev]).toEqual([before.noteCount + 40, before.rev + 40])
  const lines = (await readFile(record, 'utf8')).trim().split('\n')
  expect(new Set(lines.map((line) => JSON.parse(line).pid)).size).toBe(41)
})

test('ledgers in one folder count together', async () => {
  const folder = await temporaryFolder()
  let now = Date.parse('2026-11-22T12:00:30Z')
  const ledgers = [1, 2, 3].map(() => createLedger(folder, () => now))
  const spent = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      ledgers[index % 3]?.spend(['budget', index % 2 ? 'search' : 'other']),
    ),
  )
  expect(spent.map((one) => one?.used['budget']).sort((a = 0, b = 0) => a - b)).toEqual(
    Array.from({ length: 60 }, (_, index) => index + 1),
  )
  expect(spent[0]?.resetsAt).toBe(Date.parse('2026-11-22T12:01:00Z'))
  now += 30_000
  expect((await ledgers[0]?.spend(['budget']))?.used).toEqual({ budget: 1 })
  expect(await readdir(folder)).toHaveLength(1)
})

test('files are private, and reset restores the sample', async () => {
  const { act, folder, run } = await sandbox({ MEMBRANE_SANDBOX_START: 'two-connections' })
  await act('create-company', { name: 'Short-lived' })
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await act('list-companies')).json.output.data.data).toHaveLength(4)
  await resetSandbox(folder)
  expect(await readdir(folder)).toEqual([])
  expect((await act('list-companies')).json.output.data.data).toHaveLength(3)
  await resetSandbox(folder)
  const fresh = await run(['connection', 'list', '--json'], { MEMBRANE_SANDBOX_START: 'no-connection' })
  expect(fresh.json.items).toHaveLength(1)
  await resetSandbox(join(folder, 'never', 'used'))
})

test('a failed change saves nothing and unlocks', async () => {
  const folder = join(await temporaryFolder(), 'data')
  const { organisation } = openStore(folder, 'ready')
  const failing = organisation.change(async (value) => {
    value.customers = []
    throw new Error('refused')
  })
  await expect(failing).rejects.toThrow('refused')
  expect((await organisation.read()).customers).toHaveLength(8)
  await organisation.change(async () => ({ result: undefined, save: true }))
})

test('completes the data of an earlier version', async () => {
  const folder = await temporaryFolder()
  const { articles: _, events: __, ...earlier } = await sampleOrganisation()
  await writeFile(join(folder, 'organisation.json'), JSON.stringify({ ...earlier, notes: [] }))
  const { articles, events, notes } = await openStore(folder, 'ready').organisation.read()
  expect([articles.length, events.length > 0, notes.length]).toEqual([6, true, 0])
})

test('a store sees what another one changed', async () => {
  const folder = await temporaryFolder()
  const [reader, writer] = [openStore(folder, 'ready').organisation, openStore(folder, 'ready').organisation]
  for (const counter of [7, 8]) {
    await writer.change(async (value) => {
      value.counter = counter
      return { result: undefined, save: true }
    })
    expect((await reader.read()).counter).toBe(counter)
  }
})

test('takes over the lock of a killed process', async () => {
  const folder = await temporaryFolder()
  const lock = join(folder, 'data.lock')
  await mkdir(lock)
  const long = new Date(Date.now() - 60_000)
  await utimes(lock, long, long)
  const { organisation } = openStore(folder, 'ready')
  expect(await organisation.change(async () => ({ result: 'done', save: false }))).toBe('done')
})

test('records how it was called', async () => {
  const record = join(await temporaryFolder(), 'calls', 'record.jsonl')
  const { run } = await sandbox({ MEMBRANE_SANDBOX_RECORD: record, HOME: '/nowhere' }, start)
  const argv = ['connection', 'get', kustomerId, '--json']
  await run(argv)
  expect(JSON.parse(await readFile(record, 'utf8'))).toEqual({
    argv,
    cwd: process.cwd(),
    home: '/nowhere',
    stdin: 'closed',
    envNames: expect.arrayContaining(['HOME', 'MEMBRANE_SANDBOX_DIR', 'MEMBRANE_SANDBOX_RECORD', 'PATH']),
    pid: expect.any(Number),
    at: expect.any(Number),
  })
})
