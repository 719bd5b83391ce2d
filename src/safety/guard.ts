import type { Arguments } from '../catalog/arguments.ts'
import type { Effect } from '../effect.ts'
import { Failure } from '../failure.ts'
import type { Logger } from '../logger.ts'
import type { Answer } from '../result/envelope.ts'
import type { Tool } from '../tools/tool.ts'
import type { Audit, AuditEntry } from './audit.ts'
import { type Confirmations, type ConfirmMode, digestOf, needsConfirmation } from './confirmation.ts'
import type { WriteMemory } from './write-memory.ts'

/** What stands between a call and what it does. Reads pass; writes are confirmed, sent once and recorded. */
export interface Guard {
  run(tool: Tool, args: Arguments, ask: AskPerson | undefined, signal: AbortSignal): Promise<Answer>
  /** The tool as it is listed: with the argument for the token where confirmation is on. */
  listed(tool: Tool): Tool
}

/** Asks the person at the host. Resolves with undefined when nobody answered. */
export type AskPerson = (question: string, signal: AbortSignal) => Promise<boolean | undefined>

export interface GuardOptions {
  refusal: (tool: Tool) => string | undefined
  readOnly: boolean
  confirm: ConfirmMode
  confirmations: Confirmations
  memory: WriteMemory
  audit: Audit | undefined
  log: Logger
}

const tokenName = 'confirmationToken'
const recordId = /^[0-9a-f]{24}$/

/** Takes the rules and returns the guard that every call passes. */
export function createGuard({
  refusal,
  readOnly,
  confirm,
  confirmations,
  memory,
  audit,
  log,
}: GuardOptions): Guard {
  async function run(
    tool: Tool,
    given: Arguments,
    ask: AskPerson | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const why = refusal(tool)
    if (why !== undefined) throw new Failure('refused-by-policy', `The tool ${tool.name} ${why}.`)
    const { [tokenName]: token, ...args } = given
    const effect = await tool.effect(args, signal)
    if (effect === 'read') return tool.run(args, signal)
    if (readOnly)
      throw new Failure(
        'refused-by-policy',
        `This call would write (${effect}), and this server is --read-only.`,
      )
    const call = { tool: tool.name, args }
    if (needsConfirmation(confirm, effect)) {
      const isConfirmed = typeof token === 'string' && confirmations.redeem(call, token)
      const answer = isConfirmed ? true : await ask?.(question(tool, args, effect), signal)
      if (answer === false) throw new Failure('refused-by-policy', 'The person declined this call.')
      if (answer === undefined) return plan(tool, args, effect, confirmations.issue(call))
    }
    const digest = digestOf(call)
    return recorded({ tool: tool.name, effect, digest, args }, () =>
      memory.run(digest, () => tool.run(args, signal)),
    )
  }

  /** A write that could not be recorded is not made; one whose record failed afterwards says so. */
  async function recorded(
    { args, ...call }: { tool: string; effect: Effect; digest: string; args: Arguments },
    write: () => Promise<Answer>,
  ): Promise<Answer> {
    if (audit === undefined) return write()
    await audit.check()
    const start = performance.now()
    const entry = { ...call, ms: 0, ids: idsIn(args) }
    const done = (fields: Pick<AuditEntry, 'outcome' | 'reason' | 'ids'>) =>
      audit.record({ ...entry, ...fields, ms: Math.round(performance.now() - start) }).then(
        () => true,
        (error: Error) => void log.error({ event: 'audit', error: error.message }),
      )
    try {
      const answer = await write()
      if (await done({ outcome: 'ok', ids: { ...entry.ids, ...idsIn(answer.data, 'result') } })) return answer
      return {
        ...answer,
        notices: [
          ...(answer.notices ?? []),
          'This write was made, and could not be recorded in the audit file.',
        ],
      }
    } catch (error) {
      await done({
        outcome: 'error',
        reason: error instanceof Failure ? error.reason : 'mistake',
        ids: entry.ids,
      })
      throw error
    }
  }

  return {
    run,
    listed: (tool) => (confirm === 'none' || tool.annotations.readOnlyHint ? tool : withToken(tool)),
  }
}

function withToken(tool: Tool): Tool {
  const description = 'Only to confirm: the token of the plan that the same call gave before.'
  const properties = { ...tool.inputSchema.properties, [tokenName]: { type: 'string', description } }
  return { ...tool, inputSchema: { ...tool.inputSchema, properties } }
}

function plan({ name }: Tool, args: Arguments, effect: Effect, token: string): Answer {
  return {
    data: {
      state: 'CONFIRMATION_REQUIRED',
      done: false,
      plan: { tool: name, effect, arguments: args },
      [tokenName]: token,
      next: `Nothing was done yet. Show the plan to the person; when they agree, make the same call again with ${tokenName}. It is good for five minutes and this call alone.`,
    },
  }
}

const question = ({ title }: Tool, args: Arguments, effect: Effect) =>
  `${title} (${effect}): ${JSON.stringify(args).slice(0, 1500)}\n\nDo this in Kustomer?`

/** Ids of records among the members of a value, by the member's name. */
function idsIn(value: unknown, prefix = ''): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  const ids = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && recordId.test(entry[1]),
  )
  return Object.fromEntries(ids.map(([name, id]) => [prefix === '' ? name : `${prefix}.${name}`, id]))
}
