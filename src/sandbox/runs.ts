import type { StoredConnection } from './account.ts'
import type { Action } from './action-catalogue.ts'
import { type Arguments, flag, isSet, jsonFlag, pairs, UsageError } from './arguments.ts'
import { connectionHandle, signedIn, usableConnection } from './connections.ts'
import type { KustomerRequest, KustomerResponse } from './kustomer/api.ts'
import { type Command, CommandError, type Context, membraneError, missing, wrongInput } from './outcome.ts'
import { newRunId } from './run-log.ts'
import { actionRequest, apiRequest, asJson, authorization, requestTo, urlOf } from './upstream-request.ts'

export const runAction: Command = async (args, context) => {
  const [selector] = args.positionals
  if (selector === undefined) throw new UsageError('action run needs the id of an action')
  return runById(selector, args, context)
}

/** Runs an action by exactly one of `--id`, `--key` and `--api`; code is never run. */
export const act: Command = async (args, context) => {
  const given = ['id', 'key', 'api', 'code'].filter((name) => flag(args, name) !== undefined)
  const [name = '', second] = given
  if (name === '' || second !== undefined)
    throw wrongInput('Invalid input: exactly one of id, key, api and code is required')
  if (name === 'code') throw wrongInput('The sandbox runs no code: use --id, --key or --api')
  if (name !== 'api') return runById(flag(args, name) ?? '', args, context)
  const connection = await usableConnection(connectionHandle(args), context, 'Action failed')
  const input = jsonFlag(args, 'api')
  return logged({ connection, request: apiRequest(input), input }, context)
}

/** Relays one request to the API. */
export const relay: Command = async (args, context) => {
  const [handle, given] = args.positionals
  if (handle === undefined || given === undefined)
    throw new UsageError('request needs a connection id and a path')
  const connection = await usableConnection(handle, context)
  const data = flag(args, 'data')
  const request = requestTo(given, {
    method: flag(args, 'method') ?? 'GET',
    params: Object.fromEntries(pairs(args, 'pathParam', '=')),
    query: pairs(args, 'query', '='),
    headers: pairs(args, 'header', ':'),
    body: data === undefined || isSet(args, 'rawData') ? data : asJson(data),
  })
  const response = await send(connection, request, context)
  if (response.status >= 400) throw upstreamError(request, response)
  const { status, headers, body } = response
  return { document: { status, headers, body }, text: JSON.stringify(body ?? null, null, 2) }
}

/** Shows one of the last runs; `--details` adds the request and the response. */
export const getRunLog: Command = async (args, context) => {
  await signedIn(context)
  const [id = ''] = args.positionals
  const record = await context.runs.get(id)
  if (record === undefined) throw missing('Action run log', id)
  const { details, ...document } = record
  return { document: isSet(args, 'details') ? { ...document, details } : document }
}

async function runById(selector: string, args: Arguments, context: Context) {
  const connection = await usableConnection(connectionHandle(args), context, 'Action failed')
  const { findAction } = await import('./action-catalogue.ts')
  const action = connection.app === 'kustomer' ? findAction(selector) : undefined
  if (action === undefined) throw missing('Action', selector)
  if (action.state === 'BUILDING')
    throw wrongInput(`Action '${selector}' is not ready: its state is BUILDING. Do not run it yet.`)
  const input = jsonFlag(args, 'input') ?? {}
  const { lenient, violations } = await import('./schema-check.ts')
  const found = violations(lenient(action.inputSchema), input)
  if (found.length > 0)
    throw wrongInput(found.map(({ message, path }) => `✖ ${message}\n  → at ${path.join('.')}`).join('\n'))
  const request = actionRequest(action, input as Record<string, unknown>)
  return logged({ connection, request, input, action }, context)
}

interface Run {
  connection: StoredConnection
  request: KustomerRequest
  input: unknown
  action?: Action
}

/** Sends the request of a run and adds the run to the log, whether it succeeds or not. */
async function logged({ connection, request, input, action }: Run, context: Context) {
  const began = context.clock()
  const actionRunId = newRunId(began)
  const response = await send(connection, request, context)
  const { status, headers, body } = response
  const output = { status, headers, data: body }
  const failure = status >= 400 ? upstreamError(request, response) : undefined
  const ended = context.clock()
  await context.runs.add({
    id: actionRunId,
    status: failure === undefined ? 'success' : 'error',
    action: action === undefined ? null : { id: action.id, key: action.key, name: action.name },
    connection: { id: connection.id, key: connection.key, name: connection.name },
    integration: { key: connection.app },
    input,
    ...(failure === undefined ? { output } : { error: { type: 'action_run', message: failure.message } }),
    duration: ended - began,
    createdAt: new Date(began).toISOString(),
    completedAt: new Date(ended).toISOString(),
    details: { request: { method: request.method, url: urlOf(request) }, response: { status, headers } },
  })
  if (failure !== undefined) throw failure
  return { document: { output, actionRunId }, text: JSON.stringify(body ?? null, null, 2) }
}

async function send(connection: StoredConnection, request: KustomerRequest, context: Context) {
  if (connection.app !== 'kustomer')
    throw membraneError({
      type: 'configuration',
      message: `The sandbox does not simulate ${connection.name}`,
    })
  const { callKustomer } = await import('./kustomer/api.ts')
  const { store, ledger, settings, clock } = context
  const { limits, fault } = settings
  return callKustomer(request, { organisation: store.organisation, ledger, limits, fault, clock })
}

/** The form of the one error seen of the real CLI: a line of text, and a document that echoes the request. */
function upstreamError(request: KustomerRequest, { status, headers, body }: KustomerResponse): CommandError {
  const url = urlOf(request)
  return new CommandError(`Error making request to ${url}: ${status}`, {
    response: { status, data: body, headers },
    request: { method: request.method, url, headers: { Authorization: authorization } },
  })
}
