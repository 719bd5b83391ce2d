import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { onTerminal } from '../support/program.ts'

// Each test runs the program twice; the first call on a sandbox makes its data.
vi.setConfig({ testTimeout: 60_000 })

/** One folder for all: its caches are filled once. */
const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-width-'))
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  KUSTOMER_MCP_SANDBOX: 'true',
  KUSTOMER_MCP_STATE_DIR: join(folder, 'state'),
}

async function shown(typed: readonly string[], columns: number) {
  const terminal = onTerminal([...typed], env, columns)
  const code = await terminal.ended()
  return { code, text: stripVTControlCharacters(terminal.screen()) }
}

const words = (text: string) => text.split(/\s+/).filter(Boolean)

/** What stands at 80 columns is made of the words that stand where there is room for all. */
async function at80(typed: readonly string[], code: number): Promise<string> {
  const narrow = await shown(typed, 80)
  const wide = await shown(typed, 600)
  expect([narrow.code, wide.code]).toEqual([code, code])
  const lines = narrow.text.split('\n').filter((line) => !/\S{79,}/.test(line))
  expect(lines.filter((line) => stringWidth(line) > 80)).toEqual([])
  const whole = new Set(words(wide.text).map(bare))
  expect(
    words(narrow.text)
      .map(bare)
      .filter((word) => !whole.has(word)),
  ).toEqual([])
  return narrow.text
}

/** Without the signs of cut and joined text; counts and milliseconds may differ between two runs. */
const bare = (word: string) =>
  word
    .replace(/…$/, '')
    .replace(/^[·!]$/, '')
    .replace(/[.,]$/, '')
    .replace(/^\d+$/, '0')

describe('at 80 columns', () => {
  test.each<[string, number]>([
    ['--help', 0],
    ['setup --help', 0],
    ['doctor --help', 0],
    ['call --help', 0],
    ['tools', 0],
    ['tools create-draft', 0],
    ['tools proxy_request', 0],
    ['doctor', 0],
    ['sandbox reset', 0],
    ['audit', 2],
    ['help nope', 2],
    ['call nope', 2],
    ['--tools list-custmers', 2],
    ['--proxy perhaps', 2],
    ['audit verify /nowhere/audit.jsonl', 1],
    ['call get-note-by-id --arg id=000000000000000000000000', 1],
    ['call create-draft {}', 1],
    ['call list-notes --no-such-flag', 2],
    ['call connection-status', 0],
    ['call list-messages --max-result-chars 2000', 0],
  ])('%s breaks no word', async (typed, code) => {
    await at80(typed.split(' '), code)
  })

  test.each<[string, string, RegExp]>([
    ['list-conversations', '{"pageSize":5}', /^id +subject +.*updated$/],
    ['search', '{"type":"conversation","status":"open"}', /^id +subject +prio +updated$/],
    ['list-customers', '{"pageSize":5}', /^id +name +email$/],
    ['list-messages', '{"pageSize":5}', /^id +time +direction +channel$|^id +time +direction$/],
    ['list-notes', '{"pageSize":5}', /^id +time +author$/],
    ['list-companies', '{"pageSize":5}', /^id +name +domain$/],
    ['list-users', '{"pageSize":5}', /^id +name +email$/],
    ['search-actions', '{"intent":"delete a note"}', /^key +name +id$/],
  ])('%s has the columns that a person looks for', async (tool, args, heading) => {
    const text = await at80(['call', tool, args], 0)
    expect(text.split('\n')[0]).toMatch(heading)
  })

  test('a thread reads as one', async () => {
    const found = await shown(['call', 'search', '{"type":"conversation"}', '--json'], 80)
    const { data } = JSON.parse(found.text.replaceAll('\n', ''))
    const text = await at80(['call', 'get-conversation-thread', `{"id":"${data[0].id}"}`], 0)
    expect(text).toMatch(/^status +\w+$/m)
    expect(text).toMatch(/^customer +\w+ \w+ · [0-9a-f]{24}$/m)
    expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\dZ {2}\w+ \w+ {2}in email {2}[0-9a-f]{24}\n {2}\w/m)
  })

  test('help stays readable where a terminal tells no width', async () => {
    const { text } = await shown(['--help'], 0)
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(80)
  })
})

describe('serve started by hand', () => {
  test('says what it waits for, and logs to a file alone', async () => {
    const terminal = onTerminal([], env)
    await terminal.shows(/to stop\.\s/)
    terminal.type('\u0003')
    expect(await terminal.ended()).toBe(0)
    const line = 'kustomer-mcp is waiting for an MCP client on stdin. Press Ctrl-C to stop.\n'
    expect(terminal.screen().replace('^C', '')).toBe(line)
  })

  test('shows the log where a level was asked for', async () => {
    const terminal = onTerminal(['--log-level', 'debug'], env)
    await terminal.shows(/"event":"started"/)
    terminal.type('\u0003')
    expect(await terminal.ended()).toBe(0)
  })
})
