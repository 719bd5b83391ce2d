import { execFile, spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Json, temporaryFolder } from './support/harness.ts'
import { scriptedModel } from './support/scripted-model.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
// Below the project, so that the programs find its packages.
const folder = join(root, 'node_modules', '.cache', `runtimes-${process.pid}`)
const page = await readFile(join(root, 'docs', 'runtimes.md'), 'utf8')
const python = process.env['PYTHON'] ?? 'python3'
const pythonCan = (code: string) => spawnSync(python, ['-c', code]).status === 0

/** The program of a section, for this copy of the server. */
const programOf = (title: string) =>
  (page.split(`## ${title}\n`)[1]?.split(/```\w*\n/)[1] ?? '').replace('/path/to/kustomer-mcp', root)

const typescript = { 'Anthropic, TypeScript': 'anthropic.mts', 'OpenAI, TypeScript': 'openai.mts' }
const pythonic = { 'Anthropic, Python': 'with_anthropic.py', 'OpenAI, Python': 'with_openai.py' }
const programs = Object.entries({ ...typescript, ...pythonic }).map(([title, name]) => ({
  title,
  file: join(folder, name),
}))

beforeAll(async () => {
  await mkdir(folder, { recursive: true })
  for (const { title, file } of programs) await writeFile(file, programOf(title))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the TypeScript programs have no type error', async () => {
  const config = {
    extends: join(root, 'tsconfig.json'),
    // Of the project's own settings; most readers have `strict` alone.
    compilerOptions: { exactOptionalPropertyTypes: false },
    files: Object.values(typescript),
    include: [],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((error) => error)
  expect(stdout).toBe('')
})

test.skipIf(!pythonCan(''))('the Python programs compile', async () => {
  await expect(
    run(python, ['-m', 'py_compile', ...Object.values(pythonic)], { cwd: folder }),
  ).resolves.toBeDefined()
})

const canRunPython = pythonCan('import anthropic, openai, mcp_types')
const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs')

describe.each(programs)('$title', ({ file }) => {
  const isPython = file.endsWith('.py')
  const [command, ...args] = isPython ? [python] : [process.execPath, tsx]

  test.skipIf(isPython && !canRunPython)('lists, calls a tool and feeds the result back', async () => {
    const { env, requests, lastWords } = await scriptedModel()
    const state = await temporaryFolder()
    const { stdout } = await run(command, [...args, file], {
      env: { PATH: process.env['PATH'], HOME: state, XDG_DATA_HOME: state, ...env },
    })
    expect(requests).toHaveLength(2)
    const [first, second] = requests
    expect(first.tools).toHaveLength(34)
    expect(JSON.stringify(first.system ?? first.messages[0])).toContain('Kustomer is a CRM')
    const fed: Json = second.messages.at(-1)
    const [block] = fed.role === 'tool' ? [fed] : fed.content
    expect(block.is_error ?? false).toBe(false)
    const { content } = block
    const text: string = typeof content === 'string' ? content : content[0].text
    expect(JSON.parse(text).data).toHaveLength(2)
    expect(stdout.trim()).toBe(lastWords(text))
  })
})

test('sign-in without a browser ends READY', async () => {
  const state = await temporaryFolder()
  const env = {
    PATH: process.env['PATH'],
    HOME: state,
    KUSTOMER_MCP_STATE_DIR: state,
    KUSTOMER_MCP_SANDBOX: 'true',
    MEMBRANE_SANDBOX_START: 'signed-out',
  }
  const main = join(root, 'dist', 'main.js')
  const connect = async (args: object) => {
    const call = [main, 'call', 'connect-kustomer', JSON.stringify(args), '--json']
    return JSON.parse((await run(process.execPath, call, { env })).stdout).data
  }
  const steps = [await connect({}), await connect({ code: '123456' }), await connect({}), await connect({})]
  expect(steps.map((step) => step.state)).toEqual([
    'SIGN_IN',
    'CLIENT_ACTION_REQUIRED',
    'CLIENT_ACTION_REQUIRED',
    'READY',
  ])
  for (const { url } of steps.slice(0, 2)) expect(url).toMatch(/^https:/)
})
