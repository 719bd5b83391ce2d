import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { type ConfirmMode, createConfirmations, needsConfirmation } from '../../src/dispatch/confirmation.ts'
import { type Harness, type Json, temporaryFolder, until } from '../support/harness.ts'
import { keys } from '../support/samples.ts'
import { atItsTime, stopClock } from '../support/time.ts'
import {
  attempt,
  type Call,
  deletion,
  get,
  id,
  message,
  note,
  outcome,
  post,
  sent,
  warmServer,
} from './support.ts'

const confirming = (mode: ConfirmMode, args: string[] = []) => warmServer(['--confirm', mode, ...args])
const withToken = ([name, args]: Call, confirmationToken: unknown): Call => [
  name,
  { ...args, confirmationToken },
]

/** The token of the plan that a call gets. */
async function tokenOf(harness: Harness, call: Call): Promise<string> {
  const { outcome, data, text, started } = await attempt(harness, call)
  expect([outcome, started], text).toEqual(['plan', 0])
  expect(data.confirmationToken).toMatch(/^[\w-]{12,}$/)
  return data.confirmationToken
}

describe('which calls need a confirmation', () => {
  const createCustomer: Call = ['create-customer', { name: 'Ada' }]
  const runNote: Call = ['run-action', { action: 'create-note', input: note[1] }]
  const runMessage: Call = ['run-action', { action: 'create-message', input: message[1] }]
  const put = (path: string): Call => ['proxy_request', { method: 'PUT', path, body: { name: 'x' } }]
  const reads: Call[] = [
    ['list-notes', {}],
    ['run-action', { action: 'list-notes' }],
    get(),
    post('/v1/customers/search'),
  ]
  const harmless: Call[] = [note, createCustomer, runNote, put(`/v1/customers/${id}`)]
  const grave: Call[] = [message, deletion, runMessage, put(`/v1/customers/${id}?replace=true`)]
  const confirmable = [
    ...keys.filter((key) => /^(create|update)-/.test(key)),
    'proxy_request',
    'run-action',
    'create-draft',
    'update-draft',
    'merge-customers',
  ]

  test.each<[string[], Call[], Call[], string[]]>([
    [[], [], [...reads, ...harmless, ...grave], ['merge-customers']],
    [['--confirm', 'customer-visible'], grave, [...reads, ...harmless], confirmable],
    [['--confirm', 'writes'], [...harmless, ...grave], reads, confirmable],
    [['--confirm', 'writes', '--read-only'], [], [], []],
  ])('under %j', async (args, asked, others, listed) => {
    const harness = await warmServer(args)
    for (const call of asked) expect([call, ...(await outcome(harness, call))]).toEqual([call, 'plan', 0])
    for (const call of others) expect([call, ...(await outcome(harness, call))]).toEqual([call, 'ok', 1])
    const { tools } = await harness.client.listTools()
    const taking = tools.filter(({ inputSchema }) => 'confirmationToken' in (inputSchema.properties ?? {}))
    expect(taking.map(({ name }) => name).sort()).toEqual([...listed].sort())
    for (const { inputSchema } of taking) {
      expect(inputSchema.properties).toMatchObject({ confirmationToken: { type: 'string' } })
      expect(inputSchema.required ?? []).not.toContain('confirmationToken')
    }
  })

  it.each<[ConfirmMode, string[]]>([
    ['none', []],
    ['customer-visible', ['customer-visible', 'destructive']],
    ['writes', ['internal', 'record', 'customer-visible', 'destructive']],
  ])('--confirm %s: %j', (mode, asked) => {
    const risks = ['read', 'internal', 'record', 'customer-visible', 'destructive'] as const
    expect(risks.filter((risk) => needsConfirmation(mode, risk))).toEqual(asked)
  })
})

describe('a token', () => {
  it('confirms its call once', async () => {
    const harness = await confirming('customer-visible')
    const { data } = await attempt(harness, message)
    expect(data).toMatchObject({ done: false, plan: { tool: 'create-message', arguments: message[1] } })
    const again = withToken(message, data.confirmationToken)
    expect(await outcome(harness, again)).toEqual(['ok', 1])
    expect(await outcome(harness, again)).toEqual(['plan', 0])
  })

  it('confirms one of several calls at once', async () => {
    const harness = await confirming('customer-visible')
    const call = withToken(message, await tokenOf(harness, message))
    const answers = await Promise.all([call, call, call].map((each) => harness.call(...each)))
    expect(sent(harness)).toHaveLength(1)
    expect(answers.filter(({ text }) => text.includes('CONFIRMATION_REQUIRED'))).toHaveLength(2)
  })

  it.each<[string, Call]>([
    ['another text', ['create-note', { ...note[1], body: 'Called back!' }]],
    ['one more argument', ['create-note', { ...note[1], lang: 'en' }]],
    ['one argument less', ['create-note', { body: note[1]['body'], conversation: 'b'.repeat(24) }]],
    ['another tool', message],
    ['another way to the same write', ['run-action', { action: 'create-note', input: note[1] }]],
    ['a deletion', deletion],
  ])('is not good for %s', async (_, call) => {
    const harness = await confirming('writes')
    const token = await tokenOf(harness, note)
    expect(await tokenOf(harness, withToken(call, token))).not.toBe(token)
    expect(await outcome(harness, withToken(note, token))).toEqual(['ok', 1])
  })

  it('cannot be made up', async () => {
    const harness = await confirming('writes')
    const token = await tokenOf(harness, note)
    const made = ['', 'x', token.slice(1), `${token} `, `${token}A`, 5, true, null, [token], { token }]
    for (const value of made) await tokenOf(harness, withToken(note, value))
    expect(await outcome(harness, withToken(note, token))).toEqual(['ok', 1])
  })

  it('of an earlier process is void', async () => {
    const stateDir = await temporaryFolder()
    const one = await warmServer(['--confirm', 'writes'], [], { stateDir })
    const token = await tokenOf(one, note)
    await one.end()
    const next = await warmServer(['--confirm', 'writes'], [], { stateDir })
    expect(await tokenOf(next, withToken(note, token))).not.toBe(token)
  })

  it.each([
    [5 * 60_000, ['ok', 1]],
    [5 * 60_000 + 1, ['plan', 0]],
  ])('after %d ms gives %j', async (ms, expected) => {
    let time = Date.now()
    const harness = await warmServer(['--confirm', 'writes'], [], { clock: () => time })
    const token = await tokenOf(harness, note)
    time += ms
    expect(await outcome(harness, withToken(note, token))).toEqual(expected)
  })

  it('fits its arguments in any order', async () => {
    const harness = await confirming('writes')
    const call = post('/v1/customers', { name: 'Ada', custom: { a: 1, b: [1, 2] } })
    const confirmationToken = await tokenOf(harness, call)
    const turned = (b: number[]): Call => [
      'proxy_request',
      {
        confirmationToken,
        body: { custom: { b, a: 1 }, name: 'Ada' },
        path: '/v1/customers',
        method: 'POST',
      },
    ]
    await tokenOf(harness, turned([2, 1]))
    expect(await outcome(harness, turned([1, 2]))).toEqual(['ok', 1])
  })

  it('never reaches the CLI, the log or a file', async () => {
    const auditFile = join(await temporaryFolder(), 'audit.jsonl')
    const harness = await confirming('writes', ['--audit-file', auditFile])
    const tokens: string[] = []
    const writes: Call[] = [
      note,
      message,
      deletion,
      ['run-action', { action: 'create-customer', input: { name: 'Ada' } }],
    ]
    for (const call of writes) {
      const token = await tokenOf(harness, call)
      tokens.push(token)
      expect(await outcome(harness, withToken(call, token))).toEqual(['ok', 1])
      await harness.call(...withToken(call, token))
    }
    await harness.call(...withToken(['list-notes', {}], 'MADE-UP-TOKEN'))
    await harness.call(...withToken(get(), 'MADE-UP-TOKEN'))
    const files = await readdir(harness.stateDir, { recursive: true, withFileTypes: true })
    const texts = files
      .filter((file) => file.isFile())
      .map((file) => readFile(join(file.parentPath, file.name), 'utf8'))
    const seen = [JSON.stringify(harness.calls()), harness.log(), await readFile(auditFile, 'utf8')]
      .concat(await Promise.all(texts))
      .join('\n')
    expect(seen).toContain('create-note')
    for (const secret of [...tokens, 'MADE-UP-TOKEN', 'confirmationToken']) expect(seen).not.toContain(secret)
  })

  it('is no argument where confirmation is off', async () => {
    const harness = await confirming('none')
    expect(await outcome(harness, withToken(note, 'MADE-UP'))).toEqual(['ok', 1])
    expect(JSON.stringify(harness.calls())).not.toContain('MADE-UP')
  })

  it('is not given for what the policy refuses', async () => {
    const harness = await confirming('writes', ['--exclude-tools', 'create-message'])
    const run: Call = ['run-action', { action: 'create-message', input: message[1] }]
    expect(await outcome(harness, run)).toEqual(['refused-by-policy', 0])
    expect(await outcome(harness, withToken(run, 'x'))).toEqual(['refused-by-policy', 0])
  })
})

describe('a set of tokens', () => {
  it('keeps the newest 200', () => {
    const tokens = createConfirmations(() => 0)
    const all = Array.from({ length: 1000 }, () => tokens.issue('key'))
    expect(new Set(all).size).toBe(1000)
    expect(all.filter((token) => tokens.redeem('key', token))).toEqual(all.slice(-200))
  })

  it('binds each token to its key', () => {
    const tokens = createConfirmations(() => 0)
    const token = tokens.issue('key')
    expect(tokens.redeem('other', token)).toBe(false)
    expect(tokens.redeem('key', token)).toBe(true)
    expect(tokens.redeem('key', token)).toBe(false)
  })
})

const yes = { action: 'accept', content: { confirm: true } }

describe('a client that can ask', () => {
  const asking = (elicit: (question: string, params: Json) => Json, args: string[] = []) =>
    warmServer(['--confirm', 'customer-visible', ...args], [], { elicit })

  it('is asked once, with a required boolean', async () => {
    const forms: Json[] = []
    const harness = await asking((_, params) => {
      forms.push(params.requestedSchema)
      return yes
    })
    expect(await outcome(harness, message)).toEqual(['ok', 1])
    expect(forms).toEqual([
      {
        type: 'object',
        properties: { confirm: expect.objectContaining({ type: 'boolean' }) },
        required: ['confirm'],
      },
    ])
    for (const call of [note, get(), ['list-notes', {}]] as Call[])
      expect(await outcome(harness, call)).toEqual(['ok', 1])
    expect(forms).toHaveLength(1)
  })

  it.each<[string, Json]>([
    ['decline', { action: 'decline' }],
    ['cancel', { action: 'cancel' }],
    ['accept with an empty form', { action: 'accept', content: {} }],
    ['accept without a form', { action: 'accept' }],
    ['accept with no', { action: 'accept', content: { confirm: false } }],
    ['accept with a text', { action: 'accept', content: { confirm: 'true' } }],
    ['accept with another member', { action: 'accept', content: { confirmed: true } }],
  ])('refuses and gives no token: %s', async (_, answer) => {
    let questions = 0
    const harness = await asking(() => {
      questions++
      return answer
    })
    const { outcome: reason, started, text } = await attempt(harness, message)
    expect([reason, started, questions]).toEqual(['refused-by-policy', 0, 1])
    expect(text).not.toContain('confirmationToken')
  })

  it.each<[string, () => Json]>([
    [
      'an error',
      () => {
        throw new Error('cannot ask')
      },
    ],
    ['an unknown action', () => ({ action: 'yes' })],
  ])('gets a plan after %s', async (_, elicit) => {
    const harness = await asking(elicit)
    const token = await tokenOf(harness, message)
    expect(await outcome(harness, withToken(message, token))).toEqual(['ok', 1])
  })

  it.each([['1500'], ['55000']])('gets a plan when nobody answers, at --timeout-ms %s', async (timeout) => {
    stopClock()
    let questions = 0
    const harness = await asking(() => {
      questions++
      return new Promise(() => undefined)
    }, ['--timeout-ms', timeout])
    const token = await atItsTime(tokenOf(harness, message))
    expect(await atItsTime(outcome(harness, withToken(message, token)))).toEqual(['ok', 1])
    expect(questions).toBe(1)
  })

  it('answers two calls at once, each for itself', async () => {
    const harness = await asking((question) =>
      question.includes('Yes, please') ? yes : { action: 'decline' },
    )
    const [accepted, declined] = await Promise.all([
      attempt(harness, ['create-message', { ...message[1], preview: 'Yes, please' }], 'Yes, please'),
      attempt(harness, ['create-message', { ...message[1], preview: 'Rather not' }], 'Rather not'),
    ])
    expect([accepted.outcome, accepted.started]).toEqual(['ok', 1])
    expect([declined.outcome, declined.started]).toEqual(['refused-by-policy', 0])
  })

  it('starts nothing for a call that it cancels meanwhile', async () => {
    let isAsked = false
    const harness = await asking(() => {
      isAsked = true
      return new Promise(() => undefined)
    })
    const controller = new AbortController()
    const call = harness
      .call('create-message', message[1], { signal: controller.signal })
      .catch(() => 'cancelled')
    await until(() => isAsked)
    controller.abort()
    expect(await call).toBe('cancelled')
    await harness.app.idle()
    expect(sent(harness)).toEqual([])
  })
})
