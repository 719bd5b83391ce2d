import { conflict } from './call.ts'
import type { Attributes, Resource } from './resource.ts'

/** Throws 409 when the body names a revision that is not the record's present one (optimistic locking). */
export function checkRevision({ attributes }: Resource, { rev }: Attributes): void {
  if (rev === undefined || rev === attributes['rev']) return
  throw conflict(`The record is at revision ${attributes['rev']}, not ${rev}`, { rev: attributes['rev'] })
}

/** Throws 409 when another of the records has this external id. */
export function refuseTakenExternalId(records: readonly Resource[], id: string, externalId: unknown): void {
  if (typeof externalId !== 'string' || externalId === '') return
  const other = records.find((one) => one.id !== id && one.attributes['externalId'] === externalId)
  if (other !== undefined)
    throw conflict(`Duplicate: ${other.type} ${other.id} has the externalId ${externalId}`, {
      field: 'externalId',
      id: other.id,
    })
}
