import { randomUUID } from 'node:crypto'
import { withDeadline } from '../../../async/deadline.ts'
import * as argv from '../../../membrane/argv.ts'
import {
  type Attempt,
  areMissing,
  attempt,
  isAnswer,
  type Listed,
  listNotes,
  mostPages,
  notesWith,
  type RunWrite,
  type Send,
  sender,
} from './notes.ts'
import type { Answer, Known } from './probe.ts'
import type { ProvenRow } from './prove.ts'
import { bodyOf, formOf, read, recordsIn } from './reading.ts'
import { asAssumed, type Finding, failureOf, notSeen, wouldFail } from './row.ts'

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
    const list = () => listNotes(mark, conversation, send, limited)
    const listed = await list()
    const found = listed.ids
    // Only what holds the mark is deleted, whatever else an answer holds.
    const ids = [...new Set([...found, ...(await ownNotes(mark, created, send, limited))])]
    findings.set('note-listed', findingOfList(listed))
    for (const id of ids) {
      const deleted = await send('DELETE', `/v1/notes/${id}`, limited)
      findings.set(
        'note-deleted',
        judge(deleted, () => 'it is'),
      )
    }
    const after = await list()
    const wasListed = ids.length > 0 && ids.every((id) => found.includes(id))
    const isAbsent = after.ids.length === 0 && ids.length > 0
    const isDeleted = isAbsent && ((wasListed && after.isReadable) || (await areMissing(ids, send, limited)))
    findings.set(
      'note-absent',
      isDeleted
        ? asAssumed('nothing is left')
        : problem(
            after.last,
            `${ids.join(', ') || 'a note'} may be left on the conversation: delete it by hand`,
          ),
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

function findingOfList({ ids, hasMore, last }: Listed): Finding {
  if (ids.length === 1) return asAssumed('it is')
  if (ids.length === 0 && hasMore) return notSeen(`not on the first ${mostPages} pages, and there are more`)
  return problem(last, `${ids.length} times: it may be left there`)
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
