import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ToolError } from '../../src/errors.ts'
import { checkPath } from '../../src/kustomer/proxy-checks.ts'
import * as argv from '../../src/membrane/argv.ts'
import { dialects } from './dialects.ts'

const id = '66b0c0ffee0000000000a001'

interface Parsed {
  positionals: string[]
  flags: Record<string, (string | true)[]>
}

/** Reads arguments as minimist does: `--name=value`, `--name value`, bare flags, `-x`, and `--`. */
function parse(args: readonly string[]): Parsed {
  const { positionals, flags }: Parsed = { positionals: [], flags: {} }
  const add = (name: string, value: string | true) => {
    flags[name] = [...(flags[name] ?? []), value]
  }
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    const next = args[index + 1]
    const pair = /^--([^=]+)=([\s\S]*)$/.exec(arg)
    if (arg === '--') {
      positionals.push(...args.slice(index + 1))
      break
    } else if (pair) add(pair[1] ?? '', pair[2] ?? '')
    else if (/^--./.test(arg) || /^-[^-]/.test(arg)) {
      const takesNext = next !== undefined && !next.startsWith('-')
      add(arg.replace(/^--?/, ''), takesNext ? next : true)
      if (takesNext) index++
    } else positionals.push(arg)
  }
  return { positionals, flags }
}

const evil = fc.oneof(
  fc.constantFrom(
    '--connectionId=evil',
    '-c evil',
    '--',
    '-',
    '=',
    '--json',
    '--input={"a":1}',
    'a --connectionId evil',
    "'; rm -rf / #",
    '"',
    '$(id)',
    '`id`',
    '',
    ' ',
    '\n--connectionId=evil',
    'line\r\nline',
    'NUL\0',
    '日本語 😀 \u202E',
    '%00',
    '@file',
    '1e5',
    'true',
    '\uD800',
  ),
  fc.string({ unit: 'binary' }),
  fc.string(),
)
const anyJson = fc.jsonValue({ stringUnit: 'binary' })
const input = fc.dictionary(evil, fc.oneof(evil, anyJson))

/** What a builder gave: arguments, or undefined where it refused with a Failure for the agent. */
function built(build: () => string[]): string[] | undefined {
  try {
    return build()
  } catch (error) {
    expect(error).toBeInstanceOf(ToolError)
    expect(['invalid-input', 'too-large']).toContain((error as ToolError).reason)
    return undefined
  }
}

function expectCall(args: string[], words: string[], positionals: number, flags: string[]): Parsed {
  expect(args.slice(0, words.length)).toEqual(words)
  expect(args.at(-1)).toBe('--json')
  expect(args.join('')).not.toContain('\0')
  const parsed = parse(args)
  expect(parsed.flags['json']).toEqual([true])
  expect(parsed.positionals.slice(0, words.length)).toEqual(words)
  expect(parsed.positionals).toHaveLength(words.length + positionals)
  for (const name of Object.keys(parsed.flags)) expect([...flags, 'json']).toContain(name)
  return parsed
}

describe.each(dialects)('in the %s dialect', (name, can) => {
  const words = (command: string) => (name === 'new' ? ['act'] : command.split(' '))

  it('an action runs with our connection and the whole input', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(id), evil), input, (actionId, given) => {
        const args = built(() => argv.runAction(id, actionId, given, can))
        if (args === undefined) return
        const isAct = name === 'new'
        const { flags, positionals } = expectCall(args, words('action run'), isAct ? 0 : 1, [
          'connectionId',
          'input',
          ...(isAct ? ['id'] : []),
        ])
        expect(isAct ? flags['id'] : [positionals.at(-1)]).toEqual([actionId])
        expect(flags['connectionId']).toEqual([id])
        expect(flags['input']).toEqual([JSON.stringify(given)])
      }),
      { numRuns: 300 },
    )
  })

  it('an intent that is cut is cut between characters', () => {
    const args = argv.listActions(id, { intent: `${'a'.repeat(199)}\u{1F600}b` }, can)
    expect(args).toContain(`--intent=${'a'.repeat(199)}`)
  })

  it('a list of actions keeps the connection, whatever the intent', () => {
    fc.assert(
      fc.property(evil, fc.option(evil, { nil: undefined }), fc.integer(), (intent, cursor, limit) => {
        const args = built(() => argv.listActions(id, { intent, cursor, limit }, can))
        if (args === undefined) return
        const { flags } = expectCall(args, ['action', 'list'], 0, [
          'connectionId',
          'intent',
          'limit',
          'cursor',
        ])
        expect(flags['connectionId']).toEqual([id])
        expect(String(flags['intent'])).toBe(intent.slice(0, 200))
      }),
    )
  })

  it('a request keeps method, path, connection and body apart', () => {
    const path = evil
      .map((text) => `/v1/${text}`)
      .filter((text) => built(() => [checkPath(text).path]) !== undefined)
    const pairs = fc.array(fc.tuple(evil, evil), { maxLength: 3 })
    const body = fc.option(fc.oneof(fc.record({ json: anyJson }), fc.record({ raw: evil })), {
      nil: undefined,
    })
    const method = fc.constantFrom('GET' as const, 'POST' as const, 'DELETE' as const)
    fc.assert(
      fc.property(method, path, pairs, pairs, body, (verb, given, query, headers, sent) => {
        const request = {
          method: verb,
          path: given.split('?')[0] ?? '',
          query,
          headers,
          pathParams: {},
          body: sent,
        }
        const args = built(() => argv.request(id, request, can))
        if (args === undefined) return
        if (name === 'new') {
          const { flags } = expectCall(args, ['act'], 0, ['api', 'connectionId'])
          expect(flags['connectionId']).toEqual([id])
          const api = JSON.parse(String(flags['api']))
          expect([api.method, api.path.split('?')[0]]).toEqual([verb, request.path])
          expect([...new URLSearchParams(api.path.split('?')[1])]).toEqual(query)
          const wanted = sent === undefined ? {} : { body: 'raw' in sent ? sent.raw : sent.json }
          expect(JSON.stringify(api.body)).toBe(JSON.stringify(wanted.body))
        } else {
          const { flags, positionals } = expectCall(args, ['request'], 2, [
            'method',
            'header',
            'query',
            'data',
            'rawData',
          ])
          expect(positionals.slice(1)).toEqual([id, request.path])
          expect(flags['method']).toEqual([verb])
          expect(flags['query'] ?? []).toEqual(query.map((pair) => pair.join('=')))
          expect(flags['header'] ?? []).toEqual(headers.map((pair) => pair.join(': ')))
          const raw = sent !== undefined && 'raw' in sent
          expect(flags['rawData']).toEqual(raw ? [true] : undefined)
          expect(flags['data']).toEqual(
            sent === undefined ? undefined : [raw ? sent.raw : JSON.stringify(sent.json)],
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  it('no text for the sign-in or a look-up becomes a flag', () => {
    fc.assert(
      fc.property(evil, (text) => {
        for (const build of [argv.completeLogin, argv.identifier]) {
          const given = built(() => [build(text)].flat())
          if (given !== undefined) expect(parse(given)).toEqual({ positionals: given, flags: {} })
        }
        const calls: [() => string[], string[], number, string[]][] = [
          [() => argv.listConnections(text), ['connection', 'list'], 0, ['cursor']],
          [() => argv.getConnection(text), ['connection', 'get'], 1, []],
          [() => argv.getConnection(text, 10), ['connection', 'get'], 1, ['wait', 'timeout']],
          [() => argv.getAction(text), ['action', 'get'], 1, []],
          [() => argv.connect({ connectorId: text }), ['connect'], 0, ['connectorId', 'non-interactive']],
          [() => argv.connect({ connectionId: text }), ['connect'], 0, ['connectionId', 'non-interactive']],
          [() => argv.searchConnectors(text), ['search'], 1, ['elementType']],
          [() => argv.ensureConnection(text), ['connection', 'ensure'], 1, []],
        ]
        for (const [build, command, positionals, flags] of calls) {
          const args = built(build)
          if (args !== undefined) expectCall(args, command, positionals, flags)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('a sign-in is started without a terminal', () => {
    const args = argv.login(can)
    expect(args).toEqual(
      name === 'new' ? ['login', 'start', '--non-interactive'] : ['login', '--tenant', '--non-interactive'],
    )
  })

  it.each(['', '-x', '--json', 'a b', 'a\n', 'a/b', 'a=b', 'ü', 'x'.repeat(129)])(
    '%j is no connection and no action',
    (bad) => {
      expect(() => argv.runAction(bad, id, {}, can)).toThrow(ToolError)
      expect(() => argv.runAction(id, bad, {}, can)).toThrow(ToolError)
      expect(() => argv.listActions(bad, {}, can)).toThrow(ToolError)
      const request = { method: 'GET' as const, path: '/v1', query: [], pathParams: {}, headers: [] }
      expect(() => argv.request(bad, request, can)).toThrow(ToolError)
    },
  )
})
