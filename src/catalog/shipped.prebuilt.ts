import type { Effect } from '../effect.ts'
import snapshot from './actions.json' with { type: 'json' }
import { listSchema } from './listing.ts'
import type { PopularAction } from './popular.ts'
import { normaliseSchema } from './schema.ts'

/** The popular actions as they are shipped, in their fixed order. The bundle holds them ready made. */
export const shipped: readonly PopularAction[] = snapshot.map(({ effect, inputSchema, ...entry }) => {
  const schema = normaliseSchema(inputSchema)
  return {
    ...entry,
    effect: effect as Effect,
    schema,
    listing: listSchema(schema.advertised, { rare: entry.rare ?? [] }),
  }
})
