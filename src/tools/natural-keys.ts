import { foldName } from '../directory/match-name.ts'
import { ToolError } from '../errors.ts'
import { type ApiRecord, hasNextPage, readRecords } from '../kustomer/json-api.ts'
import { fillPathParams } from '../kustomer/proxy-checks.ts'
import { type DirectoryKind, idsInLink, isRecordId, type ReferenceKind } from '../kustomer/references.ts'
import type { ClassifiedRequest } from '../membrane/app-call.ts'
import { quoteUntrusted, singleLine } from '../text/quote.ts'
import { classifyRequest } from './app-request.ts'
import type { ToolContext } from './tool.ts'

type KeyKind = Exclude<ReferenceKind, DirectoryKind>

export interface LookUp {
  context: Pick<ToolContext, 'connections' | 'membrane'>
  connectionId: string
  signal: AbortSignal
}

/** The most that a page of companies holds (Kustomer's pagination documentation). */
const maxListed = 100

const email = /^[^\s@]+@[^\s@]+$/
const phone = /^\+[\d\s().-]{5,30}$/
/** An external id has no spaces; a name of a person mostly has. */
const externalId = /^\S+$/

interface KeyRequest {
  /** With `{key}`, where `query` does not take it. */
  path: string
  key: string
  query?: string
}

/** The key that a text is, and the request that looks it up (Kustomer's API reference). */
const requests: Readonly<Record<KeyKind, (text: string) => KeyRequest | undefined>> = {
  customer: (text) =>
    email.test(text)
      ? { path: '/v1/customers/email={key}', key: text }
      : phone.test(text)
        ? { path: '/v1/customers/phone={key}', key: text.replace(/[\s().-]/g, '') }
        : externalId.test(text)
          ? { path: '/v1/customers/externalId={key}', key: text }
          : undefined,
  conversation: (text) =>
    externalId.test(text) ? { path: '/v1/conversations/externalId={key}', key: text } : undefined,
  company: (text) => ({ path: '/v1/companies', key: text, query: 'filter' }),
}

const takes: Readonly<Record<KeyKind, string>> = {
  customer: 'an id, an email address, a phone number with +, an external id or a link',
  conversation: 'an id, an external id or a link',
  company: 'an id, its whole name or a link',
}

/**
 * Finds the one customer, conversation or company of a natural key, in one request. Throws ToolError `invalid-input` where
 * there is not exactly one.
 */
export async function findByKey(
  kind: KeyKind,
  text: string,
  lookUp: LookUp,
): Promise<{ id: string; name: string }> {
  const given = text.trim()
  const id = idsInLink(given)?.get(kind) ?? given
  if (isRecordId(id)) return { id, name: '' }
  const request = /^https?:/i.test(given) ? undefined : requests[kind](given)
  const records = request === undefined ? [] : await read(request, lookUp)
  const matches = kind === 'company' ? records.filter((record) => isCalled(record, given)) : records
  const [only, ...others] = matches
  if (only !== undefined && others.length === 0) return { id: only.id, name: nameOf(only) }
  const candidates = (matches.length > 0 ? matches : records)
    .slice(0, 8)
    .map((record) => ({ id: record.id, name: singleLine(nameOf(record), 120) }))
  const found = matches.length > 1 ? `${matches.length} match` : `no ${kind} matches`
  throw new ToolError(
    request !== undefined && matches.length === 0 ? 'not-found' : 'invalid-input',
    `${found} ${quoteUntrusted(given, 80)}; takes ${takes[kind]}. Nothing was sent.`,
    candidates.length > 0 ? { data: { candidates } } : {},
  )
}

const nameOf = ({ attributes }: ApiRecord) =>
  typeof attributes['name'] === 'string' ? attributes['name'] : ''
const isCalled = (record: ApiRecord, name: string) => foldName(nameOf(record)) === foldName(name)

async function read({ path, key, query }: KeyRequest, lookUp: LookUp): Promise<ApiRecord[]> {
  if (query === undefined)
    return send(classifyRequest({ method: 'GET', ...fillPathParams({ key }, path) }), lookUp)
  const page: [string, string] = ['pageSize', String(maxListed)]
  return send(classifyRequest({ method: 'GET', path, query: [[query, key], page] }), lookUp)
}

async function send(
  request: ClassifiedRequest,
  { context, connectionId, signal }: LookUp,
): Promise<ApiRecord[]> {
  try {
    const { body } = await context.connections.use(() =>
      context.membrane.request(connectionId, request, signal),
    )
    if (!hasNextPage(body)) return readRecords(body)
    throw new ToolError('invalid-input', 'More match than can be told apart. Give the id. Nothing was sent.')
  } catch (error) {
    if (error instanceof ToolError && error.reason === 'not-found') return []
    throw error
  }
}

/** The user that the connection acts as. Throws ToolError `invalid-input` where that is a machine, whom nobody means by "me". */
export async function findCurrentUser({
  context,
  connectionId,
  signal,
}: LookUp): Promise<{ id: string; name: string }> {
  const request = classifyRequest({ method: 'GET', path: '/v1/users/current' })
  const [user] = await send(request, { context, connectionId, signal })
  if (user !== undefined && user.attributes['userType'] !== 'machine')
    return { id: user.id, name: nameOf(user) }
  throw new ToolError(
    'invalid-input',
    'The connection acts as a machine user, so it is not known who "me" is. Give a name or an email address. Nothing was sent.',
  )
}
