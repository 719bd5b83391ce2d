import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ToolError } from '../../src/errors.ts'
import { createProcessRunner, type ProcessResult } from '../../src/membrane/process.ts'
import { spawnDetached } from '../../src/membrane/side-process.ts'
import { temporaryFolder } from '../support/harness.ts'
import { isAlive, until } from '../support/server.ts'

/** Writes the ids of itself and of what it starts into a file, and then does as told. */
const preamble = `
  const { spawn } = require('node:child_process')
  const { appendFileSync } = require('node:fs')
  const note = (pid) => appendFileSync(process.env.PIDS, pid + '\\n')
  const start = (source, options) =>
    spawn(process.execPath, ['-e', source], { stdio: 'inherit', ...options })
  const forever = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1e9)"
`
const hangs = 'note(process.pid); setInterval(() => {}, 1e9)'
const deaf = `process.on('SIGTERM', () => {}); ${hangs}`
const withChild = `note(start(forever).pid); ${deaf}`
const hold = "start('setTimeout(() => {}, 60000)', { detached: true })"
/** A process in a session of its own that holds the same stdout. */
const session = `const held = ${hold}; held.unref(); note(held.pid);`
/** The same, whose parent has ended: nothing tells that it is ours. */
const orphan = `require('node:child_process').spawnSync(process.execPath, ['-e', process.env.PREAMBLE + ${JSON.stringify(session)}], { stdio: 'inherit' });`

/** Starts a program and resolves once it and what it starts have written their ids. */
async function begin(source: string, count: number, runner = createProcessRunner()) {
  const folder = await temporaryFolder()
  const file = join(folder, 'pids')
  const controller = new AbortController()
  const program = {
    command: process.execPath,
    prefix: ['-e'],
    env: { PIDS: file, PREAMBLE: preamble },
    cwd: folder,
  }
  const ended = runner.run(program, [preamble + source], controller.signal)
  const pids = async () =>
    existsSync(file) ? (await readFile(file, 'utf8')).trim().split('\n').map(Number) : []
  onTestFinished(async () => {
    for (const pid of await pids()) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  await until(async () => (await pids()).length >= count)
  return { ended, pids: await pids(), abort: (reason?: Error) => controller.abort(reason) }
}

const noneAlive = (pids: number[]) => until(() => !pids.some(isAlive))
const endOf = ({ ended }: ProcessResult) => ended

describe('an abort ends', () => {
  test.each([
    ['a process that hangs', hangs, 1],
    ['a process that ignores SIGTERM', deaf, 1],
    ['a process and its child, both deaf', withChild, 2],
    ['a process and a session that it began', `${session} ${hangs}`, 2],
  ])('%s', async (_, source, count) => {
    const { ended, pids, abort } = await begin(source, count)
    abort(new Error('enough'))
    expect(endOf(await ended)).toBe('cancelled')
    await noneAlive(pids)
  })
})

test('an abort by a deadline is a timeout', async () => {
  const { ended, abort } = await begin(hangs, 1)
  abort(new ToolError('timeout', 'The deadline came.'))
  expect(endOf(await ended)).toBe('timeout')
})

test('a process that ends well in spite of the abort has ended well', async () => {
  const source =
    "process.on('SIGTERM', () => { console.log('done'); process.exit(0) }); note(process.pid); setInterval(() => {}, 1e9)"
  const { ended, abort } = await begin(source, 1)
  abort()
  expect(await ended).toMatchObject({ ended: 'exit', exitCode: 0, stdout: 'done\n' })
})

test('what was printed before the abort is kept', async () => {
  const { ended, abort } = await begin(`require('node:fs').writeSync(1, 'half'); ${hangs}`, 1)
  abort()
  expect(await ended).toMatchObject({ ended: 'cancelled', stdout: 'half' })
})

describe('an orphan that holds stdout keeps nothing waiting', () => {
  test('when the process ends well', async () => {
    const { ended, pids } = await begin(`${orphan} require('node:fs').writeSync(1, 'answer')`, 1)
    expect(await ended).toMatchObject({ ended: 'exit', exitCode: 0, stdout: 'answer' })
    expect(pids.map(isAlive)).toEqual([true])
  })

  test('when the process is aborted', async () => {
    const { ended, pids, abort } = await begin(`${orphan} ${deaf}`, 2)
    abort()
    expect(endOf(await ended)).toBe('cancelled')
    expect(pids.map(isAlive)).toEqual([true, false])
  })

  test('when the runner stops', async () => {
    const runner = createProcessRunner()
    const { ended, pids } = await begin(`${orphan} ${deaf}`, 2, runner)
    await runner.stop()
    expect(endOf(await ended)).toBe('cancelled')
    expect(pids.map(isAlive)).toEqual([true, false])
  })
})

test('stop ends every process and its children', async () => {
  const runner = createProcessRunner()
  const started = [await begin(hangs, 1, runner), await begin(withChild, 2, runner)]
  await runner.stop()
  expect((await Promise.all(started.map(({ ended }) => ended))).map(endOf)).toEqual([
    'cancelled',
    'cancelled',
  ])
  await noneAlive(started.flatMap(({ pids }) => pids))
})

test('a detached program outlives the runner', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'pids')
  const program = { command: process.execPath, prefix: ['-e'], env: { PIDS: file }, cwd: folder }
  expect(await spawnDetached(program, [`${preamble} ${hangs}`])).toBe(true)
  await until(() => existsSync(file))
  const pid = Number(await readFile(file, 'utf8'))
  expect(isAlive(pid)).toBe(true)
  process.kill(pid, 'SIGKILL')
})

test('a detached program that cannot start is reported', async () => {
  const program = { command: '/nowhere/program', prefix: [], env: {}, cwd: '/' }
  expect(await spawnDetached(program, [])).toBe(false)
})
