import type { Arguments } from '../catalog/arguments.ts'
import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { fillPath } from '../kustomer/proxy-checks.ts'
import { decodeAllForms, type RiskLevel } from '../kustomer/risk.ts'
import type { Logger } from '../logger.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { singleLine } from '../text/text.ts'
import type { ConfirmFn, ConfirmResult } from '../tools/elicitation.ts'
import type { Tool } from '../tools/tool.ts'
import type { Audit, AuditedEnd } from './audit.ts'
import { type Confirmations, type ConfirmMode, digestOf, needsConfirmation } from './confirmation.ts'
import { tokenName } from './token.ts'
import type { WriteCaller, WriteMemory } from './write-memory.ts'

/** What stands between a call and what it does. Reads pass; writes are confirmed, sent once and recorded. */
export interface Guard {
  run(tool: Tool, args: Arguments, call: GuardedCall): Promise<ToolOutput>
}

/** What a call brings besides its arguments. */
export interface GuardedCall extends WriteCaller {
  ask: ConfirmFn | undefined
}

export interface GuardOptions {
  refusal: (tool: Tool) => string | undefined
  readOnly: boolean
  confirm: ConfirmMode
  confirmations: Confirmations
  memory: WriteMemory
  audit: Audit | undefined
  /** The connection that calls go to, where it is known without asking. */
  connection: () => Promise<string | undefined>
  log: Logger
}

const unrecorded = 'This write was made, and its end could not be recorded in the audit file.'

/** Takes the rules and returns the guard that every call passes. */
export function createGuard({
  refusal,
  readOnly,
  confirm,
  confirmations,
  memory,
  audit,
  connection,
  log,
}: GuardOptions): Guard {
  async function run(tool: Tool, given: Arguments, { ask, ...caller }: GuardedCall): Promise<ToolOutput> {
    const { signal } = caller
    const why = refusal(tool)
    if (why !== undefined) throw new ToolError('refused-by-policy', `The tool ${tool.name} ${why}.`)
    const { [tokenName]: token, ...args } = given
    const effect = await tool.effect(args, signal)
    if (effect === 'read') return tool.run(args, signal)
    if (readOnly)
      throw new ToolError(
        'refused-by-policy',
        `This call would write (${effect}), and this server is --read-only.`,
      )
    const identity = await tool.identity(args, signal)
    const digest = digestOf(identity)
    if (needsConfirmation(confirm, effect)) {
      const call = { tool: tool.name, args: identity }
      const isConfirmed = typeof token === 'string' && confirmations.redeem(call, token)
      const answer = isConfirmed ? 'agreed' : await ask?.(question(tool, args, effect), signal)
      if (answer === 'declined') throw new ToolError('refused-by-policy', 'The person declined this call.')
      if (answer !== 'agreed') return plan(tool, args, effect, confirmations.issue(call), answer)
    }
    return recorded({ tool: tool.name, effect, digest, args }, () =>
      memory.run(digest, (shared) => tool.run(args, shared), caller),
    )
  }

  /** A write whose beginning could not be recorded is not made; one whose end could not says so. */
  async function recorded(
    { args, ...call }: { tool: string; effect: RiskLevel; digest: string; args: Arguments },
    write: () => Promise<ToolOutput>,
  ): Promise<ToolOutput> {
    if (audit === undefined) return write()
    const ids = idsIn(args)
    const end = await audit.begin({ ...call, connection: await connection(), ids })
    const start = performance.now()
    const ended = async (fields: Pick<AuditedEnd, 'outcome' | 'reason' | 'ids'>) =>
      end({ ...fields, connection: await connection(), ms: Math.round(performance.now() - start) }).then(
        () => true,
        (error: Error) => void log.error({ event: 'audit', error: error.message }),
      )
    try {
      const answer = await write()
      const made = idsIn((answer.data as { id?: unknown } | null)?.id)
      if (await ended({ outcome: 'ok', ids: [...new Set([...ids, ...made])] })) return answer
      return { ...answer, notices: [...(answer.notices ?? []), unrecorded] }
    } catch (error) {
      const reason = error instanceof ToolError ? error.reason : 'mistake'
      await ended({ outcome: 'error', reason, ids })
      throw error
    }
  }

  return { run }
}

/** A person who closed the question has not agreed: the agent is told to ask again, in the conversation. */
const dismissedNotice =
  'The person closed the question without an answer, so nothing was done. Do not send the token before they have agreed to this call in so many words.'

function plan(
  { name }: Tool,
  args: Arguments,
  effect: RiskLevel,
  token: string,
  answer: ConfirmResult | undefined,
): ToolOutput {
  return {
    ...(answer === 'dismissed' ? { notices: [dismissedNotice] } : {}),
    data: {
      state: 'CONFIRMATION_REQUIRED',
      done: false,
      plan: { tool: name, effect, arguments: args },
      [tokenName]: token,
      next: `Nothing was done yet. Show the plan to the person; when they agree, make the same call again with ${tokenName}. It is good for five minutes and this call alone.`,
    },
    exact: true,
  }
}

const maxQuestion = 1500
const maxArgument = 300
/** What decides the call stands first, so that nothing long can push it out of sight. */
const leading = ['method', 'path', 'action', 'id', 'conversation', 'customer']

function question({ title }: Tool, args: Arguments, effect: RiskLevel): string {
  const names = [
    ...leading.filter((name) => Object.hasOwn(args, name)),
    ...Object.keys(args).filter((name) => !leading.includes(name)),
  ]
  const lines = names.map(
    (name) => `${singleLine(name, 64)}: ${singleLine(JSON.stringify(args[name]) ?? '', maxArgument)}`,
  )
  const text = [`records: ${idsIn(args).join(', ') || 'none named'}`, ...lines].join('\n')
  const shown =
    text.length > maxQuestion
      ? `${text.slice(0, maxQuestion)}… (${text.length - maxQuestion} more characters)`
      : text
  return `${title} (${effect})\n${shown}\n\nDo this in Kustomer?`
}

const idForm = /(?<![0-9a-zA-Z])[0-9a-f]{24}(?![0-9a-zA-Z])/gi

/** Ids of records anywhere in a value, those of what decides the call first. Nothing else of it is taken. */
function idsIn(value: unknown): string[] {
  const { path, pathParams, id, input, ...others } = isObject(value) ? value : {}
  const target =
    typeof path === 'string' ? decodeAllForms(fillPath(path, isObject(pathParams) ? pathParams : {})) : []
  const parts = isObject(value)
    ? [target, id, isObject(input) ? input['id'] : undefined, input, others]
    : [value]
  const ids = parts.flatMap((part) => (JSON.stringify(part) ?? '').match(idForm) ?? [])
  return [...new Set(ids)].slice(0, 20)
}
