import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import type { ToolContext } from './tool.ts'

const keptMs = 10 * 60_000
/** More attributes than this make a search too long. */
const maxNames = 20

/** The custom attributes that an organisation defined. */
export interface CustomAttributes {
  /** Names of the text attributes of a type of record, or undefined where they cannot be read. */
  textNames(type: string, signal: AbortSignal): Promise<readonly string[] | undefined>
}

/** Reads the definitions with GET /v1/metadata/{resource} and keeps those of a connection in memory for ten minutes. */
export function createCustomAttributes(context: ToolContext, now: () => number = Date.now): CustomAttributes {
  const kept = new Map<string, { names: readonly string[]; until: number }>()
  return {
    async textNames(type, signal) {
      const connectionId = await context.connections.resolve(signal)
      const key = `${connectionId}|${type}`
      const known = kept.get(key)
      if (known !== undefined && now() < known.until) return known.names
      const request = classifyRequest({ method: 'GET', path: `/v1/metadata/${type}` })
      try {
        const { body } = await sendRequest(context, request, signal, connectionId)
        const names = namesIn(body)
          .filter((name) => /(?:Str|Txt)$/.test(name) && /^\w{1,64}$/.test(name))
          .slice(0, maxNames)
        kept.set(key, { names, until: now() + keptMs })
        return names
      } catch (error) {
        if (error instanceof ToolError && !signal.aborted) return undefined
        throw error
      }
    },
  }
}

/** The names stand under `properties`, of the document or of its attributes. */
function namesIn(body: unknown): string[] {
  const data = isObject(body) && isObject(body['data']) ? body['data'] : {}
  const attributes = isObject(data['attributes']) ? data['attributes'] : data
  const { properties } = attributes
  return isObject(properties) ? Object.keys(properties) : []
}
