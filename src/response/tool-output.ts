import { isObject } from '../json.ts'
import type { Page, ToolOutput } from './envelope.ts'

/**
 * Takes the body that the app behind the connection answered with and returns the tool's answer: the records of a
 * JSON:API document with its page beside them, anything else as it is. Unknown members of a document are kept.
 */
export function toToolOutput(body: unknown, status?: number): ToolOutput {
  if (body === undefined || body === null || body === '') {
    return {
      data: null,
      notices: [
        status === undefined ? 'The action gave no output.' : `The API answered ${status} without a body.`,
      ],
    }
  }
  if (!isObject(body)) return { data: body }
  const { data, meta, links, jsonapi: _, ...others } = body
  const isDocument = 'data' in body && (isObject(meta) || isObject(links) || holdsResources(data))
  if (!isDocument) return { data: body }
  const extras = Object.entries(others).filter(
    ([, member]) => !(Array.isArray(member) && member.length === 0),
  )
  const page = Array.isArray(data) ? pageOf(meta, links) : undefined
  const kept = extras.length > 0 ? { data, ...Object.fromEntries(extras) } : data
  return { data: kept, ...(page === undefined ? {} : { page }) }
}

const holdsResources = (data: unknown) =>
  [data].flat().some((record) => isObject(record) && 'attributes' in record)

function pageOf(meta: unknown, links: unknown): Page | undefined {
  const { totalPages: _, ...counted } = isObject(meta) ? meta : {}
  const next = isObject(links) && typeof links['next'] === 'string' ? nextPage(links['next']) : undefined
  const entries = Object.entries({ ...counted, next }).filter(
    ([, value]) => value !== undefined && value !== null,
  )
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** Links are paths of the same host; one that is not leads elsewhere and is dropped. */
function nextPage(link: string): number | string | undefined {
  if (!/^\/(?![/\\])/.test(link)) return undefined
  const query = new URLSearchParams(link.split('?')[1])
  const number = Number(query.get('page') ?? query.get('page[number]') ?? Number.NaN)
  return Number.isInteger(number) && number > 0 ? number : link
}
