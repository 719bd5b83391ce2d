import { spawn } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProcessRunner, type Program } from '../../src/membrane/process.ts'
import { descendantsInProc, descendantsInTable } from '../../src/membrane/process-tree.ts'
import { isAlive, temporaryFolder, until } from '../support/server.ts'

const { signal } = new AbortController()

/** The result of a program without its time. */
async function ran(program: Partial<Program>, args: readonly string[] = []) {
  const { run } = createProcessRunner()
  const whole = {
    command: process.execPath,
    prefix: ['-e'],
    env: {},
    cwd: await temporaryFolder(),
    ...program,
  }
  const { milliseconds, ...result } = await run(whole, args, signal)
  expect(milliseconds).toBeGreaterThanOrEqual(0)
  return result
}

const nothing = { ended: 'not-started', stdout: '', stderr: '' }

test('reports why a program could not be started', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  await chmod(file, 0o644)
  expect(await ran({ command: join(file, 'below') })).toEqual({ ...nothing, code: 'ENOTDIR' })
  expect(await ran({ command: `${file}-not` })).toEqual({ ...nothing, code: 'ENOENT', missing: 'program' })
  expect(await ran({ command: file })).toEqual({ ...nothing, code: 'EACCES' })
  expect(await ran({ cwd: `${file}-not` })).toEqual({ ...nothing, code: 'ENOENT', missing: 'folder' })
  expect(await ran({}, ['0', 'x'.repeat(4e6)])).toEqual({ ...nothing, code: 'E2BIG' })
  expect(await ran({}, ['a\0b'])).toEqual({ ...nothing, code: 'ERR_INVALID_ARG_VALUE' })
})

test('decodes UTF-8 across chunks', async () => {
  const script = `
    const bytes = Buffer.from('a\\u20acb')
    process.stdout.write(bytes.subarray(0, 2))
    setTimeout(() => process.stdout.write(bytes.subarray(2)), 50)
    process.stderr.write('\\u00e9')
    process.exitCode = 3`
  expect(await ran({}, [script])).toEqual({ ended: 'exit', exitCode: 3, stdout: 'a€b', stderr: 'é' })
})

test('reports the signal name', async () => {
  const script = 'process.kill(process.pid, "SIGKILL")'
  expect(await ran({}, [script])).toEqual({ ended: 'signal', code: 'SIGKILL', stdout: '', stderr: '' })
})

test('ends a process that prints too much', async () => {
  const script = `
    process.stderr.write('note')
    const more = () => process.stdout.write('x'.repeat(1e6), more)
    more()`
  const { ended, stdout, stderr } = await ran({}, [script])
  expect([ended, stderr]).toEqual(['too-large', 'note'])
  expect(stdout.length).toBeLessThanOrEqual(32 * 1024 * 1024)
  expect(stdout.length).toBeGreaterThan(31 * 1024 * 1024)
})

test('starts nothing after stop', async () => {
  const runner = createProcessRunner()
  await runner.stop()
  const program = { command: process.execPath, prefix: ['-e'], env: {}, cwd: await temporaryFolder() }
  await expect(runner.run(program, ['0'], signal)).rejects.toMatchObject({
    reason: 'cancelled',
    message: expect.stringContaining('Nothing was sent'),
  })
})

test.skipIf(process.platform === 'win32')('ends descendants that left the process group', async () => {
  const folder = await temporaryFolder()
  const grandchild = 'setInterval(() => {}, 1e9)'
  const script = `
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { detached: true, stdio: 'ignore' })
    require('node:fs').writeFileSync('pid', String(child.pid))
    setInterval(() => {}, 1e9)`
  const { run } = createProcessRunner()
  const controller = new AbortController()
  const program = { command: process.execPath, prefix: ['-e'], env: {}, cwd: folder }
  const running = run(program, [script], controller.signal)
  const pidFile = join(folder, 'pid')
  await until(async () => (await readFile(pidFile, 'utf8').catch(() => '')) !== '')
  const pid = Number(await readFile(pidFile, 'utf8'))
  controller.abort()
  expect((await running).ended).toBe('cancelled')
  await until(() => !isAlive(pid))
})

test('finds descendants in the output of ps', () => {
  const table = '    1     0\n   10     1\n   11    10\n   12    11\n   20     1\n\n'
  expect(descendantsInTable(table, 10)).toEqual([11, 12])
  expect(descendantsInTable(table, 20)).toEqual([])
  expect(descendantsInTable('', 20)).toEqual([])
})

test.skipIf(process.platform !== 'linux')('finds descendants in /proc', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' })
  try {
    expect(await descendantsInProc(process.pid)).toContain(child.pid)
    await expect(descendantsInProc(2 ** 30)).rejects.toMatchObject({ code: 'ENOENT' })
  } finally {
    child.kill('SIGKILL')
  }
})
