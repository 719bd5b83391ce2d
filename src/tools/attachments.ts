import { isObject, type Json } from '../json.ts'
import { type ApiRecord, relatedIds, withoutEmpty } from '../kustomer/json-api.ts'
import { httpsLink } from '../text/https-link.ts'
import { singleLine } from '../text/quote.ts'

const maxName = 120
/** Of one message. */
const maxShown = 20

/** The attachments that came with the pages of a list of messages (`include=attachments`), by id. */
export function attachmentsIn(pages: readonly unknown[]): ReadonlyMap<string, Json> {
  const included = pages.flatMap((page) => (isObject(page) ? [page['included'] ?? []].flat() : []))
  return new Map(
    included.flatMap((one): [string, Json][] => {
      if (!isObject(one) || one['type'] !== 'attachment' || typeof one['id'] !== 'string') return []
      const { name, contentType, contentLength } = isObject(one['attributes']) ? one['attributes'] : {}
      const link = isObject(one['links']) ? one['links']['related'] : undefined
      const shown = withoutEmpty({
        name: textOf(name),
        type: textOf(contentType),
        size: typeof contentLength === 'number' ? contentLength : undefined,
        url: httpsLink(link),
      })
      return [[one['id'], shown]]
    }),
  )
}

/** The attachments of a message, or their number where none of them came with it. */
export function attachmentsOf(
  message: ApiRecord,
  known: ReadonlyMap<string, Json>,
): Json[] | number | undefined {
  const ids = relatedIds(message, 'attachments')
  if (ids.length === 0) return undefined
  if (!ids.some((id) => known.has(id))) return ids.length
  return ids.slice(0, maxShown).map((id) => known.get(id) ?? { id })
}

const textOf = (value: unknown) => (typeof value === 'string' ? singleLine(value, maxName) : undefined)
