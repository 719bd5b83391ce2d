import { access, constants, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { guiEnvironment } from '../../../clients/client-environment.ts'
import { loadConfig } from '../../../config/load.ts'
import type { Config } from '../../../config/options.ts'
import { ToolError, UsageError } from '../../../errors.ts'
import { createProcessRunner } from '../../../membrane/process.ts'
import { humanAdvice } from '../../human-advice.ts'
import type { RuntimeContext } from '../../runtime.ts'
import { CancelledError, type Prompter, terminalPrompter } from '../../setup/prompter.ts'
import { wrapFor } from '../../terminal/wrap.ts'
import type { ProvenRow } from './prove.ts'
import { lineOfRow, summaryOf, verdictOf } from './report.ts'
import { type ContractSession, openSession } from './session.ts'

export interface ContractOptions {
  /** Whose environment: this shell's, or that of an app with a window. */
  env?: 'own' | 'gui'
  /** `writes` also puts a note on a conversation and deletes it. */
  contract?: true | 'writes'
  /** The conversation that gets the note. */
  conversation?: string
  /** The file that keeps the transcript. */
  record?: string
  yes?: boolean
  json?: boolean
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Proves what the program relies on of the CLI. Rejects with UsageError, or with an Error that names what would fail. */
export async function proveContract(
  flags: Record<string, unknown>,
  context: RuntimeContext,
  options: ContractOptions,
): Promise<void> {
  const env = options.env === 'gui' ? guiEnvironment(process.platform, context.env) : context.env
  const runtime = { ...context, env }
  const config = await loadConfig(flags, env)
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true && options.json !== true
  await requireAnswers(config, options, isTerminal)
  const controller = new AbortController()
  const stop = () => controller.abort(new ToolError('cancelled', 'Stopped.'))
  for (const name of stopSignals) process.once(name, stop)
  const { signal } = controller
  const session = await openSession({ config, runtime, runner: createProcessRunner() })
  const print = (text: string) => {
    if (options.json !== true) runtime.print(wrapFor(process.stdout, text))
  }
  const show = (rows: readonly ProvenRow[]) => {
    for (const row of rows) print(lineOfRow(row, process.stdout.isTTY === true))
    return rows
  }
  const prompter = isTerminal && options.yes !== true ? await terminalPrompter(signal) : undefined
  try {
    print('This tries every command that kustomer-mcp relies on. It only reads, and takes about a minute.')
    const rows = [...show(await session.read(signal))]
    if (options.contract === 'writes') rows.push(...show(await write(session, options, prompter, signal)))
    const verdict = verdictOf(rows)
    print(summaryOf(rows))
    if (options.json) runtime.print(JSON.stringify({ contract: rows, verdict }, undefined, 2))
    if (options.record !== undefined) await keep(session, options.record, runtime, prompter)
    if (verdict === 'would-fail') throw new Error(summaryOf(rows))
  } catch (error) {
    if (signal.aborted) throw new CancelledError()
    throw error instanceof ToolError
      ? new Error(`${error.message} ${humanAdvice(error, config.sandbox)}`)
      : error
  } finally {
    await session.close()
    for (const name of stopSignals) process.off(name, stop)
  }
}

/** Whatever has to be known is asked for before anything runs. */
async function requireAnswers(config: Config, options: ContractOptions, isTerminal: boolean): Promise<void> {
  const { contract, conversation, record, yes = false, json = false } = options
  const canAsk = isTerminal && !yes
  if (conversation !== undefined && !/^\w[\w-]{0,63}$/.test(conversation))
    throw new UsageError('--conversation takes the id of a conversation.')
  if (contract === 'writes' && config.readOnly)
    throw new UsageError('--contract=writes writes, and --read-only forbids it.')
  if (contract === 'writes' && !canAsk && (conversation === undefined || !yes))
    throw new UsageError(
      '--contract=writes asks at a terminal which conversation gets a note. Without one, or with --json, name it with --conversation <id>, and add --yes.',
    )
  if (record === undefined) return
  if (!canAsk && !yes)
    throw new UsageError(
      `--record shows the transcript at a terminal before it is kept. ${json ? 'With --json' : 'Without one'}, add --yes.`,
    )
  await access(dirname(resolve(record)), constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--record ${record} cannot be written (${error.code}).`)
  })
  const existing = await stat(record).catch(() => undefined)
  if (existing?.isDirectory()) throw new UsageError(`--record ${record} is a folder. Name a file.`)
}

async function write(
  session: ContractSession,
  { conversation: given }: ContractOptions,
  prompter: Prompter | undefined,
  signal: AbortSignal,
): Promise<ProvenRow[]> {
  const conversation =
    given ?? (await prompter?.ask('Which conversation may get a note for a moment? Its id:')) ?? ''
  if (!/^\w[\w-]{0,63}$/.test(conversation)) return []
  const question = `Put an internal note on the conversation ${conversation}, and delete it again?`
  if (prompter !== undefined && !(await prompter.confirm(question))) return []
  return session.write(conversation, signal)
}

async function keep(
  session: ContractSession,
  file: string,
  runtime: RuntimeContext,
  prompter: Prompter | undefined,
): Promise<void> {
  const text = `${JSON.stringify(session.transcript(), undefined, 1)}\n`
  if (prompter !== undefined) {
    runtime.print(text)
    if (!(await prompter.confirm(`Names, ids and texts are replaced. Keep this in ${file}?`))) return
  }
  const { default: writeFileAtomic } = await import('write-file-atomic')
  await writeFileAtomic(file, text, { mode: 0o600 })
}
