import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ToolError } from '../../src/errors.ts'
import type { ProcessResult } from '../../src/membrane/process.ts'
import { errorOf, responseError } from './app-answers.ts'

const secret = 'S3CR3T-0a1b2c3d4e5f'
const documents: object[] = [
  {
    response: {
      status: 404,
      statusText: 'Not Found',
      headers: { 'set-cookie': ['sid=1'], 'x-request-id': 'r1' },
      data: {
        errors: [
          {
            status: '404',
            code: 'notfound',
            title: 'Not found',
            detail: 'No record',
            source: { pointer: '/data/id' },
            meta: { trace: 't' },
          },
        ],
      },
    },
    request: {
      method: 'GET',
      url: 'https://api.kustomerapp.com/v1/x?token=1',
      headers: { Authorization: 'Bearer x', 'x-kustomer-key': 'k' },
      data: 'body',
    },
  },
  {
    response: { status: 500, data: 'plain text' },
    request: {
      method: 'GET',
      url: 'https://api.kustomerapp.com/v1',
      headers: { Authorization: 'k', Accept: '*/*' },
    },
  },
  {
    response: { status: 503, data: { message: 'Down', code: 'E1' } },
    request: { url: 'https://api.kustomerapp.com', headers: { a: 'b' } },
  },
  {
    response: { status: 502, data: null },
    request: { url: 'https://api.kustomerapp.com', headers: { 'x-custom': 'b' } },
  },
  {
    type: 'action_run',
    message: 'Action failed',
    stack: 'Error: at x',
    logs: ['log line'],
    causedByError: {
      type: 'connection',
      key: 'access_token_expired',
      message: 'Access token expired',
      data: {
        connectionId: 'c',
        connectorKey: 'k',
        response: { status: 401, data: { error: 'invalid', message: 'm' } },
      },
    },
  },
  {
    message: 'Request failed with status code 503',
    name: 'AxiosError',
    code: 'ERR_BAD_RESPONSE',
    status: 503,
    stack: 'AxiosError: at x',
    config: {
      method: 'post',
      baseURL: 'https://api.getmembrane.com',
      url: '/connections',
      headers: { Authorization: 'Bearer x', Accept: 'json' },
      data: '{"path":"/v1"}',
      env: { x: 'y' },
    },
  },
  { error: 'Unauthorized', message: 'Sign in first', data: { token: 't', credentials: { user: 'u' } } },
]

/** The places of every string in a document, as paths. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
  return [...keys].flatMap((key) => places((value as Record<string | number, unknown>)[key], [...path, key]))
}

function plant(document: object, path: (string | number)[], text: string): object {
  const copy = structuredClone(document)
  let node = copy as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) node = node[key] as Record<string | number, unknown>
  node[path.at(-1) ?? ''] = text
  return copy
}

/** Texts that say themselves that they hold a secret; where headers and bodies go out, a bare secret is planted too. */
const marked = [
  `Bearer ${secret}`,
  `failed with Authorization: Bearer ${secret}`,
  `x-api-key: ${secret}`,
  `{"x-api-key":"${secret}"}`,
  `GET https://api.example/v1?apiKey=${secret}`,
  `pat-${secret}`,
]
const unsaid = /^(headers|config|request|stack|logs|data|credentials|env)$/

const prints: [string, (printed: string) => Partial<ProcessResult>][] = [
  ['on stdout', (printed) => ({ stdout: printed })],
  ['on stderr', (printed) => ({ stderr: printed })],
  [
    'on stdout behind a message',
    (printed) => ({
      stdout: `Error making request to https://api.kustomerapp.com/v1?key=${secret}: 404\n${printed}`,
    }),
  ],
  [
    'on stdout with the message on stderr',
    (printed) => ({ stderr: `Error: Authorization: Bearer ${secret}`, stdout: printed }),
  ],
  ['on the line of the message', (printed) => ({ stderr: `Error: ${printed}` })],
  ['coloured', (printed) => ({ stderr: `\u001b[31m${printed}\u001b[39m` })],
  ['cut off', (printed) => ({ stderr: printed.slice(0, -2) })],
  ['cut off on the line of the message', (printed) => ({ stderr: `Error: ${printed.slice(0, -2)}` })],
  ['with exit 0', (printed) => ({ stdout: printed, exitCode: 0 })],
]

const planted = fc.constantFrom(...documents).chain((document) =>
  fc.constantFrom(...places(document)).chain((path) => {
    const isBody = path[0] === 'response' && path[1] === 'data'
    const canBeBare = path.some((key) => unsaid.test(String(key))) && !isBody && !path.includes('response')
    return fc
      .constantFrom(...marked, ...(canBeBare ? [secret] : []))
      .map((text) => plant(document, path, text))
  }),
)

/** Everything of an error that could be shown or logged. */
const contentOf = ({ message, data, stack, cause }: Partial<ToolError> = {}) =>
  JSON.stringify([message, data, stack, cause])

describe('a secret in an error document', () => {
  it.each(prints)('is not in the error, printed %s', (_, print) => {
    fc.assert(
      fc.property(planted, fc.constantFrom(undefined, 2), fc.boolean(), (document, indent, write) => {
        const printed = JSON.stringify(document, null, indent)
        const result: ProcessResult = {
          ended: 'exit',
          exitCode: 1,
          stdout: '',
          stderr: '',
          milliseconds: 5,
          ...print(printed),
        }
        for (const answer of ['run', 'response', 'list', 'text'] as const)
          expect(contentOf(errorOf(result, write, answer))).not.toContain(secret)
      }),
      { numRuns: 300 },
    )
  })

  it('is not in the error of a response', () => {
    const body = { errors: [{ title: 't', detail: 'd', code: 'c', source: { pointer: 'p' } }], message: 'm' }
    for (const path of places(body))
      for (const text of marked) {
        expect(contentOf(responseError(422, plant(body, path, text), true))).not.toContain(secret)
      }
  })
})

describe('what the CLI said', () => {
  it('stays on one line, bounded, in quotation marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const { message = '' } =
          responseError(400, { errors: [{ title: text }, { detail: text }] }, false) ?? {}
        expect(message).not.toMatch(/[\r\n\u2028\u2029]/)
        expect([...message].length).toBeLessThan(400)
        expect(message.match(/”/g)?.length ?? 0).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('is given without the query of a URL', () => {
    const stderr =
      'Error making request to https://api.kustomerapp.com/v1/customers?email=ada@example.com: 500'
    const result: ProcessResult = { ended: 'exit', exitCode: 1, stdout: '', stderr, milliseconds: 5 }
    const content = contentOf(errorOf(result, false))
    expect(content).toContain('https://api.kustomerapp.com/v1/customers')
    expect(content).not.toContain('ada@example.com')
  })
})
