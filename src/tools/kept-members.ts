import type { BuiltInAction } from '../catalog/built-in.ts'
import type { Arguments } from '../catalog/coerce.ts'
import type { LiveAction } from '../catalog/live-action.ts'
import { readRecord, relatedId } from '../kustomer/json-api.ts'
import { fillPathParams } from '../kustomer/proxy-checks.ts'
import { classifyRequest } from './app-request.ts'
import type { ToolContext } from './tool.ts'

/**
 * Adds to the input of an update what leaving out would remove, as it is in the record now, with the record's `rev` so
 * that a change in between is a conflict. Reads the record once, and only where the live schema has such a member that the
 * caller did not give.
 */
export async function withKeptMembers(
  builtIn: BuiltInAction | undefined,
  { connectionId, action, input }: { connectionId: string; action: LiveAction; input: Arguments },
  { membrane }: ToolContext,
  signal: AbortSignal,
): Promise<Arguments> {
  const { properties } = action.schema.accepted
  const missing = (builtIn?.keeps ?? []).filter(
    (name) => Object.hasOwn(properties, name) && !Object.hasOwn(input, name),
  )
  const id = input['id']
  if (builtIn === undefined || missing.length === 0 || typeof id !== 'string') return input
  const request = classifyRequest({ method: 'GET', ...fillPathParams({ id }, builtIn.path) })
  const record = readRecord((await membrane.request(connectionId, request, signal)).body)
  const kept = missing.flatMap((name) => {
    const related = relatedId(record, name)
    return related === undefined ? [] : [[name, related] as const]
  })
  if (kept.length === 0) return input
  const { rev } = record.attributes
  const hasRev = Object.hasOwn(properties, 'rev') && !Object.hasOwn(input, 'rev') && rev !== undefined
  return { ...input, ...Object.fromEntries(kept), ...(hasRev ? { rev } : {}) }
}
