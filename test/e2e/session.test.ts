import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startByHand } from '../support/by-hand.ts'
import { connection, connectionId, keys, liveActions, otherTools } from '../support/samples.ts'
import { setup, temporaryFolder, until } from '../support/server.ts'

const usable = { connections: [connection], actions: liveActions }

test('the first start learns what the next one knows', async () => {
  const plan = { ...usable, dialect: 'new' as const }
  const first = await setup({ plan, cold: true })
  await until(async () => (await first.log()).includes('"event":"prefetched"'))
  const learned = (await first.calls()).map(({ argv }) => argv.join(' '))
  expect(learned.slice(0, 6).sort()).toEqual([
    '--help',
    '--version',
    'action --help',
    'action list --help',
    'connection --help',
    'login --help',
  ])
  expect(learned.slice(6)).toEqual([
    'connection list --json',
    `action list --connectionId=${connectionId} --limit=200 --json`,
  ])
  await first.client.close()

  const second = await setup({ plan, cold: true, stateDir: first.stateDir })
  expect(await second.call('list-notes')).toMatchObject({ isError: false })
  await until(async () => (await second.log()).includes('"event":"prefetched"'))
  expect((await second.calls()).map(({ argv }) => argv[0])).toEqual(['act'])
})

test('a CLI process gets no stdin and no secrets', async () => {
  const harness = await setup({
    plan: usable,
    env: {
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '--no-warnings',
      KUSTOMER_MCP_LOG_LEVEL: 'info',
      https_proxy: 'http://127.0.0.1:1',
      MEMBRANE_WORKSPACE_KEY: 'w',
    },
  })
  expect(await harness.call('list-notes')).toMatchObject({ isError: false })
  const [call] = await harness.calls()
  const { folder } = harness
  expect(call).toMatchObject({ stdin: 'closed', cwd: folder, home: folder })
  expect(call?.env).toEqual(
    expect.arrayContaining([
      'CI',
      'HOME',
      'MEMBRANE_WORKSPACE_KEY',
      'NO_COLOR',
      'PATH',
      'TERM',
      'https_proxy',
    ]),
  )
  expect(call?.env.filter((name) => /AWS|NODE_OPTIONS|KUSTOMER/.test(name))).toEqual([])
})

const program = async (source: string) => {
  const file = join(await temporaryFolder(), 'cli.mjs')
  await writeFile(file, source)
  return file
}
test.each([
  ['hangs', () => program('setInterval(() => {}, 1e9)')],
  ['prints garbage', () => program('console.log("\\u0000{{[[", Math.random())')],
  ['is not there', async () => '/nowhere/membrane'],
])('the tools are listed when the CLI %s', async (_, cli) => {
  const { client } = await setup({ args: ['--cli', await cli()] })
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual([...keys, ...otherTools])
})

test('stdout carries messages alone, whatever the CLI prints', async () => {
  const noise = { when: 'action run', stdout: 'Hi!\n\u001b[31m{"jsonrpc":"2.0"}\n', stderr: 'oh\n', exit: 1 }
  const { server, send, call, answered } = await startByHand({ ...usable, faults: [noise] })
  let output = ''
  server.stdout?.on('data', (chunk) => {
    output += chunk
  })
  expect(await call('list-notes')).toMatchObject({ isError: true })
  send({ id: 'list', method: 'tools/list' })
  await until(() => answered().includes('list'))
  const ended = once(server, 'exit')
  server.stdin?.end()
  await ended
  const lines = output.trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' })
})

test('messages that come all at once are answered in order', async () => {
  const { server, send, answered } = await startByHand(usable)
  server.stdin?.cork()
  for (const id of ['a', 'b', 'c']) send({ id, method: id === 'b' ? 'tools/list' : 'ping' })
  server.stdin?.uncork()
  await until(() => answered().includes('b'))
  expect(
    answered()
      .filter((id) => typeof id === 'string')
      .sort(),
  ).toEqual(['a', 'b', 'c'])
})

test('a server killed in a write leaves it pending for the next', async () => {
  const plan = { ...usable, faults: [{ when: 'action run', hang: true }] }
  const note = { conversation: 'a'.repeat(24), body: 'once' }
  const first = await startByHand(plan)
  first.send({ id: 'a', method: 'tools/call', params: { name: 'create-note', arguments: note } })
  await until(async () => (await first.records()).some(({ argv }) => argv?.[1] === 'run'))
  const exited = once(first.server, 'exit')
  first.server.kill('SIGKILL')
  await exited
  for (const { argv, pid } of await first.records()) if (argv?.[1] === 'run') process.kill(pid, 'SIGKILL')

  const second = await startByHand(usable, { stateDir: first.stateDir })
  const result = await second.call('create-note', note)
  expect(result).toMatchObject({ isError: true, text: expect.stringMatching(/^outcome-unknown: /) })
  expect((await second.records()).filter(({ argv }) => argv?.[1] === 'run')).toEqual([])
})

test('two servers on one state folder send a write once', async () => {
  const slow = { ...usable, faults: [{ when: 'action run', delayMs: 1500, standard: true }] }
  const stateDir = join(await temporaryFolder(), 'state')
  const servers = [await startByHand(slow, { stateDir }), await startByHand(slow, { stateDir })] as const
  const note = { conversation: 'a'.repeat(24), body: 'once' }
  const runs = async () =>
    (await Promise.all(servers.map(({ records }) => records())))
      .flat()
      .filter(({ argv }) => argv?.[1] === 'run')
  const first = servers[0].call('create-note', note)
  await until(async () => (await runs()).length > 0)
  const second = await servers[1].call('create-note', note)
  expect(second).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^outcome-unknown: Another server on this machine/),
  })
  expect(await first).toMatchObject({ isError: false })
  expect(await runs()).toHaveLength(1)
})

test('parallel writes run four at a time, in order', async () => {
  const faults = [{ when: 'action run', delayMs: 150, json: { output: {} } }]
  const harness = await setup({ plan: { ...usable, faults }, args: ['--max-concurrency', '4'] })
  const bodies = Array.from({ length: 20 }, (_, index) => `note ${index}`)
  const results = await Promise.all(
    bodies.map((body) => harness.call('create-note', { conversation: 'a'.repeat(24), body })),
  )
  expect(results.filter(({ isError }) => isError)).toEqual([])
  let [now, most] = [0, 0]
  const order: string[] = []
  for (const { argv, end } of await harness.records()) {
    now += argv ? 1 : end ? -1 : 0
    most = Math.max(most, now)
    const input = argv?.find((arg: string) => arg.startsWith('--input='))
    if (input) order.push(JSON.parse(input.slice(8)).body)
  }
  expect(most).toBe(4)
  expect([...order].sort()).toEqual([...bodies].sort())
  // Of the four that run, the system decides which records its start first.
  expect(order.filter((body, place) => Math.abs(bodies.indexOf(body) - place) > 4)).toEqual([])
})

test('a state folder that is a file costs only the cache', async () => {
  const file = join(await temporaryFolder(), 'a-file')
  await writeFile(file, '')
  const harness = await setup({ args: ['--cli', '/nowhere/membrane'], stateDir: file })
  expect((await harness.client.listTools()).tools).not.toEqual([])
  expect((await harness.call('list-notes')).text).toMatch(/^cli-not-found: .*\/nowhere\/membrane/)
})
