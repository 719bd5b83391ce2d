import { ToolError } from '../errors.ts'
import { type ApiRecord, readRecords } from '../kustomer/json-api.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import type { ToolContext } from './tool.ts'

/** Names of users, by id. */
export interface UserNames {
  /** The name of each user that could be read, by id. Asks Kustomer for the unknown ones alone. */
  of(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, unknown>>
}

const keptMs = 10 * 60_000
/** As many ids as fit into a path parameter. */
const idsAtOnce = 10

/** Keeps names in memory for ten minutes. */
export function createUserNames(context: ToolContext, now: () => number = Date.now): UserNames {
  const known = new Map<string, { name: unknown; until: number }>()

  async function load(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const request = classifyRequest({
      method: 'GET',
      path: '/v1/users/{ids}',
      pathParams: { ids: ids.join(',') },
    })
    const users = await sendRequest(context, request, signal).then(({ body }) => readRecords(body), unnamed)
    const names = new Map(users.map((user) => [user.id, nameOf(user)]))
    for (const id of ids) known.set(id, { name: names.get(id), until: now() + keptMs })
  }

  return {
    async of(ids, signal) {
      const missing = ids.filter((id) => !((known.get(id)?.until ?? 0) > now()))
      const groups = Array.from({ length: Math.ceil(missing.length / idsAtOnce) }, (_, index) =>
        missing.slice(index * idsAtOnce, (index + 1) * idsAtOnce),
      )
      await Promise.all(groups.map((group) => load(group, signal)))
      return new Map(ids.map((id) => [id, known.get(id)?.name]))
    },
  }
}

/** A deleted user, or one outside the connection's scope, is no reason to fail. */
function unnamed(error: unknown): ApiRecord[] {
  if (error instanceof ToolError && (error.reason === 'not-found' || error.reason === 'forbidden')) return []
  throw error
}

/** The name of a user or customer; a masked one is its object. */
export const nameOf = ({ attributes }: ApiRecord): unknown => attributes['name'] ?? attributes['displayName']
