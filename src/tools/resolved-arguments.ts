import type { Arguments } from '../catalog/coerce.ts'
import type { ReferenceKind } from '../kustomer/references.ts'

/** What a name, an address or a link in an argument stands for. */
export interface ResolvedReference {
  argument: string
  kind: ReferenceKind
  given: string
  id: string
  /** Empty where it was not read. */
  name: string
}

export interface ResolvedArguments {
  /** With ids in the place of names. */
  args: Arguments
  resolved: ResolvedReference[]
}

/** Judges arguments with an id in the place of each name. Throws ToolError. */
export type CheckArguments = (args: Arguments) => void

export type ResolveArguments = (
  args: Arguments,
  signal: AbortSignal,
  check: CheckArguments,
) => Promise<ResolvedArguments>
