import type { App } from '../app/app.ts'
import { localPrincipal } from '../auth/principal.ts'
import { isObject, type Json } from '../json.ts'
import { singleLine } from '../text/quote.ts'

const kinds = ['conversation', 'customer', 'company', 'message', 'note', 'user'] as const
type Kind = (typeof kinds)[number]

const plural = (kind: Kind) => (kind === 'company' ? 'companies' : `${kind}s`)

/**
 * Names the records that a call is about, each on a line such as `conversation: Order 4417 (open)`, so that a person can
 * tell them apart. One that cannot be read is left out.
 */
export async function namedRecords(
  { tools, dispatch }: App,
  call: { name: string; args: Json },
  signal: AbortSignal,
): Promise<string[]> {
  const read = async (kind: Kind, id: string): Promise<Json | undefined> => {
    const tool = tools.get(`get-${kind}-by-id`)
    const result =
      tool === undefined ? undefined : await dispatch(tool, { id }, { principal: localPrincipal, signal })
    return result && 'envelope' in result && isObject(result.envelope.data) ? result.envelope.data : undefined
  }
  const targets = targetsOf(call)
  const records = await Promise.all(targets.map(([kind, id]) => read(kind, id)))
  const lines = targets.map(([kind], index) => lineOf(kind, records[index]))
  const customerId = records.map((record) => record?.['customer']).find((id) => typeof id === 'string')
  if (customerId !== undefined && !targets.some(([kind]) => kind === 'customer'))
    lines.push(lineOf('customer', await read('customer', customerId as string)))
  return lines.filter((line) => line !== undefined)
}

/** The records named by an argument, by the id of an update, or by the path of a request. */
function targetsOf({ name, args }: { name: string; args: Json }): [Kind, string][] {
  const { action, path, pathParams, input } = args
  const members = isObject(input) ? { ...input, ...args } : args
  const [, updated] = /^(?:update|delete)-(\w+)$/.exec(name === 'run-action' ? String(action) : name) ?? []
  const request = String(path ?? '').replace(/\{(\w+)\}/g, (_, key) =>
    isObject(pathParams) ? String(pathParams[key]) : '',
  )
  return kinds.flatMap((kind): [Kind, string][] => {
    const [, inPath] = new RegExp(`/${plural(kind)}/([\\w-]+)`).exec(request) ?? []
    const id = members[kind] ?? (updated === kind ? members['id'] : undefined) ?? inPath
    return typeof id === 'string' ? [[kind, id]] : []
  })
}

function lineOf(kind: Kind, record: Json | undefined): string | undefined {
  const title = record?.['name'] ?? record?.['displayName'] ?? record?.['preview'] ?? record?.['body']
  if (typeof title !== 'string') return undefined
  const status = record?.['status']
  return `${kind}: ${singleLine(title, 120)}${typeof status === 'string' ? ` (${status})` : ''}`
}
