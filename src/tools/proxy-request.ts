import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { checkHeaders, checkPath, checkQuery, fillPathParams } from '../kustomer/proxy-checks.ts'
import { toToolOutput } from '../response/tool-output.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { defineTool, type PreparedCall, type Tool, type ToolContext } from './tool.ts'

const value = () => z.union([z.string(), z.number(), z.boolean()])
const values = () => z.union([value(), z.array(value())])

const shared = () => ({
  path: z.string().describe('Such as /v1/customers/{id}/events.'),
  query: z
    .object({ page: z.number().optional() })
    .catchall(values())
    .optional()
    .describe('By name; a list for several values.'),
  pathParams: z
    .object({ id: z.string().optional() })
    .catchall(value())
    .optional()
    .describe('Values of {name} in path.'),
  headers: z
    .object({ 'Idempotency-Key': z.string().optional() })
    .catchall(values())
    .optional()
    .describe('By name; no credentials.'),
})

/** Some hosts send an object as JSON text. */
const jsonText = () =>
  z.string().transform((text, context): object => {
    const value = parseJson(text)
    if (typeof value === 'object' && value !== null) return value
    context.addIssue('expected an object or a list; use rawBody for text')
    return z.NEVER
  })

const readInput = () => z.object({ ...shared(), method: z.enum(['GET']).default('GET') })

const fullInput = () =>
  z.object({
    ...shared(),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    body: z
      .union([z.looseObject({ name: z.string().optional() }), z.array(z.unknown()), jsonText()])
      .optional()
      .describe('JSON.'),
    rawBody: z.string().optional().describe('Text in place of body.'),
  })

const description = 'Sends one request to the Kustomer API, for what no tool or action covers.'

/** Relays one request to the connected app: any method, or GET alone. */
export function proxyRequest(context: ToolContext, mode: 'full' | 'read'): Tool {
  const name = 'proxy_request'
  const group = 'proxy'
  const title = 'Proxy Request'
  const prepare = async (
    input: z.output<ReturnType<typeof fullInput>>,
    signal: AbortSignal,
  ): Promise<PreparedCall> => {
    const request = readRequest(input)
    const { risk, target, headers, body } = request
    const connectionId = await context.connections.resolve(signal)
    return {
      risk,
      connectionId,
      target: risk === 'read' ? undefined : target,
      idempotencyKey: risk === 'read' ? undefined : idempotencyKeyOf(name, { ...target, headers, body }),
      execute: async (limit) => {
        const response = await sendRequest(context, request, limit, connectionId)
        return toToolOutput(response)
      },
    }
  }
  if (mode === 'read')
    return defineTool({
      name,
      group,
      title,
      description: `${description} GET only.`,
      input: readInput,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
      prepare,
    })
  return defineTool({
    name,
    group,
    title,
    description,
    input: fullInput,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    prepare,
  })
}

function readRequest({
  method,
  path: given,
  query = {},
  pathParams = {},
  headers = {},
  body,
  rawBody,
}: z.output<ReturnType<typeof fullInput>>) {
  const { path, query: inPath } = checkPath(given)
  if (body !== undefined && rawBody !== undefined)
    throw new ToolError('invalid-input', 'Give `body` or `rawBody`, not both.')
  if (method === 'GET' && (body !== undefined || rawBody !== undefined)) {
    throw new ToolError(
      'invalid-input',
      'A GET request has no body; put it into `query`, or use another method.',
    )
  }
  const pairs = checkHeaders(headers)
  const filled = fillPathParams(pathParams, path)
  return classifyRequest({
    method,
    path: filled.path,
    query: [...inPath, ...checkQuery(query)],
    pathParams: filled.pathParams,
    headers: pairs,
    body: body !== undefined ? { json: body } : rawBody !== undefined ? { raw: rawBody } : undefined,
  })
}
