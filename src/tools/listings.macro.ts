import { listingOf } from './listing.ts'
import { createTools } from './registry.ts'
import type { ToolContext, ToolListing } from './tool.ts'

/** A tool's listing does not depend on what the tool works with. */
const none = {} as ToolContext

const listingsOf = (proxy: 'full' | 'read'): ToolListing[] =>
  createTools(none, { connection: undefined, proxy }).map(listingOf)

/** What a host lists of the tools written by hand, by what the proxy may do. The bundle holds it ready made. */
export const listings = { full: listingsOf('full'), read: listingsOf('read') }
