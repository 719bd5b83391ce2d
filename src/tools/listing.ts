import type { ToolListing } from './tool.ts'

/** Takes a tool and returns of it what is listed. */
export const listingOf = ({
  name,
  group,
  title,
  description,
  inputSchema,
  annotations,
}: ToolListing): ToolListing => ({ name, group, title, description, inputSchema, annotations })
