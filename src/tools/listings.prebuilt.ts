import { handWritten } from './hand-written.ts'
import type { ToolContext, ToolListing } from './tool.ts'

/** A tool's listing does not depend on what the tool works with. */
const none = {} as ToolContext

const listingsOf = (proxy: 'full' | 'read'): ToolListing[] =>
  handWritten(none, { connection: undefined, proxy }).map(
    ({ name, group, title, description, inputSchema, annotations }) => ({
      name,
      group,
      title,
      description,
      inputSchema,
      annotations,
    }),
  )

/** What a host lists of the tools written by hand, by what the proxy may do. The bundle holds it ready made. */
export const listings = { full: listingsOf('full'), read: listingsOf('read') }
