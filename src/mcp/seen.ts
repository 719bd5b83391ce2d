import { isObject, type Json } from '../json.ts'
import type { CallResult } from '../response/envelope.ts'

/** What completion offers of a record. */
export interface SeenRecord {
  type: string
  id: string
  name?: string
  email?: string
}

/** Which records the results of this session showed. In memory alone, and bounded. */
export interface Seen {
  note(result: CallResult): void
  /** The records of a type, those shown last first. */
  records(type: string): SeenRecord[]
}

const maxRecords = 500
const maxVisits = 5000
const maxDepth = 6
const maxName = 120
const kinds = ['customer', 'conversation', 'company', 'user', 'team', 'tag', 'message', 'note']

/** Returns an empty memory of what was shown. */
export function createSeen(): Seen {
  const known = new Map<string, SeenRecord>()

  function keep(record: SeenRecord) {
    const key = `${record.type} ${record.id}`
    const merged = { ...known.get(key), ...record }
    known.delete(key)
    known.set(key, merged)
    const [oldest] = known.keys()
    if (known.size > maxRecords && oldest !== undefined) known.delete(oldest)
  }

  return {
    note(result) {
      if (result.isError) return
      let visits = 0
      const visit = (value: unknown, place: string, depth: number) => {
        if (typeof value !== 'object' || value === null || depth > maxDepth || visits++ > maxVisits) return
        const record = isObject(value) ? recordOf(value, place) : undefined
        if (record !== undefined) keep(record)
        for (const [name, member] of Object.entries(value))
          visit(member, isObject(value) ? name : place, depth + 1)
      }
      visit(dataOf(result), '', 0)
    },
    records: (type) => [...known.values()].filter((record) => record.type === type).reverse(),
  }
}

/** A record says its type itself, or stands under the name of it. */
function recordOf(value: Json, place: string): SeenRecord | undefined {
  const { id, type = place } = value
  if (typeof id !== 'string' || id.length > 64 || typeof type !== 'string' || !kinds.includes(type))
    return undefined
  const attributes = isObject(value['attributes']) ? value['attributes'] : value
  const name = text(attributes['name']) ?? text(attributes['displayName']) ?? text(attributes['preview'])
  const email = text(attributes['email']) ?? firstEmail(attributes['emails'])
  return { type, id, ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) }
}

function firstEmail(emails: unknown): string | undefined {
  const [first] = Array.isArray(emails) ? emails : []
  return isObject(first) ? text(first['email']) : text(first)
}

/** Masked values are objects and are no names. */
const text = (value: unknown) =>
  typeof value === 'string' && value.trim() !== '' ? [...value.trim()].slice(0, maxName).join('') : undefined

/** The text has the same, where nothing else has it. */
function dataOf({ structuredContent, content }: CallResult): unknown {
  if (structuredContent !== undefined) return structuredContent['data']
  try {
    const envelope: unknown = JSON.parse(content[0]?.text ?? '')
    return isObject(envelope) ? envelope['data'] : undefined
  } catch {
    return undefined
  }
}
