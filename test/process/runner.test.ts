import { existsSync } from 'node:fs'
import { chmod, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProcessRunner, type Program } from '../../src/membrane/process.ts'
import { temporaryFolder } from '../support/harness.ts'
import { isAlive, until } from '../support/server.ts'

const { signal } = new AbortController()

/** A node program given as its source. */
async function nodeProgram(program: Partial<Program> = {}): Promise<Program> {
  return { command: process.execPath, prefix: ['-e'], env: {}, cwd: await temporaryFolder(), ...program }
}

/** What came of a program, without its time. */
async function run(args: readonly string[], program: Partial<Program> = {}, runner = createProcessRunner()) {
  const { milliseconds, ...result } = await runner.run(await nodeProgram(program), args, signal)
  expect(milliseconds).toBeGreaterThanOrEqual(0)
  return result
}

const nothing = { ended: 'not-started', stdout: '', stderr: '' }

test.each<[object, (file: string) => [Partial<Program>, string[]]]>([
  [{ code: 'ENOENT', missing: 'program' }, (file) => [{ command: `${file}-not` }, []]],
  [{ code: 'ENOENT', missing: 'folder' }, (file) => [{ cwd: `${file}-not` }, ['0']]],
  [{ code: 'ENOTDIR' }, (file) => [{ command: join(file, 'below') }, []]],
  [{ code: 'EACCES' }, (file) => [{ command: file }, []]],
  [{ code: 'E2BIG' }, () => [{}, ['0', 'x'.repeat(4e6)]]],
  [{ code: 'ERR_INVALID_ARG_VALUE' }, () => [{}, ['a\0b']]],
])('a program that cannot start gives %j', async (why, make) => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  await chmod(file, 0o644)
  const [program, args] = make(file)
  expect(await run(args, program)).toEqual({ ...nothing, ...why })
})

test('arguments reach the program unchanged', async () => {
  const args = [
    '',
    'a b',
    '"quoted"',
    "it's",
    '$(id) `id` $HOME',
    'line\nbreak',
    '--json',
    '*',
    '\\',
    'zażółć 🙂',
  ]
  const { stdout } = await run(['console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args])
  expect(JSON.parse(stdout)).toEqual(args)
})

test('the program gets its environment and folder alone', async () => {
  const cwd = await temporaryFolder()
  const env = { ONLY: 'this' }
  const source = 'console.log(JSON.stringify([process.env, process.cwd()]))'
  const { stdout } = await run([source], { env, cwd })
  expect(JSON.parse(stdout)).toEqual([env, cwd])
})

test('stdin is closed', async () => {
  const source = 'process.stdin.on("end", () => console.log("ended")).resume()'
  expect(await run([source])).toMatchObject({ ended: 'exit', stdout: 'ended\n' })
})

test('a character in two pieces is read whole', async () => {
  const source = `
    const bytes = Buffer.from('a\\u20acb')
    process.stdout.write(bytes.subarray(0, 2))
    setTimeout(() => process.stdout.write(bytes.subarray(2)), 50)
    process.stderr.write('\\u00e9')
    process.exitCode = 3`
  expect(await run([source])).toEqual({ ended: 'exit', exitCode: 3, stdout: 'a€b', stderr: 'é' })
})

test('bytes that are no text are replaced', async () => {
  const source = 'process.stdout.write(Buffer.from([0x61, 0xff, 0x62]))'
  expect((await run([source])).stdout).toBe('a\ufffdb')
})

test('megabytes on both streams are read whole', async () => {
  const source = `
    process.stdout.write('o'.repeat(8e6))
    process.stderr.write('e'.repeat(3e6))`
  const { stdout, stderr } = await run([source])
  expect([stdout.length, stderr.length]).toEqual([8e6, 3e6])
})

test('processes side by side keep their output apart', async () => {
  const runner = createProcessRunner()
  const numbers = Array.from({ length: 8 }, (_, index) => `${index}`)
  const results = await Promise.all(numbers.map((number) => run([`console.log(${number})`], {}, runner)))
  expect(results.map(({ stdout }) => stdout.trim())).toEqual(numbers)
})

test('the end by a signal is its name', async () => {
  const source = 'process.kill(process.pid, "SIGKILL")'
  expect(await run([source])).toEqual({ ended: 'signal', code: 'SIGKILL', stdout: '', stderr: '' })
})

test.each(['stdout', 'stderr'])('%s beyond 32 MiB ends the process', async (stream) => {
  const other = stream === 'stdout' ? 'stderr' : 'stdout'
  const source = `
    process.${other}.write('note')
    const more = () => process.${stream}.write('x'.repeat(1e6), more)
    more()`
  const result = await run([source])
  expect([result.ended, result[other]]).toEqual(['too-large', 'note'])
  const { length } = result[stream as 'stdout']
  expect(length).toBeLessThanOrEqual(32 * 1024 * 1024)
  expect(length).toBeGreaterThan(31 * 1024 * 1024)
})

test('a child that is left behind is ended', async () => {
  const program = { command: '/bin/sh', prefix: ['-c'], env: { PATH: '/usr/bin:/bin' } }
  const { ended, exitCode, stdout } = await run(['sleep 60 >/dev/null 2>&1 & echo $!'], program)
  expect([ended, exitCode]).toEqual(['exit', 0])
  expect(Number(stdout)).toBeGreaterThan(1)
  await until(() => !isAlive(Number(stdout)))
})

test('a stopped runner starts nothing', async () => {
  const runner = createProcessRunner()
  await runner.stop()
  await expect(run(['0'], {}, runner)).rejects.toMatchObject({
    reason: 'cancelled',
    message: expect.stringContaining('Nothing was sent'),
  })
})

test('an aborted signal starts nothing', async () => {
  const file = join(await temporaryFolder(), 'ran')
  const source = `require('node:fs').writeFileSync(${JSON.stringify(file)}, '')`
  const runner = createProcessRunner()
  const aborted = AbortSignal.abort(new Error('enough'))
  await expect(runner.run(await nodeProgram(), [source], aborted)).rejects.toThrow('enough')
  await runner.stop()
  expect(existsSync(file)).toBe(false)
})

test('output written just before the exit is kept', async () => {
  const source = "require('node:fs').writeSync(1, 'last words'); process.exit(4)"
  expect(await run([source])).toMatchObject({ exitCode: 4, stdout: 'last words' })
})

test.skipIf(!existsSync('/proc/self/fd'))('an open file of ours is not inherited', async () => {
  const source = "console.log(require('node:fs').readdirSync('/proc/self/fd').length)"
  const before = await run([source])
  const handle = await open(join(await temporaryFolder(), 'file'), 'w')
  const after = await run([source])
  await handle.close()
  expect(after).toEqual(before)
})
