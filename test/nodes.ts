/**
 * Tries the program on each supported Node, and on two that are too old: version and help, listing, calls on the sandbox, a refusal, the demo, and
 * the core of the suite, which the Node that runs this has had from `npm test`. Nodes come from npm's `node` package.
 * Prints a line for each and exits 1 when one failed. `npm run nodes [version …]`.
 */
import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { firstSteps } from './packages/first-steps.ts'

const root = join(import.meta.dirname, '..')
const main = join(root, 'dist', 'main.js')
const given = process.argv.slice(2)
const versions = given.length > 0 ? given : ['14', '18', '20', '22', '24', '26']

/** The test files that differ most from one Node to the next: processes, pipes, signals, terminals, files, sockets. */
const core = [
  ...['process/runner', 'process/kill', 'e2e/session', 'e2e/shutdown', 'e2e/logging'],
  ...['server/elicitation', 'server/sandbox', 'server/tools-list', 'dispatch/audit'],
  ...['terminal/call', 'process/locate', 'http/requests', 'http/ending'],
]

/** Returns how many tests of the core passed. Rejects, with the names of those that did not, when one failed. */
async function runCore(node: string): Promise<number> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const config = join(root, 'test', 'vitest.config.ts')
  const args = [vitest, 'run', '--config', config, '--reporter', 'json', ...core]
  const { stdout, stderr } = await execa(node, args, { cwd: root, reject: false })
  const { success, numPassedTests, testResults } = JSON.parse(stdout) as Report
  if (success) return numPassedTests
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  )
  throw new Error(
    [...failed.flatMap(({ fullName, failureMessages }) => [fullName, ...failureMessages]), stderr].join('\n'),
  )
}

/** What vitest's JSON reporter prints, as far as it is read here. */
interface Report {
  success: boolean
  numPassedTests: number
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[]
}

async function check(version: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `kustomer-mcp-node-${version}-`))
  try {
    const where = await execa(
      'npx',
      ['-y', '-p', `node@${version}`, '--', 'node', '-p', 'process.execPath'],
      { cwd: folder },
    )
    const node = where.stdout.trim()
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      KUSTOMER_MCP_STATE_DIR: join(folder, 'state'),
    }
    const run = (...args: string[]) => execa(node, [main, ...args], { env, extendEnv: false, reject: false })
    const { stdout } = await execa(node, ['--version'])
    assert.equal(stdout.split('.')[0], `v${version}`)
    if (Number(version) < 20) {
      const { exitCode, stderr } = await run('--version')
      assert.equal(exitCode, 1)
      assert.match(stderr, /^kustomer-mcp needs Node 20\.19 or newer; this is Node \d/)
      return `${stdout}, told which version is needed`
    }
    assert.equal((await run('--help')).exitCode, 0)
    const tools = await firstSteps({ command: node, args: [main, '--sandbox'], cwd: folder, env })
    const listed = JSON.parse((await run('tools', '--json')).stdout)
    assert.equal(listed.length, tools)
    const call = await run('call', 'list-customers', '{"pageSize":2}', '--sandbox', '--json')
    assert.equal(JSON.parse(call.stdout).data.length, 2)
    assert.equal(call.stderr, '')
    const wrong = await run('call', 'list-customers', '{"pageSize":', '--sandbox')
    assert.equal(wrong.exitCode, 2)
    assert.match(wrong.stderr, /not JSON: line 1, column 13/)
    const demo = await execa(node, ['--import', 'tsx', join(root, 'test', 'demo', 'morning.ts')], {
      cwd: root,
    })
    assert.match(demo.stdout, /All \d+ steps passed/)
    const isOurs = process.version.startsWith(`v${version}.`)
    const tests = isOurs ? 'the suite is for `npm test`' : `${await runCore(node)} tests of the core passed`
    return `${stdout}, ${tools} tools, demo passed, ${tests}`
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

let failures = 0
for (const version of versions) {
  const outcome = await check(version).then(
    (found) => `ok    Node ${version}: ${found}`,
    (error: Error) => {
      failures++
      return `FAIL  Node ${version}: ${error.message}`
    },
  )
  console.log(outcome)
}
process.exitCode = failures > 0 ? 1 : 0
