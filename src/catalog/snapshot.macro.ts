import type { RiskLevel } from '../kustomer/risk.ts'
import snapshot from './actions.json' with { type: 'json' }
import type { BuiltInAction } from './built-in.ts'
import { normaliseSchema } from './schema.ts'
import { trimSchemaForListing } from './trim-schema.ts'

/** The popular actions as they are shipped, in their fixed order. The bundle holds them ready made. */
export const snapshotActions: readonly BuiltInAction[] = snapshot.map(({ risk, inputSchema, ...entry }) => {
  const schema = normaliseSchema(inputSchema)
  return {
    ...entry,
    risk: risk as RiskLevel,
    schema,
    listing: trimSchemaForListing(schema.advertised, { rarelyUsed: entry.rarelyUsed ?? [] }),
  }
})
