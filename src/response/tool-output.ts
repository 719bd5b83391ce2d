import { isObject } from '../json.ts'
import type { Page, ToolOutput } from './envelope.ts'

interface Response {
  body: unknown
  status?: number | undefined
  /** Where a redirect leads. */
  location?: string | undefined
}

/** Splits a JSON:API document into its records and their page. Any other body, and unknown members, stay as they are. */
export function toToolOutput({ body, status, location }: Response): ToolOutput {
  if (location !== undefined)
    return { data: { status, location }, notices: [`The API redirects (${status}): see location.`] }
  if (body === undefined || body === null || body === '') {
    const notice =
      status === undefined ? 'The action gave no output.' : `The API answered ${status} without a body.`
    return { data: null, notices: [notice] }
  }
  if (!isObject(body)) return { data: body }
  const { data, meta, links, jsonapi: _, ...others } = body
  const isDocument = 'data' in body && (isObject(meta) || isObject(links) || holdsResources(data))
  if (!isDocument) return { data: body }
  const isList = Array.isArray(data)
  const extras = Object.entries({ ...(isList ? {} : { meta }), ...others }).filter(
    ([, member]) => typeof member !== 'object' || (member !== null && Object.keys(member).length > 0),
  )
  const kept = extras.filter(([, member]) => member !== undefined)
  const page = isList ? pageOf(meta, links) : undefined
  return {
    data: kept.length > 0 ? { data, ...Object.fromEntries(kept) } : data,
    ...(page === undefined ? {} : { page }),
  }
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

/** Only a path of the same host is followed. */
function nextPage(link: string): number | string | undefined {
  if (!/^\/(?![/\\])/.test(link)) return undefined
  const query = new URLSearchParams(link.split('?')[1])
  const number = Number(query.get('page') ?? query.get('page[number]') ?? Number.NaN)
  return Number.isInteger(number) && number > 0 ? number : link
}
