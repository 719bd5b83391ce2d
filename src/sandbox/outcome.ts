import type { Arguments } from './arguments.ts'
import type { Ledger } from './ledger.ts'
import type { RunLog } from './run-log.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store.ts'

/** What an invocation prints and how it ends. */
export interface Outcome {
  stdout: string
  stderr: string
  exitCode: 0 | 1
}

/** What every command works with. */
export interface Context {
  settings: Settings
  store: Store
  ledger: Ledger
  runs: RunLog
  clock: () => number
}

/** A document, and a text for people where the general one does not serve. */
export interface Answer {
  document: object
  text?: string
}

export type Command = (args: Arguments, context: Context) => Promise<Answer>

/** An error of Membrane as its SDK describes it (`ErrorData`). */
export interface ErrorData {
  type: string
  message: string
  key?: string
  data?: unknown
  causedByError?: ErrorData
}

/** A call that fails: a line for stderr and, with `--json`, a document on stdout where there is one. */
export class CommandError extends Error {
  readonly document: object | undefined

  constructor(message: string, document?: object) {
    super(message)
    this.document = document
  }
}

export const membraneError = (data: ErrorData) => new CommandError(data.message, data)

export const wrongInput = (message: string) => membraneError({ type: 'bad_request', message })

export const missing = (what: string, id: string) =>
  membraneError({ type: 'bad_request', key: 'not_found', message: `${what} with id '${id}' not found` })

/** Pretty JSON, or a short text for people. */
export const printed = ({ document, text }: Answer, json: boolean): string =>
  `${json ? JSON.stringify(document, null, 2) : (text ?? summary(document))}\n`

function summary(document: object): string {
  if ('items' in document && Array.isArray(document.items)) {
    const items = document.items.map((item: { element?: object }) => {
      const { id, key, name, state } = (item.element ?? item) as Record<string, unknown>
      return [id, key, name, state].filter(Boolean).join('  ')
    })
    return items.join('\n') || 'Nothing found.'
  }
  return Object.entries(document)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}
