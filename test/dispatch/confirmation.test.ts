import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  type ConfirmMode,
  createConfirmations,
  digestOf,
  needsConfirmation,
} from '../../src/dispatch/confirmation.ts'
import { createGuard } from '../../src/dispatch/guard.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { type Harness, type Json, temporaryFolder, until } from '../support/harness.ts'
import { keys } from '../support/samples.ts'
import {
  attempt,
  type Call,
  deletion,
  get,
  id,
  message,
  note,
  outcome,
  plan,
  sent,
  warmServer,
} from './support.ts'

const confirming = (mode: ConfirmMode, args: string[] = []) => warmServer(['--confirm', mode, ...args])
const withToken = ([name, args]: Call, confirmationToken: unknown): Call => [
  name,
  { ...args, confirmationToken },
]

async function planned(harness: Harness, call: Call): Promise<string> {
  const { outcome, data, text, started } = await attempt(harness, call)
  expect([outcome, started], text).toEqual(['plan', 0])
  expect(data.confirmationToken).toMatch(/^[\w-]{12,}$/)
  return data.confirmationToken
}

describe('which calls need a second step', () => {
  const createCustomer: Call = ['create-customer', { name: 'Ada' }]
  const runNote: Call = ['run-action', { action: 'create-note', input: note[1] }]
  const runMessage: Call = ['run-action', { action: 'create-message', input: message[1] }]
  const putCustomer: Call = [
    'proxy_request',
    { method: 'PUT', path: `/v1/customers/${id}`, body: { name: 'x' } },
  ]
  const replace: Call = [
    'proxy_request',
    { method: 'PUT', path: `/v1/customers/${id}?replace=true`, body: {} },
  ]
  const search: Call = ['proxy_request', { method: 'POST', path: '/v1/customers/search', body: {} }]
  const reads: Call[] = [['list-notes', {}], ['run-action', { action: 'list-notes' }], get(), search]
  const harmless: Call[] = [note, createCustomer, runNote, putCustomer]
  const grave: Call[] = [message, deletion, runMessage, replace]

  const takingToken = async (harness: Harness) =>
    (await harness.client.listTools()).tools.filter(({ inputSchema }) =>
      Object.hasOwn(inputSchema.properties ?? {}, 'confirmationToken'),
    )
  const confirmable = [
    ...keys.filter((key) => /^(create|update)-/.test(key)),
    ...['proxy_request', 'run-action', 'create-draft'],
  ]

  test.each<[string[], Call[], Call[], string[]]>([
    [[], [], [message], []],
    [['--confirm', 'none'], [], [...reads, ...harmless, ...grave], []],
    [['--confirm', 'customer-visible'], grave, [...reads, ...harmless], confirmable],
    [['--confirm', 'writes'], [...harmless, ...grave], reads, confirmable],
    [['--confirm', 'writes', '--read-only'], [], [], []],
  ])('%j, and the tools list a token accordingly', async (args, asked, others, listed) => {
    const harness = await warmServer(args)
    for (const call of asked) expect([call, ...(await outcome(harness, call))]).toEqual([call, 'plan', 0])
    for (const call of others) expect([call, ...(await outcome(harness, call))]).toEqual([call, 'ok', 1])

    const tools = await takingToken(harness)
    const names = tools.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(listed))
    if (listed.length === 0) expect(names).toEqual([])
    // It needs none.
    expect(names).not.toContain('connect-kustomer')
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint)).toEqual([])
    for (const { inputSchema } of tools) {
      expect(inputSchema.properties).toMatchObject({ confirmationToken: { type: 'string' } })
      expect(inputSchema.required ?? []).not.toContain('confirmationToken')
    }
  })

  it.each<[ConfirmMode, string[]]>([
    ['none', []],
    ['customer-visible', ['customer-visible', 'destructive']],
    ['writes', ['internal', 'record', 'customer-visible', 'destructive']],
  ])('%s: %j', (mode, asked) => {
    const effects = ['read', 'internal', 'record', 'customer-visible', 'destructive'] as const
    expect(effects.filter((effect) => needsConfirmation(mode, effect))).toEqual(asked)
  })
})

describe('a token', () => {
  test('acts once, for the call that it was given for, also when it comes twice at the same time', async () => {
    const harness = await confirming('customer-visible')
    const { data } = await attempt(harness, message)
    expect(data).toMatchObject({ done: false, plan: { tool: 'create-message', arguments: message[1] } })
    const again = withToken(message, data.confirmationToken)
    expect(await outcome(harness, again)).toEqual(['ok', 1])
    expect(await outcome(harness, again)).toEqual(['plan', 0])

    const before = (await sent(harness)).length
    const next = withToken(message, await planned(harness, message))
    const answers = await Promise.all([next, next, next].map((call) => harness.call(...call)))
    expect((await sent(harness)).length).toBe(before + 1)
    expect(answers.filter(({ text }) => text.includes('CONFIRMATION_REQUIRED')).length).toBe(2)
  })

  test('is refused with a new plan for anything else, and stays good for its own call', async () => {
    const harness = await confirming('writes')
    const token = await planned(harness, note)
    const others: Call[] = [
      ['create-note', { ...note[1], body: 'Called back!' }],
      ['create-note', { ...note[1], lang: 'en' }],
      ['create-note', { conversation: id }],
      ['create-message', note[1]],
      ['run-action', { action: 'create-note', input: note[1] }],
      deletion,
    ]
    for (const call of others) expect(await planned(harness, withToken(call, token))).not.toBe(token)
    for (const made of [
      '',
      'x',
      token.slice(1),
      `${token} `,
      `${token.toLowerCase()}A`,
      5,
      true,
      null,
      [token],
      { token },
    ])
      await planned(harness, withToken(note, made))
    expect(await outcome(harness, withToken(note, token))).toEqual(['ok', 1])
  })

  test('of another server, or of the same before a restart, is refused', async () => {
    const stateDir = await temporaryFolder()
    const one = await warmServer(['--confirm', 'writes'], [], { stateDir })
    const token = await planned(one, note)
    await one.client.close()
    const other = await warmServer(['--confirm', 'writes'], [], { stateDir })
    await planned(other, withToken(note, token))
  })

  test('does not mind the order of the arguments', async () => {
    const harness = await confirming('writes')
    const call: Call = [
      'proxy_request',
      { method: 'POST', path: '/v1/customers', body: { name: 'Ada', custom: { a: 1, b: [1, 2] } } },
    ]
    const token = await planned(harness, call)
    const turned: Call = [
      'proxy_request',
      {
        confirmationToken: token,
        body: { custom: { b: [1, 2], a: 1 }, name: 'Ada' },
        path: '/v1/customers',
        method: 'POST',
      },
    ]
    const listTurned = structuredClone(turned) as Json
    listTurned[1].body.custom.b.reverse()
    await planned(harness, listTurned)
    expect(await outcome(harness, turned)).toEqual(['ok', 1])
  })

  test('never reaches the CLI, the logs, the audit file or the state folder', async () => {
    const auditFile = join(await temporaryFolder(), 'audit.jsonl')
    const harness = await confirming('writes', ['--log-level', 'trace', '--audit-file', auditFile])
    const tokens: string[] = []
    for (const call of [
      note,
      message,
      deletion,
      ['run-action', { action: 'create-note', input: {} }],
    ] as Call[]) {
      const token = await planned(harness, call)
      tokens.push(token)
      await harness.call(...withToken(call, token))
      await harness.call(...withToken(call, token))
    }
    await harness.call(...withToken(['list-notes', {}], 'MADE-UP-TOKEN'))
    await harness.call(...withToken(get(), 'MADE-UP-TOKEN'))
    const seen = [
      JSON.stringify(await harness.records()),
      await harness.log(),
      harness.stderr(),
      await readFile(auditFile, 'utf8'),
    ].join('\n')
    expect(seen).toContain('create-note')
    for (const secret of [...tokens, 'MADE-UP-TOKEN', 'confirmationToken']) expect(seen).not.toContain(secret)
  })

  test('is no argument of the CLI where confirmation is off either', async () => {
    const harness = await confirming('none')
    expect(await outcome(harness, withToken(note, 'MADE-UP'))).toEqual(['ok', 1])
    expect(JSON.stringify(await harness.calls())).not.toContain('MADE-UP')
  })

  test('that was given for a write that the policy refuses does not help', async () => {
    const harness = await confirming('writes', ['--exclude-tools', 'create-message'])
    const run: Call = ['run-action', { action: 'create-message', input: message[1] }]
    const { data, text } = await attempt(harness, run)
    const again = await attempt(harness, withToken(run, data?.confirmationToken))
    expect([again.outcome, again.started], text).toEqual(['refused-by-policy', 0])
  })
})

describe('a set of tokens', () => {
  const call = { tool: 'create-note', args: { a: 1 } }

  it('lets each live for five minutes', () => {
    let time = 1_000_000
    const tokens = createConfirmations(() => time)
    const [early, late] = [tokens.issue(call), tokens.issue(call)]
    time += 5 * 60_000
    expect(tokens.redeem(call, early)).toBe(true)
    time += 1
    expect(tokens.redeem(call, late)).toBe(false)
  })

  it('keeps 200 and no more, the newest', () => {
    const tokens = createConfirmations(() => 0)
    const all = Array.from({ length: 1000 }, () => tokens.issue(call))
    expect(new Set(all).size).toBe(1000)
    expect(all.filter((token) => tokens.redeem(call, token))).toEqual(all.slice(-200))
  })

  it('knows a call by its tool and its arguments in any order, and takes no other for it', () => {
    const turned = (value: Json): Json => {
      if (Array.isArray(value)) return value.map(turned)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, turned(member)]),
      )
    }
    const args = fc.dictionary(fc.string(), fc.jsonValue())
    fc.assert(
      fc.property(args, args, fc.string(), (one, other, tool) => {
        const [plain, another] = [
          { tool, args: one },
          { tool, args: other },
        ]
        expect(digestOf({ tool, args: turned(one) })).toBe(digestOf(plain))
        expect(digestOf({ tool: `${tool}x`, args: one })).not.toBe(digestOf(plain))
        expect(digestOf(plain) === digestOf(another)).toBe(canonical(one) === canonical(other))
        const tokens = createConfirmations()
        const token = tokens.issue(plain)
        expect(tokens.redeem(another, token)).toBe(canonical(one) === canonical(other))
      }),
      { numRuns: 500 },
    )
  })
})

/** One text for all objects that are equal but for the order of their names. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`
}

describe('a host that can ask', () => {
  const asking = (elicit: (question: string) => Json, args: string[] = []) =>
    warmServer(['--confirm', 'customer-visible', ...args], [], { elicit })

  test('accept acts at once; nothing is asked for what needs no second step', async () => {
    const questions: string[] = []
    const harness = await asking((question) => {
      questions.push(question)
      return { action: 'accept', content: {} }
    })
    expect(await outcome(harness, message)).toEqual(['ok', 1])
    expect(questions.length).toBe(1)
    expect(questions[0]).toContain('Create Message')
    expect(questions[0]).toContain('customer-visible')
    expect(questions[0]).toContain(id)
    expect(questions[0]).toContain('Sent.')
    for (const call of [note, get(), ['list-notes', {}]] as Call[])
      expect(await outcome(harness, call)).toEqual(['ok', 1])
    expect(questions.length).toBe(1)
  })

  test('decline is a refusal; what is no answer gives a plan whose token acts', async () => {
    let answer: () => Json = () => ({ action: 'decline' })
    let asked = 0
    const harness = await asking(() => {
      asked++
      return answer()
    })
    const { outcome: how, started, text } = await attempt(harness, message)
    expect([how, started, asked]).toEqual(['refused-by-policy', 0, 1])
    expect(text).not.toContain('confirmationToken')

    const noAnswers: [string, () => Json][] = [
      ['cancel', () => ({ action: 'cancel' })],
      [
        'an error',
        () => {
          throw new Error('cannot ask')
        },
      ],
      ['an answer that makes no sense', () => ({ action: 'yes' })],
    ]
    for (const [name, noAnswer] of noAnswers) {
      ;[asked, answer] = [0, noAnswer]
      const token = await planned(harness, message)
      expect([name, ...(await outcome(harness, withToken(message, token)))]).toEqual([name, 'ok', 1])
      expect([name, asked]).toEqual([name, 1])
    }
  })

  test('no answer before the deadline gives a plan whose token acts', async () => {
    let asked = 0
    const harness = await asking(() => {
      asked++
      return new Promise(() => undefined)
    }, ['--timeout-ms', '1500'])
    const token = await planned(harness, message)
    expect(await outcome(harness, withToken(message, token))).toEqual(['ok', 1])
    expect(asked).toBe(1)
  })

  test('two calls at once are two questions, each for its own call', async () => {
    const harness = await asking((question) => ({
      action: question.includes('Yes, please') ? 'accept' : 'decline',
    }))
    const [yes, no] = await Promise.all([
      harness.call('create-message', { ...message[1], preview: 'Yes, please' }),
      harness.call('create-message', { ...message[1], preview: 'Rather not' }),
    ])
    expect([yes.isError, no.isError]).toEqual([false, true])
    expect((await sent(harness)).map(({ argv }) => argv.join(' ').includes('Yes, please'))).toEqual([true])
  })

  test('a call that the host gives up while it asks starts nothing', async () => {
    let asked = false
    const harness = await asking(() => {
      asked = true
      return new Promise(() => undefined)
    })
    const controller = new AbortController()
    const call = harness.call('create-message', message[1], { signal: controller.signal }).catch(() => 'gone')
    await until(() => asked)
    controller.abort()
    expect(await call).toBe('gone')
    expect(await outcome(harness, note)).toEqual(['ok', 1])
    expect((await sent(harness)).length).toBe(1)
  })

  test('the question hides nothing, says where it is cut, and always names the record that is meant', async () => {
    let question = ''
    const harness = await asking((asked) => {
      question = asked
      return { action: 'decline' }
    })
    const ask = async (...[name, args]: Call) => {
      question = ''
      await harness.call(name, args)
      return question
    }
    const hidden = await ask('create-message', { ...message[1], preview: 'Hi \u202Edlrow\u200B!' })
    expect(hidden).toContain('Hi ')
    expect(hidden).not.toMatch(/[\u202E\u200B]/)

    const long = 'x'.repeat(5000)
    const cut = await ask('create-message', { ...message[1], preview: long })
    expect(cut.length).toBeLessThan(4000)
    expect(cut).toMatch(/…|cut|more characters/)

    const deleted = await ask('proxy_request', { headers: { 'X-Note': long }, ...deletion[1] })
    expect(deleted).toContain('DELETE')
    expect(deleted).toContain(`/v1/customers/${id}`)

    const inInput = { action: 'create-message', input: { preview: long, conversation: id } }
    expect(await ask('run-action', inInput)).toContain(id)
    const amongParameters = {
      ...{ headers: { 'X-Note': long }, query: { q: long }, method: 'DELETE' },
      ...{ path: '/v1/customers/{x}', pathParams: { x: id } },
    }
    expect(await ask('proxy_request', amongParameters)).toContain(id)
    const inLongPath = { method: 'DELETE', path: `/v1/${'x/'.repeat(400)}${id}` }
    expect(await ask('proxy_request', inLongPath)).toContain(id)
  })
})

describe('the guard', () => {
  const tool = (effect: string) =>
    ({
      name: 'any',
      title: 'Any',
      annotations: { readOnlyHint: true },
      effect: async () => effect,
      identity: async (args: object) => ({ tool: 'any', args }),
      run: async () => ({ data: 'done' }),
    }) as unknown as Tool
  const guard = (readOnly: boolean, refusal?: string) =>
    createGuard({
      refusal: () => refusal,
      readOnly,
      confirm: 'none',
      confirmations: createConfirmations(),
      memory: { run: (_, write, { signal }) => write(signal), heard: async () => undefined },
      audit: undefined,
      connection: async () => undefined,
      log: undefined as never,
    })
  const { signal } = new AbortController()
  const call = { ask: undefined, signal, unheard: signal }

  it.each(['internal', 'record', 'customer-visible', 'destructive'])(
    'refuses what would write (%s) under --read-only, however the tool is marked',
    async (effect) => {
      await expect(guard(true).run(tool(effect), {}, call)).rejects.toMatchObject({
        reason: 'refused-by-policy',
      })
      expect(await guard(false).run(tool(effect), {}, call)).toEqual({ data: 'done' })
    },
  )

  it('lets reads pass under --read-only, and nothing that the policy refuses', async () => {
    expect(await guard(true).run(tool('read'), {}, call)).toEqual({ data: 'done' })
    await expect(guard(false, 'is off').run(tool('read'), {}, call)).rejects.toMatchObject({
      reason: 'refused-by-policy',
      message: 'The tool any is off.',
    })
  })
})

test('--read-only refuses every write at call time, with a token or a person to ask just the same', async () => {
  let asked = 0
  const harness = await warmServer(['--read-only', '--confirm', 'writes'], [], {
    plan,
    elicit: () => {
      asked++
      return { action: 'accept', content: {} }
    },
  })
  for (const call of [note, message, ['run-action', { action: 'create-note', input: note[1] }]] as Call[])
    expect(await outcome(harness, withToken(call, 'x'))).toEqual(['refused-by-policy', 0])
  for (const args of [deletion[1], { method: 'POST', path: '/v1/customers/search', body: {} }])
    expect(await outcome(harness, ['proxy_request', args])).toEqual(['invalid-input', 0])
  expect(asked).toBe(0)
})

it('a digest of what nests too deeply is refused in our own words', () => {
  const nested = (depth: number) => JSON.parse(`${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`)
  expect(digestOf({ tool: 'x', args: nested(100) })).toMatch(/^[0-9a-f]{64}$/)
  for (const depth of [300, 4000, 100_000])
    expect(() => digestOf({ tool: 'x', args: nested(depth) })).toThrow(
      expect.objectContaining({ reason: 'invalid-input' }),
    )
})
