import type { Reason } from '../../src/errors.ts'
import type { ProcessResult } from '../../src/membrane/process.ts'
import { findAction } from '../../src/sandbox/action-catalogue.ts'
import type { Start } from '../../src/sandbox/settings.ts'
import { type Change, type Json, starts, withDocument } from '../support/doubles.ts'

/** How a CLI differs from the documentation, and what comes of it. */
export interface Deviation {
  change: Change
  verdict: 'understood' | 'would-fail'
  dialect?: 'new'
  /** What the program is asked, `list-customers` where nothing is said, and what comes of it. */
  call?: [tool: string, args: object]
  outcome: 'works' | Reason
  /** What differs when the program is asked, where `doctor` has a way of its own to see it. */
  callChange?: Change
  start?: Start
  usage?: { cpuMs: number; peakMb: number }
}

export const zeros = '0'.repeat(24)
export const refused = (what: string) => ({ stdout: '', stderr: `Unknown ${what}\n`, exitCode: 1 })
export const says = (text: string) => ({ stdout: '', stderr: `${text}\n`, exitCode: 1 })
export const upstream = (status: number): Partial<ProcessResult> => ({
  stdout: JSON.stringify({
    response: { status, data: {} },
    request: { method: 'GET', url: 'https://x.api.kustomerapp.com/v1/x' },
  }),
  stderr: `Error making request to https://x.api.kustomerapp.com/v1/x: ${status}\n`,
  exitCode: 1,
})

/** Changes the answers to a command that begins with these words. */
export const on =
  (
    words: string,
    change: (result: ProcessResult, argv: readonly string[]) => Partial<ProcessResult>,
  ): Change =>
  (result, argv) =>
    starts(argv, ...words.split(' ')) ? change(result, argv) : undefined

/** Changes the answers with such an argument. */
export const withArgument =
  (argument: string, change: (result: ProcessResult) => Partial<ProcessResult>): Change =>
  (result, argv) =>
    argv.some((one) => one.includes(argument)) ? change(result) : undefined

export const help = (topic: string, change: (text: string) => string): Change =>
  on(`${topic} --help`.trim(), ({ stdout }) => ({ stdout: change(stdout) }))

export const items = (words: string, change: (item: Json) => Json): Change =>
  on(words, (result) =>
    withDocument(result, (document) => ({ ...document, items: document.items.map(change) })),
  )

export const onAction = (key: string, change: (action: Json) => Json) =>
  items('action list', (action) => (action.key === key ? change(action) : action))

export const onKustomer = (change: (connection: Json) => Json) =>
  items('connection list', (connection) => (connection.key === 'kustomer' ? change(connection) : connection))

export const runOf =
  (key: string, change: (result: ProcessResult) => Partial<ProcessResult>): Change =>
  (result, argv) =>
    starts(argv, 'action', 'run', findAction(key)?.id ?? '') ? change(result) : undefined

export const output = (key: string, change: (document: Json) => Json) =>
  runOf(key, (result) => withDocument(result, change))

export const failures: (change: (result: ProcessResult) => Partial<ProcessResult>) => Change =
  (change) => (result, argv) =>
    result.exitCode !== 0 && argv.at(-1) === '--json' ? change(result) : undefined

export const missing: [tool: string, args: object] = ['get-customer-by-id', { id: zeros }]
export const proxied: [tool: string, args: object] = [
  'proxy_request',
  { path: '/v1/customers', query: { pageSize: 1 } },
]

export function secondTime(words: string, change: () => Partial<ProcessResult>): Change {
  let count = 0
  return on(words, () => (++count === 2 ? change() : {}))
}

/** Answers the second page with the first one. */
export function repeatFirstPage(): Change {
  let first = ''
  return on('action list', ({ stdout }, argv) => {
    if (argv.some((one) => one.startsWith('--cursor='))) return { stdout: first }
    if (argv.includes('--limit=2')) first = stdout
    return {}
  })
}
