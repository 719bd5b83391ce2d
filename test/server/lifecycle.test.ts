import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createProcessRunner } from '../../src/membrane/process.ts'
import {
  faultyCli,
  type Harness,
  isAlive,
  mainJs,
  type Plan,
  setup,
  teach,
  temporaryFolder,
  until,
  warm,
} from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'

/** A CLI that ignores SIGTERM and has started a process of its own that does the same. */
const stubborn: Plan = {
  connections: [connection],
  actions: liveActions,
  faults: [{ when: 'action run', hang: true, deaf: true, child: true }],
}

interface Raw {
  server: ReturnType<typeof spawn>
  send(message: object): void
  pids(): Promise<number[]>
  output(): string
}

/** The server by hand, without a client that would tidy up after it. */
async function startRaw(): Promise<Raw> {
  const folder = await temporaryFolder()
  const [plan, record] = [join(folder, 'plan.json'), join(folder, 'record.jsonl')]
  await writeFile(plan, JSON.stringify(stubborn))
  await teach(folder, { plan: stubborn })
  const server = spawn(
    process.execPath,
    [mainJs, '--cli', faultyCli, '--state-dir', folder, '--log-level', 'silent'],
    {
      env: { PATH: process.env['PATH'], HOME: folder, MEMBRANE_PLAN: plan, MEMBRANE_RECORD: record },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  let output = ''
  server.stdout?.on('data', (chunk) => {
    output += chunk
  })
  const send = (message: object) => server.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const pids = async () => {
    const content = await readFile(record, 'utf8').catch(() => '')
    const entries = content
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    return entries.flatMap(
      ({ argv, pid, child }) => (child ?? (argv?.[1] === 'run' ? pid : [])) as number | [],
    )
  }
  const clientInfo = { name: 'raw', version: '1' }
  send({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
  })
  send({ method: 'notifications/initialized' })
  for (const id of [2, 3, 4]) send({ id, method: 'tools/call', params: { name: 'list-notes' } })
  await until(async () => (await pids()).length >= 4)
  return { server, send, pids, output: () => output }
}

describe('nothing is left running, not even what ignores SIGTERM or waits in the queue', () => {
  test.each<[string, (raw: Raw) => void]>([
    ['stdin ends', ({ server }) => server.stdin?.end()],
    ['SIGTERM', ({ server }) => server.kill('SIGTERM')],
    ['SIGINT', ({ server }) => server.kill('SIGINT')],
    ['the host closes every pipe', ({ server }) => void [server.stdin?.destroy(), server.stdout?.destroy()]],
  ])('after %s', async (_, end) => {
    const raw = await startRaw()
    const exited = once(raw.server, 'exit')
    end(raw)
    expect(await exited).toEqual([0, null])
    const pids = await raw.pids()
    await until(() => !pids.some(isAlive), 5000)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await raw.pids()).filter(isAlive)).toEqual([])
  })

  test('after the host has crashed', async () => {
    const folder = await temporaryFolder()
    const [plan, record] = [join(folder, 'plan.json'), join(folder, 'record.jsonl')]
    await writeFile(plan, JSON.stringify(stubborn))
    await teach(folder, { plan: stubborn })
    // The host holds the only writing end of the server's stdin; killed outright, it can tidy up nothing.
    const call = JSON.stringify({
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { name: 'list-notes' },
    })
    const hostSource = `
      const { spawn } = require('node:child_process')
      const server = spawn(process.execPath, ${JSON.stringify([mainJs, '--cli', faultyCli, '--state-dir', folder, '--log-level', 'silent'])}, { stdio: ['pipe', 'ignore', 'ignore'] })
      server.stdin.write(${JSON.stringify(`${call}\n`)})
      console.log(server.pid)
      setInterval(() => {}, 1e9)`
    const host = spawn(process.execPath, ['-e', hostSource], {
      env: { PATH: process.env['PATH'], HOME: folder, MEMBRANE_PLAN: plan, MEMBRANE_RECORD: record },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [chunk] = await once(host.stdout, 'data')
    const serverPid = Number(String(chunk))
    const children = async () => {
      const lines = (await readFile(record, 'utf8').catch(() => '')).split('\n').filter(Boolean)
      return lines
        .map((line) => JSON.parse(line))
        .flatMap(({ argv, pid, child }) => child ?? (argv?.[1] === 'run' ? pid : []))
    }
    await until(async () => (await children()).length >= 2)
    host.kill('SIGKILL')
    await until(() => !isAlive(serverPid), 5000)
    const pids = await children()
    await until(() => !pids.some(isAlive), 5000)
  })
})

test('a call that the host cancels ends its process and what that started, and no late answer comes', async () => {
  const harness = await setup({ plan: stubborn })
  const controller = new AbortController()
  const cancelled = harness.call('list-notes', {}, { signal: controller.signal })
  const pids = async () =>
    (await harness.records()).flatMap(({ argv, pid, child }) => child ?? (argv?.[1] === 'run' ? pid : []))
  await until(async () => (await pids()).length >= 2)
  controller.abort('enough')
  await expect(cancelled).rejects.toThrow()
  const started = await pids()
  await until(() => !started.some(isAlive), 5000)
  expect((await harness.call('connection-status')).isError).toBe(false)
  expect(harness.protocolErrors).toEqual([])
})

test('what a process leaves running when it ends well is ended too', async () => {
  const program = { command: '/bin/sh', prefix: ['-c'], env: { PATH: '/usr/bin:/bin' }, cwd: '/' }
  const left = 'sleep 60 >/dev/null 2>&1 & echo $!'
  const { ended, exitCode, stdout } = await createProcessRunner().run(
    program,
    [left],
    new AbortController().signal,
  )
  expect([ended, exitCode]).toEqual(['exit', 0])
  expect(Number(stdout)).toBeGreaterThan(1)
  await until(() => !isAlive(Number(stdout)), 5000)
})

test('a call past its deadline ends its process and what that started', async () => {
  const harness = await setup({ plan: stubborn, args: ['--timeout-ms', '1000'] })
  expect((await harness.call('list-notes')).text).toMatch(/^timeout: /)
  const pids = (await harness.records()).flatMap(
    ({ argv, pid, child }) => child ?? (argv?.[1] === 'run' ? pid : []),
  )
  expect(pids).toHaveLength(2)
  await until(() => !pids.some(isAlive), 5000)
})

test('40 parallel writes at concurrency 4: 40 answers, 40 processes, never more than 4 at once, first come first served', async () => {
  // Long enough for four to be under way, however slow the machine is to start one.
  const faults = [{ when: 'action run', delayMs: 400, json: { output: {} } }]
  const plan = { connections: [connection], actions: liveActions, faults }
  const harness = await setup({ plan, args: ['--max-concurrency', '4'] })
  const bodies = Array.from({ length: 40 }, (_, index) => `note ${index}`)
  const before = (await harness.records()).length
  const answers = await Promise.all(
    bodies.map((body) => harness.call('create-note', { conversation: 'a', body })),
  )
  expect(answers.filter(({ isError }) => !isError)).toHaveLength(40)
  let [now, most] = [0, 0]
  for (const { argv, end } of (await harness.records()).slice(before)) {
    now += argv ? 1 : end ? -1 : 0
    most = Math.max(most, now)
  }
  expect(most).toBe(4)
  const order = await startOrder(harness, before)
  expect([...order].sort()).toEqual([...bodies].sort())
  // Of the four that run, the system decides which writes its line first.
  const displaced = order.filter((body, position) => Math.abs(bodies.indexOf(body) - position) > 4)
  expect(displaced).toEqual([])
})

async function startOrder(harness: Harness, from: number): Promise<string[]> {
  const entries = (await harness.records()).slice(from).filter(({ argv }) => argv)
  return entries.map(
    ({ argv }) => JSON.parse(argv.find((arg: string) => arg.startsWith('--input=')).slice(8)).body,
  )
}

test('stdout carries MCP and nothing else, whatever the CLI prints', async () => {
  const raw = await startRaw()
  raw.send({ id: 9, method: 'tools/list' })
  await until(() => raw.output().includes('"id":9'))
  raw.server.stdin?.end()
  await once(raw.server, 'exit')
  const lines = raw.output().trimEnd().split('\n')
  expect(lines.length).toBeGreaterThanOrEqual(2)
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' })
})
