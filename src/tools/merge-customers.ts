import * as z from 'zod'
import { allOrAbort } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import { checkId } from '../kustomer/argument-checks.ts'
import { type ApiRecord, readRecord, withoutEmpty } from '../kustomer/json-api.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { quoteUntrusted, singleLine } from '../text/quote.ts'
import { classifyRequest, readWritten, sendRequest } from './app-request.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { resolving } from './resolve-references.ts'
import type { ResolvedReference } from './resolved-arguments.ts'
import { contactOf } from './thread-records.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

const name = 'merge-customers'
const endpoint = { method: 'POST', path: '/v1/customers/merges' } as const
const maxContacts = 2
const maxContact = 50
const maxName = 40

/** Merges two customers that are one. The person is always asked first, and the plan names both. */
export function mergeCustomers(context: ToolContext): Tool {
  async function read(argument: 'source' | 'target', id: string, connectionId: string, signal: AbortSignal) {
    const request = classifyRequest({ method: 'GET', path: '/v1/customers/{id}', pathParams: { id } })
    const customer = readRecord((await sendRequest(context, request, signal, connectionId)).body)
    const resolved: ResolvedReference = { argument, kind: 'customer', given: id, id, name: called(customer) }
    return resolved
  }

  return defineTool({
    name,
    group: 'workflow',
    title: 'Merge Customers',
    description: 'Merges a duplicate (source) into target for good; gives a plan first.',
    input: () => z.strictObject({ source: z.string(), target: z.string() }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    resolve: resolving(context, { source: { kind: 'customer' }, target: { kind: 'customer' } }),
    endpoint: { ...endpoint, risk: 'destructive', alwaysConfirm: true },
    async prepare(given, signal) {
      const source = checkId('source', given.source).toLowerCase()
      const target = checkId('target', given.target).toLowerCase()
      if (source === target)
        throw new ToolError('invalid-input', '`target`: it is the same customer as `source`.')
      const connectionId = await context.connections.resolve(signal)
      const resolved = await allOrAbort(signal, (own) => [
        read('source', source, connectionId, own),
        read('target', target, connectionId, own),
      ])
      const request = classifyRequest({ ...endpoint, body: { json: { source, target } } })
      return {
        risk: request.risk,
        connectionId,
        target: request.target,
        resolved,
        idempotencyKey: idempotencyKeyOf(name, { source, target }),
        async execute(limit): Promise<ToolOutput> {
          const response = await sendRequest(context, request, limit, connectionId)
          const { type, id, attributes } = readWritten(response, 'merge')
          return {
            data: withoutEmpty({ type, id, status: attributes['status'], source, target }),
            notices: ['The records of the source are the target’s now. Work with the target alone.'],
          }
        },
      }
    },
  })
}

/** Addresses and numbers, which nobody can choose freely, before the name, for the person who decides. */
function called(customer: ApiRecord): string {
  const { name, emails, phones } = contactOf(customer)
  const contacts = [emails, phones]
    .flat()
    .flatMap((one) => Object(one)['email'] ?? Object(one)['phone'] ?? [])
  const reached = contacts.slice(0, maxContacts).map((contact) => singleLine(String(contact), maxContact))
  const named = typeof name === 'string' ? [quoteUntrusted(name, maxName)] : []
  return [...reached, ...named].join(', ')
}
