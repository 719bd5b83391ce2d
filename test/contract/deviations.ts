import { readKeys } from '../../src/cli/doctor/contract/probes.ts'
import type { Reason } from '../../src/errors.ts'
import type { ProcessResult } from '../../src/membrane/process.ts'
import { findAction } from '../../src/sandbox/action-catalogue.ts'
import type { Start } from '../../src/sandbox/settings.ts'
import { type Change, type Json, starts, withDocument } from '../support/doubles.ts'

/** How a CLI differs from the documentation, and what comes of it. */
export interface Deviation {
  change: Change
  verdict: 'understood' | 'would-fail'
  dialect?: 'new'
  /** What the program is asked, `list-customers` where nothing is said, and what comes of it. */
  call?: [tool: string, args: object]
  outcome: 'works' | Reason
  /** What differs when the program is asked, where `doctor` has a way of its own to see it. */
  callChange?: Change
  start?: Start
  usage?: { cpuMs: number; peakMb: number }
}

const zeros = '0'.repeat(24)
const refused = (what: string) => ({ stdout: '', stderr: `Unknown ${what}\n`, exitCode: 1 })
const says = (text: string) => ({ stdout: '', stderr: `${text}\n`, exitCode: 1 })
const upstream = (status: number): Partial<ProcessResult> => ({
  stdout: JSON.stringify({
    response: { status, data: {} },
    request: { method: 'GET', url: 'https://x.api.kustomerapp.com/v1/x' },
  }),
  stderr: `Error making request to https://x.api.kustomerapp.com/v1/x: ${status}\n`,
  exitCode: 1,
})

/** Changes the answers to a command that begins with these words. */
const on =
  (
    words: string,
    change: (result: ProcessResult, argv: readonly string[]) => Partial<ProcessResult>,
  ): Change =>
  (result, argv) =>
    starts(argv, ...words.split(' ')) ? change(result, argv) : undefined

/** Changes the answers with such an argument. */
const withArgument =
  (argument: string, change: (result: ProcessResult) => Partial<ProcessResult>): Change =>
  (result, argv) =>
    argv.some((one) => one.includes(argument)) ? change(result) : undefined

const help = (topic: string, change: (text: string) => string): Change =>
  on(`${topic} --help`.trim(), ({ stdout }) => ({ stdout: change(stdout) }))

const items = (words: string, change: (item: Json) => Json): Change =>
  on(words, (result) =>
    withDocument(result, (document) => ({ ...document, items: document.items.map(change) })),
  )

const onAction = (key: string, change: (action: Json) => Json) =>
  items('action list', (action) => (action.key === key ? change(action) : action))

const onKustomer = (change: (connection: Json) => Json) =>
  items('connection list', (connection) => (connection.key === 'kustomer' ? change(connection) : connection))

const runOf =
  (key: string, change: (result: ProcessResult) => Partial<ProcessResult>): Change =>
  (result, argv) =>
    starts(argv, 'action', 'run', findAction(key)?.id ?? '') ? change(result) : undefined

const output = (key: string, change: (document: Json) => Json) =>
  runOf(key, (result) => withDocument(result, change))

const failures: (change: (result: ProcessResult) => Partial<ProcessResult>) => Change =
  (change) => (result, argv) =>
    result.exitCode !== 0 && argv.at(-1) === '--json' ? change(result) : undefined

const missing: Deviation['call'] = ['get-customer-by-id', { id: zeros }]
const proxied: Deviation['call'] = ['proxy_request', { path: '/v1/customers', query: { pageSize: 1 } }]

/** One deviation for each assumption. */
export const deviations: Readonly<Record<string, Deviation>> = {
  version: {
    change: on('--version', () => ({ stdout: 'Membrane\n' })),
    verdict: 'understood',
    outcome: 'works',
  },
  'version-known': {
    change: on('--version', () => ({ stdout: '2.0.0\n' })),
    verdict: 'understood',
    outcome: 'works',
  },
  commands: {
    change: help('', () => 'Usage: membrane serve\n'),
    verdict: 'would-fail',
    outcome: 'cli-unsupported',
  },
  'help-stream': {
    change: withArgument('--help', ({ stdout }) => ({ stdout: '', stderr: stdout, exitCode: 1 })),
    verdict: 'understood',
    outcome: 'works',
  },
  'help-topics': { change: help('login', () => ''), verdict: 'understood', outcome: 'works' },
  'connection-commands': {
    change: help('connection', () => 'connection list\n'),
    verdict: 'understood',
    outcome: 'works',
  },
  'run-command': {
    change: withArgument('--help', ({ stdout }) => ({ stdout: stdout.replace(/^.*action run.*$/gm, '') })),
    verdict: 'understood',
    outcome: 'works',
  },
  'request-command': {
    change: help('', (text) => text.replace(/^.*request.*$/gm, '')),
    verdict: 'understood',
    call: proxied,
    outcome: 'works',
  },
  'flag-names': {
    change: (result, argv) =>
      argv.at(-1) === '--help'
        ? { stdout: result.stdout.replaceAll('--connectionId', '--connection-id') }
        : argv.some((one) => one.startsWith('--connectionId='))
          ? refused('option: --connectionId')
          : undefined,
    verdict: 'would-fail',
    outcome: 'cli-unsupported',
  },
  login: { change: help('login', () => 'membrane login\n'), verdict: 'understood', outcome: 'works' },
  connect: {
    change: help('connect', () => 'membrane connect\n'),
    verdict: 'understood',
    outcome: 'works',
  },
  'first-connection': {
    change: help('', (text) => text.replace(/^ *search.*$/gm, '')),
    verdict: 'understood',
    call: ['connect-kustomer', {}],
    outcome: 'works',
  },
  status: { change: on('status', () => refused('command: status')), verdict: 'understood', outcome: 'works' },
  search: {
    change: on('search', () => refused('command: search')),
    verdict: 'would-fail',
    call: ['connect-kustomer', {}],
    start: 'no-connection',
    outcome: 'cli-unsupported',
  },
  'unknown-command': {
    change: on('connection no-such-command', () => ({ stdout: '{"items":[]}', stderr: '', exitCode: 0 })),
    verdict: 'understood',
    outcome: 'works',
  },
  'unknown-flag': {
    change: withArgument('--noSuchFlag', () => says('Something is wrong.')),
    verdict: 'understood',
    outcome: 'works',
  },
  ends: {
    change: on('action run', () => ({ ended: 'timeout', stdout: '' })),
    verdict: 'would-fail',
    outcome: 'timeout',
  },
  'json-alone': {
    change: on('action run', ({ stdout }) => ({ stdout: `A new version is there.\n${stdout}` })),
    verdict: 'understood',
    outcome: 'works',
  },
  'json-layout': {
    change: on('action run', (result) => ({ stdout: result.stdout.replace(/\n\s*/g, '') })),
    verdict: 'understood',
    outcome: 'works',
  },
  quiet: {
    change: on('action run', () => ({ stderr: 'A new version is there.\n' })),
    verdict: 'understood',
    outcome: 'works',
  },
  colour: {
    change: on('action run', ({ stdout }) => ({ stdout: `\u001b[32m${stdout}\u001b[39m` })),
    verdict: 'understood',
    outcome: 'works',
  },
  parallel: {
    change: secondTime('connection list', () => says('EBUSY: credentials.json')),
    verdict: 'would-fail',
    outcome: 'works',
  },
  time: { change: () => ({ milliseconds: 12_000 }), verdict: 'understood', outcome: 'works' },
  resources: {
    change: () => undefined,
    usage: { cpuMs: 20_000, peakMb: 900 },
    verdict: 'understood',
    outcome: 'works',
  },
  home: {
    change: (_, __, cwd) => (/kustomer-mcp-home-/.test(cwd) ? says('Who are you?') : undefined),
    callChange: on('connection list', () => says('Who are you?')),
    verdict: 'would-fail',
    outcome: 'upstream-error',
  },
  'connection-list': {
    change: on('connection list', (result) => withDocument(result, ({ items: list }) => list)),
    verdict: 'understood',
    outcome: 'works',
  },
  'connection-pages': {
    change: on('connection list', (result) =>
      withDocument(result, (document) => ({ ...document, cursor: '1' })),
    ),
    dialect: 'new',
    verdict: 'understood',
    outcome: 'works',
  },
  'connection-get': {
    change: on('connection get', (result) =>
      withDocument(result, (document) => ({ ...document, id: zeros })),
    ),
    verdict: 'would-fail',
    outcome: 'works',
  },
  'connection-wait': {
    change: withArgument('--wait', () => refused('option: --wait')),
    dialect: 'new',
    verdict: 'would-fail',
    outcome: 'works',
  },
  'action-list': {
    change: on('action list', (result) => withDocument(result, ({ items: list }) => ({ output: list }))),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-pages': {
    change: repeatFirstPage(),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-limit': {
    change: withArgument('--limit=2', (result) =>
      withDocument(result, (document) => ({
        items: [...document.items, { ...document.items[0], id: 'f'.repeat(24), key: 'one-more' }],
      })),
    ),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-intent': {
    change: withArgument('--intent', (result) =>
      withDocument(result, (document) => ({
        items: document.items.filter(({ key }: Json) => key !== 'list-customers'),
      })),
    ),
    verdict: 'understood',
    call: ['search-actions', { intent: 'list customers' }],
    outcome: 'works',
  },
  'action-get': {
    change: on('action get', () => refused('command: action get')),
    dialect: 'new',
    verdict: 'would-fail',
    outcome: 'works',
  },
  ids: {
    change: items('action list', (action) =>
      action.key === undefined ? { ...action, id: 'act_1' } : action,
    ),
    verdict: 'understood',
    outcome: 'works',
  },
  'connection-app': {
    change: onKustomer(({ id }) => ({ id, name: 'CRM', state: 'READY' })),
    verdict: 'would-fail',
    outcome: 'not-connected',
  },
  'connection-state': {
    change: onKustomer((connection) => ({ ...connection, state: 'PAUSED' })),
    verdict: 'would-fail',
    outcome: 'connection-needs-attention',
  },
  'connection-members': {
    change: onKustomer((connection) => ({ ...connection, state: { name: 'READY' } })),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-keys': {
    change: onAction('list-users', (action) => ({ ...action, key: 'people', name: 'People' })),
    verdict: 'would-fail',
    call: ['list-users', {}],
    outcome: 'action-not-found',
  },
  'action-types': {
    change: onAction('list-customers', (action) => ({ ...action, type: 'new-kind' })),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-states': {
    change: onAction('list-customers', (action) => ({ ...action, state: 'PAUSED' })),
    verdict: 'would-fail',
    outcome: 'action-not-found',
  },
  'action-schemas': {
    change: onAction('list-customers', ({ inputSchema: _, ...action }) => action),
    verdict: 'understood',
    outcome: 'works',
  },
  'schema-keywords': {
    change: onAction('list-customers', (action) => ({
      ...action,
      inputSchema: { ...action.inputSchema, newKeyword: 1 },
    })),
    verdict: 'understood',
    outcome: 'works',
  },
  'schema-fields': {
    change: onAction('list-customers', ({ inputSchema, ...action }) => ({
      ...action,
      inputSchema: { ...inputSchema, properties: { ...inputSchema.properties, more: { type: 'string' } } },
    })),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-run': {
    change: output('list-customers', ({ actionRunId }) => ({ actionRunId })),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-run-id': {
    change: output('list-customers', ({ output }) => ({ output })),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-output': {
    change: output('list-customers', ({ output }) => ({ output: output.data })),
    verdict: 'understood',
    outcome: 'works',
  },
  'json-api': {
    change: output('list-customers', ({ output }) => ({ output: { customers: output.data.data } })),
    verdict: 'understood',
    outcome: 'works',
  },
  'run-by-key': {
    change: on('action run list-users', () => ({ stdout: 'Which one?' })),
    verdict: 'understood',
    outcome: 'works',
  },
  'run-log': {
    change: on('action-run-log', () => refused('command: action-run-log')),
    dialect: 'new',
    verdict: 'understood',
    outcome: 'works',
  },
  request: {
    change: on('request', () => says('The proxy is no more.')),
    verdict: 'would-fail',
    call: proxied,
    outcome: 'upstream-error',
  },
  'request-envelope': {
    change: on('request', (result) => withDocument(result, ({ body, ...rest }) => ({ ...rest, data: body }))),
    verdict: 'understood',
    call: proxied,
    outcome: 'works',
  },
  'request-query': {
    change: on('request', (result) =>
      withDocument(result, (document) => ({
        ...document,
        body: { data: [document.body?.data, document.body?.data].flat() },
      })),
    ),
    verdict: 'would-fail',
    call: proxied,
    outcome: 'works',
  },
  'request-repeat': {
    change: withArgument('--query=page=2', (result) =>
      withDocument(result, (document) => ({
        ...document,
        body: { ...document.body, meta: { page: 1, pageSize: 1 } },
      })),
    ),
    verdict: 'would-fail',
    call: ['proxy_request', { path: '/v1/customers', query: { pageSize: 1, page: 2 } }],
    outcome: 'works',
  },
  'request-header': {
    change: withArgument('--header=', () => refused('option: --header')),
    verdict: 'would-fail',
    call: ['proxy_request', { path: '/v1/customers', headers: { Accept: 'application/json' } }],
    outcome: 'cli-unsupported',
  },
  'request-path-parameter': {
    change: withArgument('--pathParam=', () => upstream(404)),
    verdict: 'would-fail',
    call: ['proxy_request', { path: '/v1/customers/{id}', pathParams: { id: zeros } }],
    outcome: 'not-found',
  },
  'request-encoded': {
    change: withArgument('%40', () => upstream(404)),
    verdict: 'would-fail',
    call: ['proxy_request', { path: '/v1/customers/email=a%40example.com' }],
    outcome: 'not-found',
  },
  ...Object.fromEntries(
    readKeys.map((key): [string, Deviation] => [
      `read-${key}`,
      {
        change: runOf(key, () => upstream(409)),
        verdict: 'would-fail',
        call: [
          key,
          key.startsWith('list-')
            ? {}
            : key.endsWith('-email')
              ? { email: 'dana.okafor@example.com' }
              : { id: zeros },
        ],
        outcome: 'conflict',
      },
    ]),
  ),
  'error-exit': {
    change: failures(() => ({ exitCode: 0 })),
    verdict: 'understood',
    call: missing,
    outcome: 'not-found',
  },
  'error-streams': {
    change: failures(({ stdout, stderr }) => ({ stdout: '', stderr: `${stderr}${stdout}` })),
    verdict: 'understood',
    call: missing,
    outcome: 'not-found',
  },
  'error-form': {
    change: failures(() => ({ stdout: '' })),
    verdict: 'understood',
    call: missing,
    outcome: 'not-found',
  },
  'not-found': {
    change: withArgument(zeros, () => upstream(409)),
    verdict: 'would-fail',
    call: missing,
    outcome: 'conflict',
  },
  'bad-request': {
    change: withArgument('pageSize=0', () => upstream(422)),
    verdict: 'understood',
    call: ['proxy_request', { path: '/v1/customers', query: { pageSize: 0 } }],
    outcome: 'invalid-input',
  },
  'unknown-connection': {
    change: on(`connection get ${zeros}`, () => says('Nothing there.')),
    verdict: 'would-fail',
    outcome: 'works',
  },
  'unknown-action': {
    change: on(`action run ${zeros}`, () => says('Nothing there.')),
    verdict: 'would-fail',
    call: ['run-action', { action: zeros, input: {} }],
    outcome: 'action-not-found',
  },
  'invalid-input': {
    change: withArgument('--input={}', () => ({ stdout: '{"output":{}}', stderr: '', exitCode: 0 })),
    verdict: 'would-fail',
    call: ['get-customer-by-id', {}],
    outcome: 'invalid-input',
  },
  'error-secrets': {
    change: failures(({ stderr }) => ({
      stderr: `Authorization: Bearer PLANTED-SECRET-12345678\n${stderr}`,
    })),
    verdict: 'understood',
    call: missing,
    outcome: 'not-found',
  },
  busy: {
    change: runOf('list-users', () => upstream(429)),
    verdict: 'understood',
    call: ['list-users', {}],
    outcome: 'rate-limited',
  },
}

function secondTime(words: string, change: () => Partial<ProcessResult>): Change {
  let count = 0
  return on(words, () => (++count === 2 ? change() : {}))
}

/** Answers the second page with the first one. */
function repeatFirstPage(): Change {
  let first = ''
  return on('action list', ({ stdout }, argv) => {
    if (argv.some((one) => one.startsWith('--cursor='))) return { stdout: first }
    if (argv.includes('--limit=2')) first = stdout
    return {}
  })
}
