import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProcessRunner, type Program } from '../../src/membrane/process.ts'
import { temporaryFolder } from '../support/server.ts'

const { signal } = new AbortController()

/** What came of a program without its time. */
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

test('a program that cannot be started says why, whichever way node learns of it', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  await chmod(file, 0o644)
  expect(await ran({ command: join(file, 'below') })).toEqual({ ...nothing, code: 'ENOTDIR' })
  expect(await ran({ command: `${file}-not` })).toEqual({ ...nothing, code: 'ENOENT' })
  expect(await ran({ command: file })).toEqual({ ...nothing, code: 'EACCES' })
  expect(await ran({ cwd: `${file}-not` })).toEqual({ ...nothing, code: 'ENOENT' })
  expect(await ran({}, ['0', 'x'.repeat(4e6)])).toEqual({ ...nothing, code: 'E2BIG' })
  expect(await ran({}, ['a\0b'])).toEqual({ ...nothing, code: 'ERR_INVALID_ARG_VALUE' })
})

test('both streams are text, also where a character comes in two pieces', async () => {
  const script = `
    const bytes = Buffer.from('a\\u20acb')
    process.stdout.write(bytes.subarray(0, 2))
    setTimeout(() => process.stdout.write(bytes.subarray(2)), 50)
    process.stderr.write('\\u00e9')
    process.exitCode = 3`
  expect(await ran({}, [script])).toEqual({ ended: 'exit', exitCode: 3, stdout: 'a€b', stderr: 'é' })
})

test('the end by a signal is its name', async () => {
  const script = 'process.kill(process.pid, "SIGKILL")'
  expect(await ran({}, [script])).toEqual({ ended: 'signal', code: 'SIGKILL', stdout: '', stderr: '' })
})

test('what is beyond the limit of a stream ends the process, and the other stream is whole', async () => {
  const script = `
    process.stderr.write('note')
    const more = () => process.stdout.write('x'.repeat(1e6), more)
    more()`
  const { ended, stdout, stderr } = await ran({}, [script])
  expect([ended, stderr]).toEqual(['too-large', 'note'])
  expect(stdout.length).toBeLessThanOrEqual(32 * 1024 * 1024)
  expect(stdout.length).toBeGreaterThan(31 * 1024 * 1024)
})

test('a runner that was stopped starts nothing', async () => {
  const runner = createProcessRunner()
  await runner.stop()
  const program = { command: process.execPath, prefix: ['-e'], env: {}, cwd: await temporaryFolder() }
  await expect(runner.run(program, ['0'], signal)).rejects.toMatchObject({
    reason: 'cancelled',
    message: expect.stringContaining('Nothing was sent'),
  })
})
