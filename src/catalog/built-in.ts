import type { RiskLevel } from '../kustomer/risk.ts'
import { type LiveAction, unknownSchema } from './live-action.ts'
import type { NormalSchema } from './schema.ts'
import { type ListedSchema, trimSchemaForListing } from './trim-schema.ts'

/** A popular action: our words, with the best schema known. */
export interface BuiltInAction {
  key: string
  title: string
  description: string
  annotations: {
    readOnlyHint: boolean
    destructiveHint: boolean
    idempotentHint: boolean
    openWorldHint: boolean
  }
  searchHint?: string | undefined
  risk: RiskLevel
  /** `{name}` in the path stands for an argument. */
  method: string
  path: string
  /** A call with no other arguments beside the id is `internal`. */
  internalFields?: readonly string[] | undefined
  /** `a.b` for a member of an argument. */
  rarelyUsed?: readonly string[] | undefined
  /** Relationships that an update without them would remove: they are read and sent again. */
  keeps?: readonly string[] | undefined
  /** Whether single tags can be added and removed at `<path>/tags`. */
  changesTags?: boolean | undefined
  schema: NormalSchema
  listing: ListedSchema
}

/** Applies the live schema. A live action without one takes any object, and the built-in schema only guides. */
export function overlay(entry: BuiltInAction, action: LiveAction | undefined): BuiltInAction {
  if (action === undefined) return entry
  if (action.schema === unknownSchema) {
    const { required: _, ...advertised } = entry.schema.advertised
    const { required: __, ...listed } = entry.listing.schema
    const schema = { advertised, accepted: unknownSchema.accepted }
    return { ...entry, schema, listing: { ...entry.listing, schema: listed } }
  }
  const usual = Object.keys(entry.listing.schema.properties)
  const { schema } = action
  return {
    ...entry,
    schema,
    listing: trimSchemaForListing(schema.advertised, { rarelyUsed: entry.rarelyUsed ?? [], usual }),
  }
}
