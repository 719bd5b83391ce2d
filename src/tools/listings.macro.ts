import { handWrittenTools } from './hand-written.ts'
import type { Tool, ToolContext, ToolListing } from './tool.ts'

/** A listing does not depend on the context. */
const none = {} as ToolContext

const listingOf = ({
  name,
  group,
  title,
  description,
  inputSchema,
  annotations,
  searchHint,
  alwaysLoad,
}: Tool): ToolListing => ({
  name,
  group,
  title,
  description,
  inputSchema,
  annotations,
  searchHint,
  alwaysLoad,
})

const listingsOf = (proxy: 'full' | 'read') =>
  handWrittenTools(none, { connection: undefined, proxy, sandbox: false }).map(listingOf)

/** Listings of the hand-written tools, by what the proxy may do. Evaluated when the bundle is built. */
export const listings = { full: listingsOf('full'), read: listingsOf('read') }
