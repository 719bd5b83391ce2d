import {
  DEFAULT_NEGOTIATED_PROTOCOL_VERSION,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js'

export const supportedVersions: readonly string[] = SUPPORTED_PROTOCOL_VERSIONS

/**
 * The revision that a request is served in, by its header `MCP-Protocol-Version`; undefined when it names none that is
 * supported. Hosts are known to leave the header out and to send two of them: then the one of the body counts, else
 * the newest that is supported.
 */
export function versionOfRequest(header: string | undefined, inBody: unknown): string | undefined {
  const named = (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (named.length === 0) return DEFAULT_NEGOTIATED_PROTOCOL_VERSION
  const known = named.filter((version) => supportedVersions.includes(version)).toSorted()
  return known.find((version) => version === inBody) ?? known.at(-1)
}
