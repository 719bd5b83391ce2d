import type { RiskLevel } from '../kustomer/risk.ts'
import { type LiveAction, unknownSchema } from './live-action.ts'
import type { NormalSchema } from './schema.ts'
import { type ListedSchema, trimSchemaForListing } from './trim-schema.ts'

/** One of the popular actions as it is offered: our words, and the best schema known of it. */
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
  /** Words that people search it by. */
  searchHint?: string | undefined
  risk: RiskLevel
  /** Method and path of its request; `{name}` in the path stands for an argument. */
  method: string
  path: string
  /** Arguments that change nothing but internal matters; a call with no others beside the id is `internal`. */
  internalFields?: readonly string[] | undefined
  /** Names of arguments that few calls need, `a.b` for a member of one. */
  rarelyUsed?: readonly string[] | undefined
  /** Relationships that the update would remove if they were left out: they are read and sent again. */
  keeps?: readonly string[] | undefined
  schema: NormalSchema
  /** What the tool list shows of the schema. */
  listing: ListedSchema
}

/**
 * Takes a shipped action and the live one of its key, and returns it with the live schema. An action that has no schema
 * takes any object, and ours then only guides.
 */
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
