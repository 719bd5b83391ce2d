import { expect, test } from 'vitest'
import { readCapabilities } from '../../src/membrane/capabilities.ts'
import { type HelpTexts, helpTopics } from '../../src/membrane/help-texts.ts'
import { readArguments, UsageError } from '../../src/sandbox/arguments.ts'
import { kustomerId, sandbox, start } from './support.ts'

const ansi = '\u001b['

test('reads flags in every spelling and order', () => {
  const expected = {
    positionals: ['request', 'abc', '/v1/notes'],
    flags: { method: ['POST'], header: ['A: 1', 'B: 2=3'], data: ['{"a":"-b"}'], json: ['true'] },
  }
  const spellings = [
    [
      'request',
      'abc',
      '/v1/notes',
      '--method=POST',
      '--header=A: 1',
      '--header=B: 2=3',
      '--data={"a":"-b"}',
      '--json',
    ],
    ['request', '--json', '-X', 'POST', 'abc', '-H', 'A: 1', '-H', 'B: 2=3', '/v1/notes', '-d', '{"a":"-b"}'],
    [
      '--method',
      'POST',
      'request',
      '--header',
      'A: 1',
      'abc',
      '--header',
      'B: 2=3',
      '--json',
      '/v1/notes',
      '-d={"a":"-b"}',
    ],
  ]
  for (const argv of spellings) expect(readArguments(argv)).toEqual(expected)
  expect(readArguments(['x', '--data=a\nb', '--rawData', 'y'])).toEqual({
    positionals: ['x', 'y'],
    flags: { data: ['a\nb'], rawData: ['true'] },
  })
  expect(() => readArguments(['--input'])).toThrow(UsageError)
  expect(() => readArguments(['--input', '--json'])).toThrow(UsageError)
  expect(() => readArguments(['-Z'])).toThrow(UsageError)
})

test('wrong usage prints usage and exits 1', async () => {
  const { run } = await sandbox()
  const ends = await Promise.all(
    [[], ['--json'], ['merge'], ['connection'], ['action', 'list', '--nonsense=1'], ['act', '--id=1']].map(
      (argv) => run(argv),
    ),
  )
  for (const { stdout, stderr, exitCode } of ends) {
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/Usage: membrane <command>/)
  }
})

test('names a missing or wrong setting', async () => {
  expect(await start(['--version'], {})).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/MEMBRANE_SANDBOX_DIR/),
  })
  const { run } = await sandbox({}, start)
  const wrong: [string, string][] = [
    ['MEMBRANE_SANDBOX_DIALECT', 'ancient'],
    ['MEMBRANE_SANDBOX_START', 'READY'],
    ['MEMBRANE_SANDBOX_LIMITS', '{"budget":"many"}'],
    ['MEMBRANE_SANDBOX_FAULT', '{"status":418}'],
  ]
  const ends = await Promise.all(wrong.map(([name, value]) => run(['status'], { [name]: value })))
  expect(ends.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(
    wrong.map(([name]) => [1, expect.stringContaining(name)]),
  )
})

test.each(['old', 'new'] as const)('the %s dialect shows in help and version', async (dialect) => {
  const { run } = await sandbox({ MEMBRANE_SANDBOX_DIALECT: dialect })
  const help = async (topic: string) =>
    [topic, (await run([...topic.split(' ').filter(Boolean), '--help'])).stdout] as const
  const texts = Object.fromEntries(await Promise.all(helpTopics.map(help))) as HelpTexts
  expect(texts['']).toMatch(/simulation/i)
  expect(texts['']).toMatch(/no account, no network/i)
  expect(texts['']).toMatch(/does not simulate answers 501/)
  expect(texts['action list']).toMatch(/--intent/)
  const isNew = dialect === 'new'
  expect(readCapabilities((await run(['--version'])).stdout, texts)).toEqual({
    version: isNew ? '1.18.3' : '1.9.2',
    run: isNew ? 'act' : 'action run',
    proxy: isNew ? 'act' : 'request',
    act: isNew,
    actionGet: isNew,
    actionLimit: true,
    actionCursor: true,
    connectionEnsure: isNew,
    connectionWait: isNew,
    connectionCursor: isNew,
    loginStart: isNew,
    loginTenant: !isNew,
  })
})

test('the new dialect deprecates the old verbs', async () => {
  const { act, request, run } = await sandbox({ MEMBRANE_SANDBOX_DIALECT: 'new' })
  const ran = await act('list-users')
  expect(ran.json.output.status).toBe(200)
  expect(ran.stderr).toContain(`${ansi}33mDEPRECATED`)
  expect((await request('/v1/teams')).stderr).toContain('DEPRECATED')
  expect((await run(['connection', 'list', '--json'])).stderr).toBe('')
})

test('people get short text, programs pretty JSON', async () => {
  const { run } = await sandbox({}, start)
  const text = await run(['connection', 'list'])
  expect(text.stdout).toBe(
    `${kustomerId}  kustomer  Kustomer  READY\n66b0c0ffee0000000000a003  slack  Slack  READY\n`,
  )
  const { stdout, json } = await run(['connection', '--json', 'list'])
  expect(stdout).toBe(`${JSON.stringify(json, null, 2)}\n`)
  expect((await run(['search', 'kustomer', '--elementType=connector'])).stdout).toMatch(
    /^65a0c0ffee\w+ {2}kustomer/,
  )
})
