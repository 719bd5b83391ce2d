/**
 * Every way in which the CLI can fail, with every kind of tool: what the agent is told, that nothing leaks, and that no
 * write is sent twice. E1 to E12 are the error modes that public evidence on the Membrane CLI suggests.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Harness, internalErrorLog, type Json, type Plan, setupOnce } from '../support/harness.ts'
import { connection, connectionId, liveActions, secrets } from '../support/samples.ts'
import { atItsTime, stopClock } from '../support/time.ts'

const [bearer, jwt, apiKey] = secrets as [string, string, string]
const kustomerUrl = `https://api.kustomerapp.com/v1/customers/nope?token=${apiKey}`
const said = (status: number) => `Error making request to ${kustomerUrl}: ${status}\n`
const noise = `\u001b[33mDEPRECATED: see the docs. x-api-key: ${apiKey}, Authorization: Bearer ${bearer}\u001b[39m\n`
const stack = `TypeError: Cannot read properties of undefined\n    at run (index.js:1:1) Bearer ${jwt}\n`
const pretty = (document: object) => JSON.stringify(document, null, 2)

/** The one form of error that was seen of the real CLI: the exchange, with its credentials. */
const exchange = (status: number) => ({
  response: { status, data: { errors: [{ code: 'c', message: `m${status}` }] } },
  request: {
    method: 'GET',
    url: kustomerUrl,
    headers: { Authorization: `Bearer ${bearer}`, 'x-api-key': apiKey },
  },
})
const axiosError = (code: string, status?: number) => ({
  message: 'Request failed',
  name: 'AxiosError',
  code,
  ...(status === undefined ? {} : { status }),
  config: { baseURL: 'https://api.getmembrane.com', headers: { Authorization: `Bearer ${jwt}` }, data: '{}' },
})
const membraneError = (error: object) => ({ ...error, stack, logs: [`Authorization: Bearer ${jwt}`] })
const expired = membraneError({
  type: 'action_run',
  message: 'Action failed',
  causedByError: { type: 'connection', key: 'access_token_expired', message: 'Access token expired' },
})
const standard = { standard: true, stderr: noise }
const nested = (depth: number) => {
  const value = `${'['.repeat(depth)}"${bearer}"${']'.repeat(depth)}`
  return `{"actionRunId":"6af0c0ffee0000000000f001","output":${value},"status":200,"headers":{},"body":${value}}`
}

type Fault = Record<string, unknown>
/**
 * What the CLI does; what a read ends in; what a write ends in; what a list of connections or actions ends in, where
 * that is not what a read does.
 */
const modes: [name: string, fault: Fault, read: string, write: string, list?: string][] = [
  [
    'E1 text on stderr, error on stdout',
    { stderr: said(404), json: exchange(404), exit: 1 },
    'not-found',
    'not-found',
  ],
  ['E2 both on stderr', { stderr: said(404) + pretty(exchange(404)), exit: 1 }, 'not-found', 'not-found'],
  ['E3 both on stdout', { stdout: said(404) + pretty(exchange(404)), exit: 1 }, 'not-found', 'not-found'],
  [
    'E4 an error of Membrane with its cause',
    { json: expired, stderr: noise, exit: 1 },
    'connection-needs-attention',
    'connection-needs-attention',
  ],
  [
    'E5 an AxiosError',
    { json: axiosError('ERR_BAD_RESPONSE', 503), exit: 1 },
    'upstream-error',
    'outcome-unknown',
  ],
  ['E6 text alone', { stderr: `Boom. ${noise}`, exit: 1 }, 'upstream-error', 'outcome-unknown'],
  ['E7 an error with exit 0', { stderr: said(404), json: exchange(404) }, 'not-found', 'not-found'],
  ['E8 hangs', { stdout: noise, hang: true }, 'timeout', 'outcome-unknown'],
  ['E9 killed', { stderr: noise, signal: 'SIGKILL' }, 'bad-output', 'outcome-unknown'],
  ['E10 an answer cut off', { ...standard, cut: 12 }, 'bad-output', 'outcome-unknown'],
  ['E11 a notice with colours before the answer', { ...standard, prefix: noise }, 'ok', 'ok'],
  [
    'E12 an answer of 2 MB',
    { ...standard, add: { authorization: bearer, more: 'x'.repeat(2e6) } },
    'ok',
    'ok',
  ],
  ['half an answer, then hangs', { stdout: '{ "output": {', hang: true }, 'timeout', 'outcome-unknown'],
  ['waits at a prompt', { stdout: '? Workspace \u203a ', hang: true }, 'timeout', 'outcome-unknown'],
  ['leaves a prompt', { stdout: `? Workspace \u203a ${noise}` }, 'bad-output', 'outcome-unknown'],
  ['a slow answer', { ...standard, delayMs: 8000 }, 'ok', 'ok'],
  ['crashes', { stdout: noise, signal: 'SIGSEGV' }, 'bad-output', 'outcome-unknown'],
  ['a stack trace', { stderr: stack, exit: 1 }, 'upstream-error', 'outcome-unknown'],
  ['exit 137 without a word', { exit: 137 }, 'upstream-error', 'outcome-unknown'],
  ['the answer, then a failing exit', { ...standard, exit: 7 }, 'upstream-error', 'outcome-unknown'],
  ['nothing at all', {}, 'bad-output', 'outcome-unknown'],
  ['a literal', { stdout: 'null\n', stderr: noise }, 'bad-output', 'outcome-unknown'],
  ['a page of a gateway', { stdout: `<html>${noise}</html>` }, 'bad-output', 'outcome-unknown'],
  ['another document', { stdout: '{"unexpected":true}' }, 'bad-output', 'outcome-unknown'],
  ['no document of JSON', { stdout: "{ output: 'yes' }" }, 'bad-output', 'outcome-unknown'],
  ['bytes that are not UTF-8', { ...standard, add: { name: 'caf\u00e9' }, encoding: 'latin1' }, 'ok', 'ok'],
  ['UTF-16', { ...standard, encoding: 'utf16le' }, 'bad-output', 'outcome-unknown'],
  ['a byte order mark', { ...standard, prefix: '\uFEFF' }, 'ok', 'ok'],
  [
    'an error with CRLF',
    { stdout: (said(409) + pretty(exchange(409))).replaceAll('\n', '\r\n'), exit: 1 },
    'conflict',
    'conflict',
  ],
  ['another document before the answer', { ...standard, prefix: '{"progress":50}\n' }, 'ok', 'ok'],
  [
    'an error after the answer',
    { ...standard, suffix: pretty(exchange(404)) },
    'not-found',
    'outcome-unknown',
  ],
  ['a notice after the answer', { ...standard, suffix: noise }, 'ok', 'ok'],
  [
    'output without end',
    { stdout: `${noise}${'x'.repeat(1e6)}`, repeat: 1e9 },
    'too-large',
    'outcome-unknown',
  ],
  ['a trickle past the deadline', { stdout: '{"', repeat: 1e9, everyMs: 50 }, 'timeout', 'outcome-unknown'],
  ['nesting of 100,000 levels', { stdout: nested(1e5) }, 'ok', 'ok', 'bad-output'],
  ['a broken connection', { json: axiosError('ECONNRESET'), exit: 1 }, 'network', 'outcome-unknown'],
  ['no way to the service', { json: axiosError('ENOTFOUND'), exit: 1 }, 'network', 'outcome-unknown'],
  ['too many requests', { stderr: said(429), json: exchange(429), exit: 1 }, 'rate-limited', 'rate-limited'],
  ['504 on the way', { stderr: said(504), json: exchange(504), exit: 1 }, 'timeout', 'outcome-unknown'],
  ['nobody signed in', { stderr: 'Not logged in.\n', exit: 1 }, 'signed-out', 'signed-out'],
  [
    'nobody signed in, and a notice',
    { stderr: `Not logged in.\n${noise}`, exit: 1 },
    'signed-out',
    'outcome-unknown',
  ],
]

const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
type Cell = [tool: string, args: Record<string, unknown>, kind: 'read' | 'write' | 'list' | 'draft']
/** One call of every kind of tool, or one reading of a resource; a write carries a mark, by which its command is found. */
const cells = (mark: (tool: string) => string): Cell[] => [
  ['get-customer-by-id', { id }, 'read'],
  ['kustomer://customers/{id}', { id }, 'read'],
  ['create-note', { conversation: id, body: mark('create-note') }, 'write'],
  ['search', { type: 'customer', text: 'Ada' }, 'read'],
  ['get-conversation-thread', { id }, 'list'],
  ['create-draft', { customer: id, channel: 'chat', body: mark('create-draft') }, 'draft'],
  ['proxy_request', { method: 'POST', path: '/v1/notes', body: { body: mark('proxy_request') } }, 'write'],
  ['search-actions', { intent: 'delete a note' }, 'list'],
  ['run-action', { action: 'create-company', input: { name: mark('run-action') } }, 'write'],
  ['connection-status', {}, 'list'],
  ['connect-kustomer', {}, 'list'],
]

const record = { type: 'conversation', id, attributes: { name: 'Order' }, relationships: {} }
const good: Plan = {
  ...{ dialect: 'mixed', connections: [connection], actions: liveActions },
  body: { data: record },
}
/** A draft is looked for before it is written, and written where that fails: test/server/drafts.test.ts. */
const noDrafts = {
  when: `request ${connectionId} /v1/customers/{id}/drafts --method=GET`,
  json: { status: 200, headers: {}, body: { data: [] } },
}
const args = ['--connection', connectionId, '--max-concurrency', '16', '--requests-per-minute', '100000']
let count = 0

afterAll(() =>
  console.log(`fault matrix: ${modes.length} modes × ${cells(String).length} tools = ${count} cells`),
)

/** What a call ended in: `ok` or its reason, with the statement that the connection tools make in place of an error. */
function outcomeOf({ isError, text, structured }: Awaited<ReturnType<Harness['call']>>): string | undefined {
  if (isError) return text.split(':')[0]
  const { problem, ready, state } = structured.data ?? {}
  return problem?.reason ?? (ready === true || state === 'READY' ? 'ok' : (state ?? 'ok'))
}

/** The commands that carry a write on to Kustomer, by the mark in their arguments. */
const writes = (harness: Harness, mark: string) =>
  harness.calls().filter(({ argv }) => argv.some((arg) => arg.includes(mark)))

/** Calls a tool, or reads a resource with the arguments in its address. */
async function ask(harness: Harness, name: string, given: Record<string, unknown>) {
  if (!name.startsWith('kustomer://')) return harness.call(name, given)
  const uri = name.replace(/\{(\w+)\}/g, (_, part: string) => String(given[part]))
  return harness.client.readResource({ uri }).then(
    ({ contents: [content] }: Json) => ({
      ...{ isError: false, text: content.text, structured: JSON.parse(content.text) },
    }),
    ({ data, message }) => ({
      isError: true,
      text: `${data?.reason}: ${message}`,
      structured: { data: undefined },
    }),
  )
}

const server = setupOnce({ plan: good, args: [...args, '--timeout-ms', '10000'] })
beforeAll(async () => {
  // The first call after a pause runs alone; after it calls run side by side.
  expect(outcomeOf(await server().call('connection-status'))).toBe('ok')
  let restart: () => void = () => undefined
  stopClock((how) => {
    restart = how
  })
  return restart
})

test.each(modes)('%s', async (name, fault, read, write, list = read) => {
  const harness = server()
  harness.rewrite({ ...good, faults: [noDrafts, { when: '', ...fault }] })
  const mark = (tool: string) => `mark of ${tool} in ${name}`
  const logStart = harness.log().length

  // What answers without a record names no draft either: it may have been made.
  const expected = { read, write, list, draft: list === read ? write : 'outcome-unknown' }
  const results = await atItsTime(
    Promise.all(
      cells(mark).map(async ([tool, callArgs, kind]) => ({
        tool,
        kind,
        result: await ask(harness, tool, callArgs),
      })),
    ),
  )
  for (const { tool, kind, result } of results) {
    expect.soft(outcomeOf(result), `${tool} (${kind}): ${result.text}`).toBe(expected[kind])
    count++
  }
  // Each write was tried, and none twice.
  const written = results.filter(({ kind }) => kind === 'write' || kind === 'draft')
  expect(written.map(({ tool }) => writes(harness, mark(tool)).length)).toEqual(written.map(() => 1))

  const log = harness.log().slice(logStart)
  for (const secret of secrets) expect(JSON.stringify(results) + log).not.toContain(secret)
  expect(log).not.toContain('mark of')
  expect(log).not.toMatch(internalErrorLog)
  expect(harness.protocolErrors).toEqual([])
  harness.rewrite(good)
  expect(outcomeOf(await atItsTime(harness.call('connection-status')))).toBe('ok')
})

test('the matrix has at least 440 cells', () => {
  expect(count).toBeGreaterThanOrEqual(440)
})
