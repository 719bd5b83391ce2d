import type { Reason } from '../../src/errors.ts'
import type { ProcessResult } from '../../src/membrane/process.ts'

const url = 'https://api.kustomerapp.com/v1/customers/nope'
export const exit = (output: Partial<ProcessResult>): ProcessResult => ({
  ended: 'exit',
  exitCode: 1,
  stdout: '',
  stderr: '',
  milliseconds: 900,
  ...output,
})
export const json = (value: unknown) => JSON.stringify(value, null, 2)
export const relayed = (status: number, data: unknown = { errors: [{ status, title: 'No' }] }) =>
  json({
    response: { status, data },
    request: { method: 'GET', url, headers: { Authorization: 'Bearer FAKE-EXTERNAL-SECRET' } },
  })
export const membrane = (type: string, key?: string, message = 'It failed') =>
  json({ type, ...(key ? { key } : {}), message })
const axios = (fields: object) =>
  json({
    name: 'AxiosError',
    message: 'Request failed',
    config: { baseURL: 'https://api.getmembrane.com', url: '/actions', headers: {} },
    ...fields,
  })

export type Row = [what: string, output: Partial<ProcessResult>, read: Reason, write?: Reason]
const line = `Error making request to ${url}: 404`
export const modes: Row[] = [
  ['E1 message on stderr, JSON on stdout', { stderr: `${line}\n`, stdout: relayed(404) }, 'not-found'],
  ['E2 both on stderr', { stderr: `${line}\n${relayed(404)}\n` }, 'not-found'],
  ['E3 both on stdout', { stdout: `${line}\n${relayed(404)}\n` }, 'not-found'],
  [
    'E4 error with a cause',
    {
      stdout: json({
        type: 'action_run',
        message: 'Action failed',
        causedByError: JSON.parse(membrane('connection', 'access_token_expired')),
      }),
    },
    'connection-needs-attention',
  ],
  ['E4 on stderr', { stderr: membrane('connection', 'connection_is_defunct') }, 'connection-needs-attention'],
  [
    'E5 AxiosError of Membrane',
    { stdout: axios({ code: 'ERR_BAD_RESPONSE', status: 503 }) },
    'upstream-error',
    'outcome-unknown',
  ],
  ['E6 text alone', { stderr: line }, 'not-found', 'outcome-unknown'],
  ['E6 text alone on stdout', { stdout: line }, 'not-found', 'outcome-unknown'],
  ['E6 text alone, coloured', { stderr: `\u001b[31m${line}\u001b[39m\n` }, 'not-found', 'outcome-unknown'],
  [
    'E6 text alone, behind a notice',
    { stderr: `\u001b[33mUpdate available\u001b[39m\n${line}\n` },
    'not-found',
    'outcome-unknown',
  ],
  ['E6 nothing at all', {}, 'upstream-error', 'outcome-unknown'],
  ['E7 E1 with exit 0', { exitCode: 0, stderr: `${line}\n`, stdout: relayed(404) }, 'not-found'],
  ['E7 E2 with exit 0', { exitCode: 0, stderr: relayed(503) }, 'upstream-error', 'outcome-unknown'],
  ['E8 hang', { ended: 'timeout' }, 'timeout', 'outcome-unknown'],
  ['E8 cancelled', { ended: 'cancelled' }, 'cancelled', 'outcome-unknown'],
  ['E9 killed', { ended: 'signal', code: 'SIGKILL' }, 'bad-output', 'outcome-unknown'],
  [
    'E10 truncated, exit 0',
    { exitCode: 0, stdout: '{\n  "output": {\n    "data": {}' },
    'bad-output',
    'outcome-unknown',
  ],
  ['E10 nothing, exit 0', { exitCode: 0 }, 'bad-output', 'outcome-unknown'],
  ['E10 text, exit 0', { exitCode: 0, stdout: 'Done.' }, 'bad-output', 'outcome-unknown'],
  [
    'E11 notices before the error',
    { exitCode: 0, stdout: `\u001b[33mDEPRECATED\u001b[39m\n${relayed(422)}` },
    'invalid-input',
  ],
  ['E12 too much', { ended: 'too-large' }, 'too-large', 'outcome-unknown'],
  ['no such program', { ended: 'not-started', code: 'ENOENT' }, 'cli-not-found'],
  ['too long a command', { ended: 'not-started', code: 'E2BIG' }, 'too-large'],
  ['a success and a failing exit', { stdout: json({ items: [] }) }, 'upstream-error', 'outcome-unknown'],
  [
    'a progress document before the error on stderr',
    { stdout: '{"progress":1}', stderr: `${line}\n${relayed(404)}` },
    'not-found',
  ],
]
export const statuses: Row[] = (
  [
    [400, 'invalid-input'],
    [401, 'connection-needs-attention'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [408, 'timeout', 'outcome-unknown'],
    [409, 'conflict'],
    [413, 'too-large'],
    [422, 'invalid-input'],
    [429, 'rate-limited'],
    [500, 'upstream-error', 'outcome-unknown'],
    [502, 'upstream-error', 'outcome-unknown'],
    [503, 'upstream-error', 'outcome-unknown'],
    [504, 'timeout', 'outcome-unknown'],
  ] as [number, Reason, Reason?][]
).map(([status, read, write]) => [String(status), { stdout: relayed(status) }, read, write ?? read])
export const keys: Row[] = [
  ['not signed in', { stdout: membrane('bad_request', 'not_authenticated') }, 'signed-out'],
  ['access denied', { stdout: membrane('bad_request', 'access_denied') }, 'forbidden'],
  ['Membrane rate limit', { stdout: membrane('bad_request', 'rate_limit_exceeded') }, 'rate-limited'],
  ['the app rate limit', { stdout: membrane('connection', 'rate_limit_exceeded') }, 'rate-limited'],
  ['exists already', { stdout: membrane('bad_request', 'already_exists') }, 'conflict'],
  ['locked', { stdout: membrane('concurrency', 'lock_timeout') }, 'conflict'],
  ['invalid input', { stdout: membrane('bad_request') }, 'invalid-input'],
  ['internal', { stdout: membrane('internal') }, 'upstream-error', 'outcome-unknown'],
  ['a run that failed', { stdout: membrane('action_run') }, 'upstream-error', 'outcome-unknown'],
  [
    'no connection',
    { stdout: membrane('bad_request', 'not_found', "Connection with id 'x' not found") },
    'not-connected',
  ],
  [
    'no action',
    { stdout: membrane('bad_request', 'not_found', "Action with id 'x' not found") },
    'action-not-found',
  ],
  ['nothing of the kind', { stdout: membrane('bad_request', 'not_found', 'No such thing') }, 'not-found'],
  ['401 of Membrane', { stdout: axios({ status: 401 }) }, 'signed-out'],
  [
    'an error that Membrane relays',
    {
      stdout: axios({
        response: { status: 400, data: JSON.parse(membrane('connection', 'connection_is_defunct')) },
      }),
    },
    'connection-needs-attention',
  ],
  ['a refused connection', { stdout: axios({ code: 'ECONNREFUSED' }) }, 'network', 'outcome-unknown'],
  [
    'an unknown host',
    { stderr: 'Error: getaddrinfo ENOTFOUND api.getmembrane.com' },
    'network',
    'outcome-unknown',
  ],
  ['a certificate', { stdout: axios({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }) }, 'network', 'outcome-unknown'],
  [
    'a certificate without its issuer',
    { stdout: axios({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }) },
    'network',
    'outcome-unknown',
  ],
  ['a reset', { stdout: axios({ code: 'ECONNRESET' }) }, 'network', 'outcome-unknown'],
  [
    'a timeout of the client',
    { stdout: axios({ code: 'ECONNABORTED', message: 'timeout of 60000ms exceeded' }) },
    'network',
    'outcome-unknown',
  ],
  ['a fetch that failed', { stderr: 'TypeError: fetch failed' }, 'network', 'outcome-unknown'],
  [
    'a timeout of the engine',
    { stdout: membrane('internal', undefined, 'Request timed out after 60000 ms') },
    'timeout',
    'outcome-unknown',
  ],
  ['a timeout in words', { stderr: 'Error: the request timed out' }, 'timeout', 'outcome-unknown'],
]
export const words: Row[] = [
  ['not logged in', { stderr: 'Not logged in. Run `membrane login`.' }, 'signed-out'],
  ['not logged in, exit 0', { exitCode: 0, stdout: 'Not logged in' }, 'signed-out', 'outcome-unknown'],
  ['no token', { stderr: 'Error: Access token is not provided.' }, 'signed-out'],
  ['session expired', { stderr: 'Your session has expired' }, 'signed-out'],
  ['unknown command', { stderr: 'error: unknown command "request"' }, 'cli-unsupported'],
  ['usage', { stdout: 'Usage: membrane <command>' }, 'cli-unsupported', 'outcome-unknown'],
  [
    'no such connection',
    { stderr: "Error: Connection with id 'conn_123' not found" },
    'not-connected',
    'outcome-unknown',
  ],
  [
    'no such connection, after a notice',
    { stderr: "Update available\nConnection with id 'conn_123' not found: 404" },
    'not-connected',
    'outcome-unknown',
  ],
  ['no such action', { stderr: "Action with id 'a1' not found" }, 'action-not-found', 'outcome-unknown'],
  [
    'disconnected',
    { stderr: 'Error: the connection is disconnected' },
    'connection-needs-attention',
    'outcome-unknown',
  ],
  ['rate limit', { stderr: 'Rate limit exceeded' }, 'rate-limited', 'outcome-unknown'],
  [
    'a relayed 400 that speaks of unknown options',
    { stderr: `Error making request to ${url}: 400\nUnrecognized field: unknown option foo` },
    'invalid-input',
    'outcome-unknown',
  ],
  [
    'a relayed 503 that prints its usage',
    { stderr: `Usage: 100%\nError making request to ${url}: 503` },
    'upstream-error',
    'outcome-unknown',
  ],
]
