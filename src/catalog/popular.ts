import type { Effect } from '../effect.ts'
import { type Listing, listSchema } from './listing.ts'
import { type LiveAction, unknownSchema } from './live-action.ts'
import type { NormalSchema } from './schema.ts'

/** One of the popular actions as it is offered: our words, and the best schema known of it. */
export interface PopularAction {
  key: string
  title: string
  description: string
  annotations: {
    readOnlyHint: boolean
    destructiveHint: boolean
    idempotentHint: boolean
    openWorldHint: boolean
  }
  effect: Effect
  /** Method and path of its request; `{name}` in the path stands for an argument. */
  method: string
  path: string
  /** Arguments that change nothing but internal matters; a call with no others beside the id is `internal`. */
  internalFields?: readonly string[] | undefined
  /** Names of arguments that few calls need, `a.b` for a member of one. */
  rare?: readonly string[] | undefined
  schema: NormalSchema
  /** What the tool list shows of the schema. */
  listing: Listing
}

/**
 * Takes a shipped action and the live one of its key, and returns it with the live schema. An action that has no schema
 * takes any object, and ours then only guides.
 */
export function overlay(entry: PopularAction, action: LiveAction | undefined): PopularAction {
  if (action === undefined) return entry
  if (action.schema === unknownSchema) {
    const { required: _, ...advertised } = entry.schema.advertised
    const { required: __, ...listed } = entry.listing.schema
    const schema = { advertised, accepted: unknownSchema.accepted }
    return { ...entry, schema, listing: { ...entry.listing, schema: listed } }
  }
  const common = Object.keys(entry.listing.schema.properties)
  const { schema } = action
  return { ...entry, schema, listing: listSchema(schema.advertised, { rare: entry.rare ?? [], common }) }
}
