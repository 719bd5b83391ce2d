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
  /** As they were given, without what was claimed of a name beside an id. */
  given: Arguments
  resolved: ResolvedReference[]
}

/** What the arguments are judged by. */
export interface ArgumentSchema {
  coerce(args: Arguments): Arguments
  /** Judges arguments with an id in the place of each name. Throws ToolError. */
  check(args: Arguments): void
}

export type ResolveArguments = (
  args: Arguments,
  signal: AbortSignal,
  schema: ArgumentSchema,
) => Promise<ResolvedArguments>
