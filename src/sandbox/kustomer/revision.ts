import { conflict } from './call.ts'
import { type Organisation, type Resource, type ResourceType, recordsOf } from './resource.ts'
import type { Attributes } from './values.ts'

/** Throws 409 for a `rev` that is not the record's present one (optimistic locking). */
export function checkRevision({ attributes }: Resource, { rev }: Attributes): void {
  if (rev === undefined || rev === attributes['rev']) return
  throw conflict(`The record is at revision ${attributes['rev']}, not ${rev}`, { rev: attributes['rev'] })
}

/** Throws 409 when another record of the type has this external id. */
export function refuseTakenExternalId(
  organisation: Organisation,
  type: ResourceType,
  externalId: unknown,
  ownId?: string,
): void {
  if (typeof externalId !== 'string' || externalId === '') return
  const other = recordsOf(organisation, type).find(
    ({ id, attributes }) => id !== ownId && attributes['externalId'] === externalId,
  )
  if (other !== undefined)
    throw conflict(`Duplicate: ${type} ${other.id} has the externalId ${externalId}`, {
      field: 'externalId',
      id: other.id,
    })
}
