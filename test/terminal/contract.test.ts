import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { cases } from '../sandbox/support.ts'
import { connection, liveActions, secrets } from '../support/samples.ts'
import { faultyCli, type Json } from '../support/server.ts'
import { home, keys, run, terminal } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 90_000 })

test('the sandbox is as assumed, in the older dialect', async () => {
  const { env } = await home()
  const { code, stdout, stderr } = await run(['doctor', '--contract', '--sandbox'], env)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^ok {4}read-list-customers: `list-customers` answers with records\n {6}1$/m)
  const measured = process.platform === 'linux' ? /\d+ ms of CPU, \d+ MB$/m : /not measured on this system$/m
  expect(stdout).toMatch(measured)
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
    /^Fine\. \d+ of \d+ assumptions hold, \d+ could not be tried\.$/,
  )
})

test('the sandbox is as assumed, in the newer dialect, as JSON', async () => {
  const { env } = await home()
  const dialect = { ...env, MEMBRANE_SANDBOX_DIALECT: 'new' }
  const { code, stdout } = await run(['doctor', '--contract', '--sandbox', '--json'], dialect)
  const { contract, verdict } = JSON.parse(stdout)
  expect({ code, verdict }).toEqual({ code: 0, verdict: 'fine' })
  expect(Object.keys(contract[0])).toEqual(['id', 'assumed', 'seen', 'verdict'])
})

test('a record that cannot be kept does not lose the result', async () => {
  const { env, folder } = await home()
  // The name of the file that is written first, and then renamed, is too long.
  const file = join(folder, 'x'.repeat(250))
  const args = ['doctor', '--contract', '--sandbox', '--json', '--yes', '--record', file]
  const { code, stdout, stderr } = await run(args, env)
  expect({ code, verdict: JSON.parse(stdout).verdict }).toEqual({ code: 1, verdict: 'fine' })
  expect(stderr).toContain('ENAMETOOLONG')
})

test('what would fail with the fault-injecting CLI is named', async () => {
  const { env, folder } = await home()
  const plan = join(folder, 'plan.json')
  const faults = [{ when: 'action run', exit: 1, stderr: `Authorization: Bearer ${secrets[0]}\n` }]
  await writeFile(plan, JSON.stringify({ connections: [connection], actions: liveActions, faults }))
  const planned = { ...env, MEMBRANE_PLAN: plan }
  const { code, stdout, stderr } = await run(['doctor', '--contract', '--cli', faultyCli], planned)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^kustomer-mcp: Would fail: .*read-list-customers/)
  expect(stdout).toMatch(/^fail {2}read-list-customers: .*\n {6}fails with `upstream-error`, exit code 1$/m)
  expect(stdout).not.toContain(secrets[0])
})

test('at a terminal, a note and a record are made after a yes alone', async () => {
  const { env, folder } = await home()
  const file = join(folder, 'contract.json')
  const args = ['--contract=writes', '--sandbox', '--record', file]
  const { see, type, end } = terminal(['doctor', ...args], env)
  await see(/busy: .*\n/)
  await see(/Which conversation may get a note/)
  type(`${cases.openConversation}${keys.enter}`)
  await see(/Put an internal note on the conversation 6aff0158c0f0000004000001, and delete it again\?/)
  type(keys.enter)
  await see(/ok {4}note-absent: .*\n {6}nothing is left/)
  await see(/"transcript": 1/)
  await see(/Keep this in .*contract\.json\?/)
  type(keys.enter)
  expect(await end()).toBe(0)
  const { calls } = JSON.parse(await readFile(file, 'utf8'))
  expect(calls.some(({ argv }: Json) => argv.includes('--method=DELETE'))).toBe(true)
  expect(JSON.stringify(calls)).not.toContain(cases.openConversation)
})

test('at a terminal, no means that nothing is written or kept', async () => {
  const { env, folder } = await home()
  const file = join(folder, 'contract.json')
  const args = ['--contract=writes', '--sandbox', '--record', file]
  const { see, type, end } = terminal(['doctor', ...args, '--conversation', cases.openConversation], env)
  await see(/Put an internal note on the conversation/)
  type(`n`)
  await see(/Keep this in .*contract\.json\?/)
  type('n')
  expect(await end()).toBe(0)
  expect(existsSync(file)).toBe(false)
  const data = join(folder, '.local', 'share', 'kustomer-mcp', 'sandbox', 'organisation.json')
  expect(existsSync(data)).toBe(false)
})

test.each<[string[], RegExp]>([
  [['--contract=writes'], /name it with --conversation <id>, and add --yes/],
  [['--contract=writes', '--yes'], /name it with --conversation/],
  [['--contract=writes', '--conversation', 'x', '--json'], /add --yes/],
  [['--contract=writes', '--conversation', '../x', '--yes'], /--conversation takes the id/],
  [['--contract=writes', '--conversation', 'x', '--yes', '--read-only'], /--read-only forbids it/],
  [['--contract', '--record', 'x.json'], /shows the transcript at a terminal before it is kept/],
  [['--contract', '--record', '.', '--yes'], /--record \. is a folder\. Name a file\./],
  [['--contract', '--record', '/nowhere/x.json', '--yes'], /cannot be written \(ENOENT\)/],
  [['--contract=all'], /Allowed choices are writes/],
  [['--record', 'x.json', '--yes'], /--record goes with --contract/],
])('%j is wrong usage, and nothing is run', async (args, message) => {
  const { env } = await home()
  const { code, stdout, stderr } = await run(['doctor', '--sandbox', ...args], env)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.replace(/\s+/g, ' ')).toMatch(message)
})
