import { randomUUID } from 'node:crypto'
import { withDeadline } from '../../../async/deadline.ts'
import { ToolError } from '../../../errors.ts'
import { isObject } from '../../../json.ts'
import * as argv from '../../../membrane/argv.ts'
import type { Capabilities } from '../../../membrane/capabilities.ts'
import type { ProcessResult } from '../../../membrane/process.ts'
import type { Answer, Known } from './probe.ts'
import type { ProvenRow } from './prove.ts'
import { bodyOf, formOf, read, recordsIn } from './reading.ts'
import { asAssumed, type Finding, failureOf, notSeen, wouldFail } from './row.ts'

/** Runs a command that may write: once it was started, it ends by its deadline alone. */
export type RunWrite = (args: readonly string[], signal: AbortSignal) => Promise<ProcessResult>

interface WriteOptions {
  run: RunWrite
  known: Known
  /** The id of the conversation that the note is put on. */
  conversation: string
  signal: AbortSignal
}

const cleanUpMs = 120_000
const assumed = {
  'note-created': '`create-note` answers with the note',
  'note-listed': 'the note is on the conversation',
  'note-deleted': '`DELETE /v1/notes/{id}` is answered with success',
  'note-absent': 'the note is no longer on the conversation',
}

/**
 * Puts an internal note on a conversation and deletes it. The note is looked for by its text, so that one is found and
 * deleted whatever the CLI answered, also when the signal aborts after it was sent.
 */
export async function proveWrites({ run, known, conversation, signal }: WriteOptions): Promise<ProvenRow[]> {
  const findings = new Map<string, Finding>()
  const rows = () =>
    Object.entries(assumed).map(([id, text]) => ({
      id,
      assumed: text,
      ...(findings.get(id) ?? notSeen('not reached')),
    }))
  const { connectionId, capabilities, actions } = known
  const action = actions.find(({ key }) => key === 'create-note')
  if (connectionId === undefined || capabilities === undefined || action === undefined) return rows()
  const mark = randomUUID()
  const body = `A check by \`kustomer-mcp doctor --contract=writes\`, which deletes this note. ${mark}`
  const send = sender(run, connectionId, capabilities)

  const args = argv.runAction(connectionId, action.id, { conversation, body }, capabilities)
  const created = await attempt(() => run(args, signal), args)
  findings.set(
    'note-created',
    judge(created, (answer) => `${recordsIn(bodyOf(answer)).length} record`),
  )

  await withDeadline(cleanUpMs, async (limited) => {
    const list = () => send('GET', `/v1/conversations/${conversation}/notes`, limited)
    const listed = await list()
    const found = notesWith(mark, listed)
    // Only what holds the mark is deleted, whatever else an answer holds.
    const ids = [...new Set([...found, ...(await ownNotes(mark, created, send, limited))])]
    findings.set(
      'note-listed',
      found.length === 1
        ? asAssumed('it is')
        : problem(listed, `${found.length} times: it may be left there`),
    )
    for (const id of ids) {
      const deleted = await send('DELETE', `/v1/notes/${id}`, limited)
      findings.set(
        'note-deleted',
        judge(deleted, () => 'it is'),
      )
    }
    const after = await list()
    const left = notesWith(mark, after)
    const isReadable = isAnswer(after) && read(after, formOf(after.argv)).document !== undefined
    findings.set(
      'note-absent',
      isReadable && left.length === 0 && ids.length > 0
        ? asAssumed('nothing is left')
        : problem(after, `${ids.join(', ') || 'a note'} may be left on the conversation: delete it by hand`),
    )
  })
  return rows()
}

/** The note in the answer to its creation; read again where that answer lacks its text. */
async function ownNotes(mark: string, created: Attempt, send: Send, signal: AbortSignal): Promise<string[]> {
  const own = notesWith(mark, created)
  const [record, second] = isAnswer(created) ? recordsIn(bodyOf(created)) : []
  const id = String(record?.['id'])
  if (own.length > 0 || record === undefined || second !== undefined || !/^\w[\w-]{0,63}$/.test(id))
    return own
  return notesWith(mark, await send('GET', `/v1/notes/${id}`, signal))
}

type Attempt = Answer | ToolError

const isAnswer = (made: Attempt): made is Answer => !(made instanceof ToolError)

async function attempt(run: () => Promise<ProcessResult>, args: readonly string[]): Promise<Attempt> {
  try {
    return { argv: args, result: await run() }
  } catch (error) {
    if (error instanceof ToolError) return error
    throw error
  }
}

type Send = (method: 'GET' | 'DELETE', path: string, signal: AbortSignal) => Promise<Attempt>

const sender =
  (run: RunWrite, connectionId: string, capabilities: Capabilities): Send =>
  (method, path, signal) => {
    const request = { method, path, query: [], pathParams: {}, headers: [] }
    const args = argv.request(connectionId, request, capabilities)
    return attempt(() => run(args, signal), args)
  }

function judge(made: Attempt, seen: (answer: Answer) => string): Finding {
  if (!isAnswer(made)) return wouldFail(`fails with \`${made.reason}\``)
  const { error } = read(made, formOf(made.argv), true)
  return error === undefined ? asAssumed(seen(made)) : wouldFail(failureOf(error, made))
}

/** What failed, and what that means. */
function problem(made: Attempt, meaning: string): Finding {
  const { verdict, seen } = judge(made, () => '')
  return wouldFail(verdict === 'would-fail' ? `${seen}; ${meaning}` : meaning)
}

/** The ids of the notes that hold a text. */
function notesWith(mark: string, made: Attempt): string[] {
  const notes = isAnswer(made) ? recordsIn(bodyOf(made)) : []
  return notes
    .filter(({ attributes }) => isObject(attributes) && JSON.stringify(attributes).includes(mark))
    .map(({ id }) => String(id))
    .filter((id) => /^\w[\w-]{0,63}$/.test(id))
}
