import { handWrittenTools } from './hand-written.ts'
import { listingOf, type ToolContext } from './tool.ts'

/** A listing does not depend on the context. */
const none = {} as ToolContext

const listingsOf = (proxy: 'full' | 'read') =>
  handWrittenTools(none, { connection: undefined, proxy, sandbox: false }).map(listingOf)

/** Listings of the hand-written tools, by what the proxy may do. Evaluated when the bundle is built. */
export const listings = { full: listingsOf('full'), read: listingsOf('read') }
