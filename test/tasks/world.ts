import { isDeepStrictEqual } from 'node:util'
import type { Organisation, Resource } from '../../src/sandbox/kustomer/resource.ts'
import { openStore, resetSandbox } from '../../src/sandbox/store.ts'

/** The organisation as the simulation holds it, read beside the server. */
export const readWorld = (folder: string): Promise<Organisation> =>
  openStore(folder, 'ready').organisation.read()

/** Puts the sample organisation back. */
export const resetWorld = (folder: string): Promise<void> => resetSandbox(folder)

const kinds = ['companies', 'customers', 'conversations', 'messages', 'notes', 'drafts', 'tags'] as const

/**
 * Lists what was done to the organisation: `+notes` for each new record, `-notes` for
 * each that is gone, `~conversations <id>` for each that is not what it was.
 */
export function changes(before: Organisation, after: Organisation): string[] {
  return kinds
    .flatMap((kind) => {
      const old = new Map(before[kind].map((record) => [record.id, record]))
      const now = new Map(after[kind].map((record) => [record.id, record]))
      return [
        ...[...now.keys()].filter((id) => !old.has(id)).map(() => `+${kind}`),
        ...[...old.keys()].filter((id) => !now.has(id)).map(() => `-${kind}`),
        ...[...now].filter(([id, record]) => differs(old.get(id), record)).map(([id]) => `~${kind} ${id}`),
      ]
    })
    .sort()
}

const differs = (old: Resource | undefined, now: Resource) =>
  old !== undefined && !isDeepStrictEqual(old, now)

/** The records that are new since `before`. */
export function created(before: Organisation, after: Organisation, kind: (typeof kinds)[number]): Resource[] {
  const old = new Set(before[kind].map(({ id }) => id))
  return after[kind].filter(({ id }) => !old.has(id))
}
