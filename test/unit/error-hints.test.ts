import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { argumentAliases } from '../../src/catalog/argument-aliases.ts'
import { acceptArguments, unknownArgumentNotices } from '../../src/catalog/arguments.ts'
import type { Arguments } from '../../src/catalog/coerce.ts'
import { normaliseSchema } from '../../src/catalog/schema.ts'
import { argumentsNamed, explainUpstream } from '../../src/catalog/upstream-input.ts'
import { addIdHints } from '../../src/dispatch/error-hints.ts'
import { ToolError } from '../../src/errors.ts'
import { suggest } from '../../src/text/suggest.ts'
import { defineTool, type Tool } from '../../src/tools/tool.ts'

const id = '6aff0158c0f0000004000001'
const conversation = normaliseSchema({
  type: 'object',
  properties: {
    id: { type: 'string' },
    status: { type: 'string', enum: ['open', 'snoozed', 'done'] },
    priority: { type: 'integer', minimum: 1, maximum: 5, description: '5 is highest.' },
    assignedUsers: { type: 'array', items: { type: 'string' }, description: 'User ids.' },
    queue: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    name: { type: 'string' },
  },
  required: ['id'],
})

/** The message of the `invalid-input` error that a task throws. */
async function rejection(task: () => unknown): Promise<string> {
  try {
    await task()
  } catch (error) {
    expect(error).toBeInstanceOf(ToolError)
    expect((error as ToolError).reason).toBe('invalid-input')
    return (error as ToolError).message
  }
  return expect.unreachable('it was accepted')
}

describe('arguments that do not fit', () => {
  it.each<[string, Arguments, string]>([
    ['a missing one', {}, '`id`: required but missing.'],
    [
      'a missing one under another name',
      { conversation_id: id },
      '`id`: required but missing; `conversation_id` was given, which is not its name.',
    ],
    [
      'a value that is none of the list',
      { id, status: 'shut' },
      '`status`: takes one of open, snoozed, done.',
    ],
    ['a value nearly of the list', { id, status: 'Closed' }, '`status`: takes one of open, snoozed, done.'],
    [
      'a value in other letters',
      { id, status: 'Snooze' },
      '`status`: takes one of open, snoozed, done; the nearest is snoozed.',
    ],
    ['a wrong type', { id, priority: 'high' }, '`priority`: takes integer from 1 to 5.'],
    ['too much', { id, priority: 9 }, '`priority`: takes integer from 1 to 5.'],
    ['a list of something else', { id, assignedUsers: [true] }, '`assignedUsers.0`: takes string.'],
    [
      'a member missing',
      { id, queue: { ID: 'x' } },
      '`queue.id`: required but missing; `ID` was given, which is not its name.',
    ],
  ])('%s', async (_, args, message) => {
    const text = await rejection(() => acceptArguments(args, conversation.accepted))
    expect(text).toBe(`The arguments do not fit: ${message}`)
  })

  it('lists twenty values of a long enum', async () => {
    const values = Array.from({ length: 50 }, (_, index) => `value-${index}`)
    const { accepted } = normaliseSchema({ properties: { a: { enum: values } } })
    const text = await rejection(() => acceptArguments({ a: 'x' }, accepted))
    expect(text).toContain('value-19 and 30 more')
  })
})

describe('a tool of this server takes what it lists', () => {
  const hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true }
  const define = (input: z.ZodObject) =>
    defineTool({
      name: 'any',
      group: 'workflow',
      title: 'Any',
      description: '',
      annotations: hints,
      input: () => input,
      run: async () => ({ data: 'done' }),
    })
  const { signal } = new AbortController()
  const find = define(z.object({ intent: z.string(), limit: z.number().default(10) }))

  it.each<[Arguments, string]>([
    [
      { intnet: 'x' },
      '`intnet`: there is no such argument, the nearest is `intent`. It takes intent, limit. Nothing was sent.',
    ],
    [
      { query: 'x' },
      '`query`: there is no such argument, the nearest is `intent`. It takes intent, limit. Nothing was sent.',
    ],
    [
      { intent: 'x', verbose: 1 },
      '`verbose`: there is no such argument. It takes intent, limit. Nothing was sent.',
    ],
    [
      { intent: 'x', Limits: 1, colour: 2 },
      '`Limits`: there is no such argument, the nearest is `limit`; `colour`: there is no such argument. It takes intent, limit. Nothing was sent.',
    ],
  ])('%j', async (args, message) => {
    expect(await rejection(() => find.prepare(args, signal))).toBe(`The arguments do not fit: ${message}`)
  })

  it('without arguments, and ignores any', async () => {
    const call = await define(z.object({})).prepare({ random_string: '' }, signal)
    expect(await call.execute(signal)).toEqual({ data: 'done' })
  })
})

describe('wrong input as the app or Membrane says it', () => {
  const kustomer = (text: string) => new ToolError('invalid-input', `Kustomer answered 400: “${text}”.`)
  it.each<[string, ToolError, Arguments, string]>([
    [
      'a JSON pointer',
      kustomer('must be one of the list (at /data/attributes/status)'),
      { status: 'x' },
      '`status` takes one of open, snoozed, done.',
    ],
    [
      'a field before a colon',
      kustomer('priority: Too big: expected number to be <=5'),
      {},
      '`priority` takes integer from 1 to 5: 5 is highest.',
    ],
    [
      'a path inside a list',
      kustomer('✖ Invalid input → at assignedUsers.0'),
      {},
      '`assignedUsers` takes a list of string.',
    ],
    ['a name in quotes', kustomer('"queue" is not allowed here'), {}, '`queue` takes object { id }.'],
    [
      'a name that was misspelt',
      kustomer('Unrecognized key: "prioritty"'),
      { prioritty: 3 },
      '`prioritty` is not known of this action; the nearest is `priority`.',
    ],
    [
      'a name like no other',
      kustomer('Unrecognized key'),
      { colour: 3 },
      '`colour` is not among the arguments known of this action.',
    ],
  ])('%s', (_, failure, args, sentence) => {
    expect((explainUpstream(failure, args, conversation.advertised) as ToolError).message).toBe(
      `${failure.message} ${sentence}`,
    )
  })

  it('is unchanged where nothing can be added', () => {
    const vague = kustomer('Bad request')
    expect(explainUpstream(vague, { id }, conversation.advertised)).toBe(vague)
    const missing = new ToolError('not-found', 'Kustomer answered 404: “status: gone”.')
    expect(explainUpstream(missing, {}, conversation.advertised)).toBe(missing)
    const mistake = new TypeError('status: x')
    expect(explainUpstream(mistake, {}, conversation.advertised)).toBe(mistake)
  })

  it('names only what is known, whatever was said', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(argumentsNamed(`Kustomer answered 400: “${text}”.`, ['priority'])).toEqual(
          expect.not.arrayContaining([expect.stringMatching(/^(?!priority$)/)]),
        )
      }),
    )
  })

  it('adds a notice for each unknown argument', () => {
    expect(unknownArgumentNotices({ id, prioritty: 1, colour: 2 }, conversation.advertised)).toEqual([
      'The argument prioritty is not known of this action and was passed on. If it had no effect, priority was meant.',
      'The argument colour is not known of this action and was passed on. It may have had no effect.',
    ])
    expect(unknownArgumentNotices({ anything: 1 }, normaliseSchema(undefined).advertised)).toEqual([])
  })
})

describe('ids', () => {
  const offered = ['get-customer-by-email', 'search', 'list-users', 'list-companies', 'proxy_request']
  const toolOf = (name: string, required: string[] = []) =>
    ({ name, inputSchema: { type: 'object', properties: {}, required } }) as unknown as Tool
  const invalid = new ToolError('invalid-input', 'It does not fit.')
  const unfound = new ToolError('not-found', 'Kustomer answered 404.')
  const url = `https://acme.kustomerapp.com/app/customers/${id}`

  it.each<[string, ToolError, Tool, Arguments, string]>([
    [
      'that is missing',
      invalid,
      toolOf('create-note', ['conversation', 'body']),
      { body: 'x' },
      '`conversation` is the id of a conversation. Find it with search.',
    ],
    [
      'that is not found',
      unfound,
      toolOf('get-customer-by-id'),
      { id },
      '`id` is the id of a customer. Find it with get-customer-by-email or search.',
    ],
    [
      'that is an email',
      unfound,
      toolOf('run-action', ['action']),
      { action: 'get-customer-by-id-now', input: { id: 'ada@example.com' } },
      '`id` is an email address, not an id; get-customer-by-email takes one.',
    ],
    [
      'of a user that is an email',
      invalid,
      toolOf('run-action', ['action']),
      { action: 'update-conversation-now', input: { id, assignedUsers: [id, 'ada@example.com'] } },
      '`assignedUsers` is an email address, not an id. Find it with list-users.',
    ],
    [
      'that is a link',
      unfound,
      toolOf('run-action', ['action']),
      { action: 'get-customer-by-id-now', input: { id: url } },
      '`id` is a link: give only the 24 characters of the id in it. Find it with get-customer-by-email or search.',
    ],
    [
      'that is a name',
      invalid,
      toolOf('run-action', ['action']),
      { action: 'create-customer-now', input: { company: 'Acme' } },
      '`company` is not a Kustomer id, which has 24 hexadecimal characters. Find it with list-companies or search.',
    ],
    [
      'that is cut',
      unfound,
      toolOf('run-action', ['action']),
      { action: 'get-user-by-id-now', input: { id: id.slice(1) } },
      '`id` is not a whole id: one has 24 hexadecimal characters. Find it with list-users.',
    ],
    [
      'of a team',
      invalid,
      toolOf('run-action', ['action']),
      { action: 'update-conversation-now', input: { id, assignedTeams: ['Billing'] } },
      '`assignedTeams` is not a Kustomer id, which has 24 hexadecimal characters. Find it with proxy_request with GET /v1/teams.',
    ],
    [
      'inside run-action',
      unfound,
      toolOf('run-action', ['action']),
      { action: 'delete-note', input: { id: 'x y' } },
      '`id` is not a Kustomer id, which has 24 hexadecimal characters.',
    ],
    [
      'of a customer whose conversations are listed',
      unfound,
      toolOf('list-customer-conversations', ['id']),
      { id },
      '`id` is the id of a customer. Find it with get-customer-by-email or search.',
    ],
    [
      'of a note that is a link',
      unfound,
      toolOf('get-note-by-id'),
      { id: url },
      '`id` is a link: give only the 24 characters of the id in it.',
    ],
  ])('%s', (_, failure, tool, args, sentence) => {
    const { reason, message } = addIdHints(failure, tool, args, offered)
    expect([reason, message]).toEqual([failure.reason, `${failure.message} ${sentence}`])
  })

  it('keep their form to themselves where names are taken', () => {
    const { message } = addIdHints(invalid, toolOf('search', ['type']), { team: 'Tier 1' }, offered)
    expect(message).toBe(invalid.message)
  })

  it('add nothing to other errors', () => {
    const forbidden = new ToolError('forbidden', 'No.')
    expect(addIdHints(forbidden, toolOf('get-customer-by-id'), { id: 'x' }, offered)).toBe(forbidden)
    const better = new ToolError('not-found', 'Ids are found with list-users.')
    expect(addIdHints(better, toolOf('get-user-by-id'), { id }, offered)).toBe(better)
  })

  it.each<[Tool, string]>([
    [toolOf('create-note', []), '{"constructor":"x","toString":"x","__proto__":"x","hasOwnProperty":"x"}'],
    [
      toolOf('run-action', []),
      '{"action":{"toString":1,"valueOf":1},"input":{"__proto__":"x","valueOf":"x"}}',
    ],
  ])('stand for nothing under names that every object has: %#', (tool, given) => {
    expect(addIdHints(invalid, tool, JSON.parse(given), offered)).toBe(invalid)
  })

  it('name only offered tools, and no value', () => {
    fc.assert(
      fc.property(fc.subarray(offered), fc.string({ minLength: 30 }), (names, value) => {
        const { message } = addIdHints(unfound, toolOf('get-customer-by-id'), { id: value }, names)
        for (const name of offered) if (!names.includes(name)) expect(message).not.toContain(`with ${name}`)
        expect(message).not.toContain(value)
      }),
    )
  })
})

describe('the nearest name', () => {
  const tools = [
    'list-customers',
    'get-customer-by-id',
    'get-customer-by-email',
    'create-note',
    'search',
    'proxy_request',
  ]
  it.each<[string, readonly string[], string | undefined]>([
    ['get_customer_by_id', tools, 'get-customer-by-id'],
    ['listCustomers', tools, 'list-customers'],
    ['create-notes', tools, 'create-note'],
    ['get-customer', tools, 'get-customer-by-id'],
    ['search-customers', tools, 'search'],
    ['proxy-request', tools, 'proxy_request'],
    ['delete-everything', tools, undefined],
    ['page_size', ['page', 'pageSize'], 'pageSize'],
    ['limit', ['page', 'pageSize'], 'pageSize'],
    ['customerId', ['customer', 'name'], 'customer'],
    ['customer_id', ['id'], 'id'],
    ['assignee', ['assignedUsers', 'assignedTeams'], 'assignedUsers'],
    ['text', ['preview', 'channel'], 'preview'],
    ['xyz', ['x', 'y'], undefined],
    ['', ['id'], undefined],
    ['id', [], undefined],
    ['tag', ['tags', 'name'], 'tags'],
    ['stat', ['status', 'name'], 'status'],
    ['constructor', tools, undefined],
    ['__proto__', tools, undefined],
    ['hasOwnProperty', tools, undefined],
  ])('to %j', (name, known, wanted) => {
    expect(suggest(name, known, argumentAliases)).toBe(wanted)
  })

  it('is one of the known names', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3000 }), (name) => {
        expect([undefined, ...tools]).toContain(suggest(name, tools))
      }),
    )
  })
})
