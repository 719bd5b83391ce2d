import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readKeys } from '../../src/cli/doctor/contract/probes.ts'
import { ToolError } from '../../src/errors.ts'
import type { ProcessRunner } from '../../src/membrane/process.ts'
import { findAction } from '../../src/sandbox/action-catalogue.ts'
import { sampleOrganisation } from '../../src/sandbox/store.ts'
import { cases } from '../sandbox/support.ts'
import { prove } from '../support/contract.ts'
import { type Change, changed, documented, type Json, starts, withDocument } from '../support/doubles.ts'
import { temporaryFolder } from '../support/harness.ts'

const conversation = cases.openConversation
const { signal } = new AbortController()

/** The notes of every conversation in the sandbox, which has the sample data until the first write. */
async function notesIn(folder: string): Promise<{ id: string }[]> {
  const file = await readFile(join(folder, 'organisation.json'), 'utf8').catch(() => undefined)
  return file === undefined ? (await sampleOrganisation()).notes : JSON.parse(file).notes
}

/** Proves with a note, on a CLI that may differ, and returns the verdicts with the notes before and after. */
async function write(change: Change = () => undefined, dialect: 'old' | 'new' = 'old') {
  const state = await temporaryFolder()
  const folder = join(state, 'sandbox')
  const { session } = await prove(changed(documented(folder, dialect), change), state)
  const before = await notesIn(folder)
  const rows = await session.write(conversation, signal)
  const after = await notesIn(folder)
  return {
    verdicts: Object.fromEntries(rows.map(({ id, verdict }) => [id, verdict])),
    seen: rows.map(({ seen }) => seen).join('\n'),
    left: after.filter(({ id }) => before.every((note) => note.id !== id)).length,
    lost: before.filter(({ id }) => after.every((note) => note.id !== id)).length,
  }
}

const fine = {
  'note-created': 'as-assumed',
  'note-listed': 'as-assumed',
  'note-deleted': 'as-assumed',
  'note-absent': 'as-assumed',
}
const createNote = findAction('create-note')?.id ?? ''
const creates = (argv: readonly string[]) => argv.includes(createNote) || argv.includes(`--id=${createNote}`)

test.each(['old', 'new'] as const)('a note is written and deleted in the %s dialect', async (dialect) => {
  expect(await write(undefined, dialect)).toMatchObject({ verdicts: fine, left: 0, lost: 0 })
})

test.each<[string, Change]>([
  ['without a document', (_, argv) => (creates(argv) ? { stdout: 'Created.\n' } : undefined)],
  ['by its deadline', (_, argv) => (creates(argv) ? { ended: 'timeout', stdout: '' } : undefined)],
  [
    'without the text of the note',
    (result, argv) =>
      creates(argv)
        ? withDocument(result, ({ output }) => ({ output: { data: { id: output.data.data.id } } }))
        : undefined,
  ],
])('a note is deleted whose creation ended %s', async (_, change) => {
  expect(await write(change)).toMatchObject({ left: 0, lost: 0 })
})

test('nothing but the own note is deleted, whatever the answer holds', async () => {
  const others =
    (notes: unknown[]): Change =>
    (result, argv) =>
      creates(argv) ? withDocument(result, () => ({ output: { data: { data: notes } } })) : undefined
  const foreign = { type: 'note', id: '6b001b4c907e000008000001', attributes: { body: 'Photos' } }
  expect(await write(others([foreign]))).toMatchObject({ left: 0, lost: 0 })
  expect(await write(others([foreign, foreign]))).toMatchObject({ left: 0, lost: 0 })
})

/** Lists the own note behind `count` others, a hundred to a page. */
const behind =
  (count: number, own: Json[] = []): Change =>
  (result, argv) => {
    if (!argv.includes(`/v1/conversations/${conversation}/notes`)) return undefined
    const page = Number(argv.find((arg) => arg.startsWith('--query=page='))?.slice(13) ?? 1)
    const ids = Array.from({ length: count }, (_, index) => `6b001b4c907e1${String(index).padStart(11, '0')}`)
    const others = ids.map((id) => ({ type: 'note', id, attributes: { body: 'Photos' } }))
    return withDocument(result, ({ body, ...rest }) => {
      if (page === 1) own = body.data
      const all = [...others, ...own]
      const links = { next: all.length > page * 100 ? '/more' : null }
      return { ...rest, body: { links, data: all.slice((page - 1) * 100, page * 100) } }
    })
  }

test('a note on the last page is seen', async () => {
  expect(await write(behind(250))).toMatchObject({ verdicts: fine, left: 0, lost: 0 })
})

test('a note behind too many others is read by its id', async () => {
  const verdicts = { ...fine, 'note-listed': 'not-seen' }
  expect(await write(behind(1200))).toMatchObject({ verdicts, left: 0, lost: 0 })
})

test('a note of which nobody says that it is gone is named', async () => {
  const listed = behind(1200)
  const { verdicts, left } = await write((result, argv, cwd) =>
    argv.includes('--method=DELETE')
      ? { ended: 'timeout', stdout: '' }
      : argv.some((arg) => /^.v1.notes.\w+$/.test(arg))
        ? { exitCode: 1, stdout: '', stderr: 'No.' }
        : listed(result, argv, cwd),
  )
  expect(verdicts).toMatchObject({ 'note-deleted': 'would-fail', 'note-absent': 'would-fail' })
  expect(left).toBe(0)
})

test('a note that cannot be deleted is named', async () => {
  const state = await temporaryFolder()
  const folder = join(state, 'sandbox')
  const runner = documented(folder)
  const refusing: ProcessRunner = {
    stop: runner.stop,
    run: async (program, args, limited) =>
      args.includes('--method=DELETE')
        ? { ended: 'exit', exitCode: 1, stdout: '', stderr: 'No.', milliseconds: 1 }
        : runner.run(program, args, limited),
  }
  const { session } = await prove(refusing, state)
  const before = await notesIn(folder)
  const [, , deleted, absent] = await session.write(conversation, signal)
  expect([deleted?.verdict, absent?.verdict]).toEqual(['would-fail', 'would-fail'])
  const left = (await notesIn(folder)).filter(({ id }) => before.every((note) => note.id !== id))
  expect(left).toHaveLength(1)
  expect(absent?.seen).toBe(`${left[0]?.id} may be left on the conversation: delete it by hand`)
})

test('an abort after the note was sent deletes it all the same', async () => {
  const state = await temporaryFolder()
  const folder = join(state, 'sandbox')
  const controller = new AbortController()
  const runner = documented(folder)
  const aborting: ProcessRunner = {
    stop: runner.stop,
    async run(program, args, limited) {
      const result = await runner.run(program, args, limited)
      if (creates(args)) controller.abort(new ToolError('cancelled', 'Stopped.'))
      return result
    },
  }
  const { session } = await prove(aborting, state)
  const before = await notesIn(folder)
  await session.write(conversation, controller.signal)
  expect(await notesIn(folder)).toHaveLength(before.length)
})

test.each(['old', 'new'] as const)(
  'without being asked, nothing is written in the %s dialect',
  async (dialect) => {
    const state = await temporaryFolder()
    const folder = join(state, 'sandbox')
    const sent: (readonly string[])[] = []
    const runner = changed(documented(folder, dialect), (_, argv) => {
      sent.push(argv)
      return undefined
    })
    await prove(runner, state)
    // The sandbox makes this file at the first write.
    expect(existsSync(join(folder, 'organisation.json'))).toBe(false)
    const actions = sent.flatMap((argv) => (starts(argv, 'action', 'run') ? argv[2] : (idIn(argv) ?? [])))
    const reads = [...readKeys, ...readKeys.map((key) => findAction(key)?.id), '0'.repeat(24), '--help']
    expect(actions.length).toBeGreaterThan(13)
    expect(actions.filter((action) => !reads.includes(action))).toEqual([])
    const lines = sent.filter((argv) => argv.at(-1) !== '--help').map((argv) => argv.join(' '))
    expect(lines.join('\n')).not.toMatch(/POST|PUT|PATCH|DELETE|^login|^connect |ensure/m)
  },
)

const idIn = (argv: readonly string[]) => argv.find((arg) => arg.startsWith('--id='))?.slice('--id='.length)
