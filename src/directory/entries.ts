import * as z from 'zod'
import type { ApiRecord } from '../kustomer/json-api.ts'
import { type DirectoryKind, directoryLists, isRecordId } from '../kustomer/references.ts'

/** A record of a directory. */
export interface DirectoryEntry {
  id: string
  name: string
  /** Other names of it, such as the one that colleagues see. */
  otherNames?: string[] | undefined
  address?: string | undefined
  /** Names that it had when it was read before. */
  formerNames?: string[] | undefined
  deleted?: boolean | undefined
  /** Whether it is a program's account. */
  isMachine?: boolean | undefined
}

export interface DirectoryList {
  /** When it was read, in milliseconds since 1970. */
  at: number
  entries: DirectoryEntry[]
  /** Whether it was read to its end. */
  isWhole: boolean
}

const texts = z.array(z.string()).optional()
export const listSchema: z.ZodType<DirectoryList> = z.object({
  at: z.number(),
  entries: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      otherNames: texts,
      address: z.string().optional(),
      formerNames: texts,
      deleted: z.boolean().optional(),
      isMachine: z.boolean().optional(),
    }),
  ),
  isWhole: z.boolean(),
})

const maxFormerNames = 3

/** The entries of records; those without a name or an id are left out. */
export const entriesOf = (kind: DirectoryKind, records: readonly ApiRecord[], areDeleted = false) =>
  records.flatMap((record) => entryOf(kind, record, areDeleted) ?? [])

function entryOf(kind: DirectoryKind, { id, attributes }: ApiRecord, isDeleted: boolean) {
  const { names, addresses } = directoryLists[kind]
  const textsOf = (members: readonly string[]) =>
    members.flatMap((member) => {
      const value = attributes[member]
      return typeof value === 'string' && value.trim() !== '' ? [value] : []
    })
  const [address] = textsOf(addresses)
  const [name = address, ...others] = new Set(textsOf(names))
  if (name === undefined || !isRecordId(id)) return undefined
  const entry: DirectoryEntry = { id, name }
  if (others.length > 0) entry.otherNames = others
  if (address !== undefined) entry.address = address
  if (isDeleted || attributes['deleted'] === true || typeof attributes['deletedAt'] === 'string')
    entry.deleted = true
  if (attributes['userType'] === 'machine') entry.isMachine = true
  return entry
}

/** Adds to new entries the names that they had before, and those that are no longer listed. */
export function mergeEntries(
  before: readonly DirectoryEntry[],
  entries: readonly DirectoryEntry[],
): DirectoryEntry[] {
  const merged = new Map(entries.map((entry) => [entry.id, entry]))
  for (const old of before) {
    const entry = merged.get(old.id)
    const former = [...new Set([old.name, ...(old.formerNames ?? [])])]
      .filter((name) => name !== entry?.name)
      .slice(0, maxFormerNames)
    if (entry === undefined) merged.set(old.id, { ...old, deleted: true })
    else if (former.length > 0) merged.set(old.id, { ...entry, formerNames: former })
  }
  return [...merged.values()]
}
