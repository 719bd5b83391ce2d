import type { Capabilities } from '../../../membrane/capabilities.ts'
import type { Connection } from '../../../membrane/documents.ts'
import type { ProcessResult } from '../../../membrane/process.ts'
import type { ProcessUsage } from '../../../membrane/process-usage.ts'

/** A command line that is tried. */
export interface Probe {
  id: string
  /** Undefined where earlier answers did not give what it needs. */
  argv(known: Known): readonly string[] | undefined
  /** Runs without the home folder in which the sign-in is. */
  withoutHome?: true
}

/** What earlier answers gave for later probes. */
export interface Known {
  capabilities: Capabilities | undefined
  /** The help of the program. */
  help: string
  connections: readonly Connection[]
  connectionId: string | undefined
  /** Why none of the connections was chosen. */
  whyNoConnection: string | undefined
  connectionsCursor: string | undefined
  /** The items of `action list` as they came. */
  actions: readonly ListedAction[]
  actionsCursor: string | undefined
  /** The id of a record of each type that was listed, such as `customer`. */
  recordIds: Readonly<Record<string, string>>
  email: string | undefined
  actionRunId: string | undefined
}

export interface ListedAction {
  id: string
  key: string | undefined
  inputSchema: unknown
}

export interface Answer {
  argv: readonly string[]
  result: ProcessResult
}

/** All that was seen of a CLI. */
export interface Evidence {
  answers: ReadonlyMap<string, Answer>
  known: Known
  usage: ProcessUsage | undefined
  /** The deadline of one call in the program, in milliseconds. */
  deadlineMs: number
}

/** A complete id in Membrane's and in Kustomer's form that no record has. */
export const unknownId = '0'.repeat(24)
