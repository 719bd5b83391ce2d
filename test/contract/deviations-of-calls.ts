import { readKeys } from '../../src/cli/doctor/contract/probes.ts'
import { withDocument } from '../support/doubles.ts'
import {
  type Deviation,
  failures,
  missing,
  on,
  output,
  proxied,
  refused,
  runOf,
  says,
  upstream,
  withArgument,
  zeros,
} from './changes.ts'

/** Deviations of calls of the app, and of errors. */
export const deviationsOfCalls: Readonly<Record<string, Deviation>> = {
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
