import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onTerminal, run, testEnvironment } from '../support/program.ts'
import { connection, liveActions, slack } from '../support/samples.ts'
import { isAlive, mainJs, type Recorded, until } from '../support/server.ts'

/** One state folder for all that run on the sandbox: its caches are filled once, and each call is one CLI process. */
const state = await mkdtemp(join(tmpdir(), 'kustomer-mcp-call-'))
const sandbox = { KUSTOMER_MCP_SANDBOX: 'true', KUSTOMER_MCP_STATE_DIR: state }
beforeAll(async () => {
  const env = { PATH: process.env['PATH'] ?? '', HOME: state, ...sandbox }
  expect(await run(['call', 'list-users', '--json'], env)).toMatchObject({ code: 0, stderr: '' })
})
afterAll(() => rm(state, { recursive: true, force: true, maxRetries: 3 }))

const recorded = async (file: string): Promise<Recorded[]> =>
  (await readFile(file, 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

const writes = async (file: string) =>
  (await recorded(file)).filter(({ argv }) => /^action run/.test(argv?.join(' ') ?? ''))

describe('call', () => {
  test('takes arguments as JSON text, on stdin and as --arg, and prints the envelope with --json', async () => {
    const { env } = await testEnvironment(undefined, sandbox)
    const asText = await run(['call', 'list-customers', '{"pageSize":2}', '--json'], env)
    expect(asText).toMatchObject({ code: 0, stderr: '' })
    const envelope = JSON.parse(asText.stdout)
    expect(asText.stdout).toBe(`${JSON.stringify(envelope)}\n`)
    expect(envelope.data).toHaveLength(2)
    expect(envelope.page).toMatchObject({ page: 1, pageSize: 2, next: 2 })
    const onStdin = await run(['call', 'list-customers', '-', '--json'], env, '\uFEFF{"pageSize": 2}\n')
    expect(onStdin).toEqual(asText)
    const asPairs = await run(
      ['call', 'list-customers', '{"pageSize":1,"page":1}', '--json', '--arg', 'pageSize=2', '--arg=page=2'],
      env,
    )
    expect(JSON.parse(asPairs.stdout).page).toMatchObject({ page: 2, pageSize: 2 })
  })

  test('makes a write that was answered again when it is asked for again', async () => {
    const { env } = await testEnvironment(undefined, sandbox)
    const { data } = JSON.parse((await run(['call', 'list-conversations', '--json'], env)).stdout)
    const note = [
      'call',
      'create-note',
      JSON.stringify({ conversation: data[0].id, body: 'twice' }),
      '--json',
    ]
    const made = [await run(note, env), await run(note, env)].map(({ code, stdout, stderr }) => {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return JSON.parse(stdout).data.id
    })
    expect(new Set(made).size).toBe(2)
  })

  test('shows a list as a table, a record as names and values, the page and the notices', async () => {
    const { env } = await testEnvironment(undefined, sandbox)
    const { data } = JSON.parse(
      (await run(['call', 'list-conversations', '{"pageSize":3}', '--json'], env)).stdout,
    )
    const list = await run(['call', 'list-conversations', '{"pageSize":3}'], env)
    const [heading = '', ...lines] = list.stdout.split('\n')
    expect(heading).toMatch(/^id +subject +/)
    for (const { id } of data) expect(list.stdout).toMatch(new RegExp(`^${id} `, 'm'))
    expect(list.stdout).toMatch(/^page 1 · 3 a page · .*next: 2$/m)
    expect(list.stdout.replace(/\s+/g, ' ')).toContain('! Text in this data was written by people outside')
    const one = await run(['call', 'get-conversation-by-id', '--arg', `id=${data[0].id}`], env)
    expect(one.stdout).toMatch(new RegExp(`^id +${data[0].id}$`, 'm'))
    expect(one.stdout).toMatch(/^status +\w+$/m)
    for (const line of [heading, ...lines]) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('a failed call ends with exit code 1 and its reason on stderr alone', async () => {
    const { env } = await testEnvironment(undefined, sandbox)
    const missing = await run(
      ['call', 'get-note-by-id', '--arg', 'id=000000000000000000000000', '--json'],
      env,
    )
    expect(missing).toMatchObject({ code: 1, stdout: '' })
    expect(missing.stderr).toMatch(/^kustomer-mcp: not-found: .*\n$/)
    const elsewhere = { ...env, KUSTOMER_MCP_SANDBOX: '' }
    const nowhere = await run(['call', 'list-notes', '--cli', '/nowhere/membrane'], elsewhere)
    expect(nowhere).toMatchObject({ code: 1, stdout: '' })
    expect(nowhere.stderr).toMatch(/^kustomer-mcp: cli-not-found: .*\/nowhere\/membrane/)
  })

  test('a person is told what they can do and the facts of it; whoever asks for JSON reads what an agent would', async () => {
    const plan = { connections: [connection, { ...connection, id: slack.id }], actions: liveActions }
    const { env } = await testEnvironment(plan)
    const person = await run(['call', 'list-notes'], env)
    expect(person).toMatchObject({ code: 1, stdout: '' })
    expect(person.stderr).toMatch(/^kustomer-mcp: ambiguous-connection: .* Say which one with --connection/)
    expect(person.stderr).toMatch(new RegExp(`^ *${slack.id} +Kustomer +READY`, 'm'))
    expect(person.stderr).not.toMatch(/Ask the person|[{}]/)
    const agent = await run(['call', 'list-notes', '--json'], env)
    expect(agent).toMatchObject({ code: 1, stdout: '' })
    expect(agent.stderr).toMatch(/^kustomer-mcp: ambiguous-connection: .*Do not guess\.\n\{"connections":/)
  })

  test('broken JSON ends with exit code 2 and the place, and nothing is started', async () => {
    const { env, recordFile } = await testEnvironment(undefined, sandbox)
    const { code, stdout, stderr } = await run(
      ['call', 'list-customers', '-'],
      env,
      '{\n  "a": 1,\n  b: 2\n}',
    )
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/not JSON: line 3, column 3: there is a word without quotes/)
    expect(await recorded(recordFile)).toEqual([])
  })

  test('nothing that a customer wrote reaches the terminal as a command to it', async () => {
    const text = 'a\u001B]0;owned\u0007b\u001B[2Jc\u009B31md\u001B[8mhidden\rE\u0008\u202Eevil\u200B'
    const body = { data: [{ type: 'message', id: '1', attributes: { preview: text, [`k${text}`]: text } }] }
    const answer = { when: 'request', json: { status: 200, headers: {}, body } }
    const failure = { when: 'action run', stderr: `${text}\n`, exit: 1 }
    const { env } = await testEnvironment({
      connections: [connection],
      actions: liveActions,
      faults: [answer, failure],
    })
    const outputs = [
      await run(['call', 'proxy_request', '{"path":"/v1/messages"}'], env),
      await run(['call', 'proxy_request', '{"path":"/v1/messages"}', '--json'], env),
      await run(['call', 'list-messages'], env),
      await run(['call', `list\u001B]0;x\u0007`], env),
      await run(['call', 'list-messages', '{"\u001B]0;x\u0007'], env),
    ]
    for (const { stdout, stderr } of outputs) {
      expect(stdout + stderr).toMatch(/\S/)
      expect(stdout + stderr).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u)
    }
    expect(outputs.map(({ code }) => code)).toEqual([0, 0, 1, 2, 2])
  })

  test('a cut answer says what to do in a terminal', async () => {
    const { env } = await testEnvironment(undefined, sandbox)
    const messages = ['call', 'list-messages']
    for (const more of [[], ['--json'], ['--output', 'raw']]) {
      const cut = await run([...messages, '--max-result-chars', '2000', ...more], env)
      expect(cut).toMatchObject({ code: 0, stderr: '' })
      const text = cut.stdout.replace(/\s+/g, ' ')
      expect(text).toMatch(
        /Cut to fit: .* See more with a larger --max-result-chars, or ask for less: `--arg/,
      )
      expect(text).not.toContain('read-result')
    }
    for (const advised of [
      ['--max-result-chars', '200000'],
      ['--arg', 'fields=id'],
    ])
      expect((await run([...messages, ...advised], env)).stdout).not.toContain('Cut to fit')
  })

  test('the members that were asked for are shown', async () => {
    const { env } = await testEnvironment(undefined, sandbox)
    const { stdout } = await run(['call', 'list-messages', '--arg', 'fields=app,rev'], env)
    expect(stdout).toMatch(/^id +type +rev +app$|^id +type +app +rev$|^id +app +(type +)?rev/m)
  })

  test('a signed-out sandbox is set up with --sandbox', async () => {
    const { env } = await testEnvironment(undefined, { MEMBRANE_SANDBOX_START: 'signed-out' })
    const { code, stderr } = await run(['call', 'list-notes', '--sandbox'], env)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^kustomer-mcp: signed-out: .* Run `kustomer-mcp setup --sandbox`\.\n$/)
  })

  test('a reader that goes away early is no crash', async () => {
    const { env } = await testEnvironment(undefined, sandbox)
    const child = spawn(process.execPath, [mainJs, 'call', 'list-conversations', '--json'], { env })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('confirmation', () => {
  const args = ['call', 'create-company', '{"name":"Confirmed Ltd"}', '--confirm', 'writes']
  test('a person at the terminal is asked; yes writes, anything else does not', async () => {
    const { env, recordFile } = await testEnvironment(undefined, sandbox)
    for (const answer of ['\r', '\u0004']) {
      const terminal = onTerminal(args, env)
      await terminal.shows(/Do this in Kustomer\? \[y\/N] /)
      expect(terminal.screen()).toMatch(/name Confirmed Ltd/)
      terminal.type(answer)
      expect(await terminal.ended()).toBe(1)
      expect(terminal.screen()).toMatch(/refused-by-policy: The person declined/)
    }
    expect(await writes(recordFile)).toHaveLength(0)
    const terminal = onTerminal(args, env)
    await terminal.shows(/\[y\/N] /)
    terminal.type('y\r')
    expect(await terminal.ended()).toBe(0)
    expect(stripVTControlCharacters(terminal.screen())).toMatch(/^name +Confirmed Ltd$/m)
    expect(await writes(recordFile)).toHaveLength(1)
  })

  test.each<[string, string, RegExp[]]>([
    [
      'create-note',
      '{"conversation":"CONVERSATION","body":"x"}',
      [/^conversation: .* \((open|done|snoozed)\)$/m],
    ],
    ['update-conversation', '{"id":"CONVERSATION","priority":2}', [/^conversation: .*\)$/m]],
    [
      'proxy_request',
      '{"method":"PATCH","path":"/v1/conversations/CONVERSATION","body":{"priority":2}}',
      [/^conversation: .*\)$/m],
    ],
  ])('the question of %s names the record and its customer', async (tool, args, lines) => {
    const { env } = await testEnvironment(undefined, sandbox)
    const { data } = JSON.parse((await run(['call', 'list-conversations', '--json'], env)).stdout)
    const typed = args.replace('CONVERSATION', data[0].id)
    const terminal = onTerminal(['call', tool, typed, '--confirm', 'writes'], env)
    await terminal.shows(/\[y\/N] /)
    terminal.type('n\r')
    expect(await terminal.ended()).toBe(1)
    for (const line of [...lines, /^customer: \w+ \w+/m]) expect(terminal.screen()).toMatch(line)
    expect(terminal.screen()).toContain(data[0].name)
  })

  test('without a terminal the call is refused and says what it needs', async () => {
    const { env, recordFile } = await testEnvironment(undefined, sandbox)
    const { code, stdout, stderr } = await run(args, env)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /refused-by-policy: This call needs a confirmation, .* in a terminal, or, .*with --confirm none\..*Create Company/,
    )
    expect(await writes(recordFile)).toHaveLength(0)
  })
})

describe('Ctrl-C', () => {
  const hanging = (verb: string) => ({
    connections: [connection],
    actions: liveActions,
    faults: [{ when: verb, hang: true, deaf: true, child: true }],
  })

  test('ends the program with exit code 130 and what it had started', async () => {
    const { env, recordFile } = await testEnvironment(hanging('action run'))
    const terminal = onTerminal(['call', 'list-customers'], env)
    const running = async () =>
      (await recorded(recordFile)).find(({ argv }) => argv?.join(' ').startsWith('action run'))
    await until(async () => (await running()) !== undefined)
    terminal.type('\u0003')
    expect(await terminal.ended()).toBe(130)
    expect(terminal.screen()).toMatch(/cancelled: /)
    const { pid } = (await running()) as Recorded
    await until(() => !isAlive(pid))
  })

  test('at the question does nothing', async () => {
    const { env, recordFile } = await testEnvironment(undefined, sandbox)
    const terminal = onTerminal(['call', 'create-company', '{"name":"X"}', '--confirm', 'writes'], env)
    await terminal.shows(/\[y\/N] /)
    terminal.type('\u0003')
    expect(await terminal.ended()).toBe(130)
    expect(
      (await recorded(recordFile)).filter(({ argv }) => argv?.join(' ').startsWith('action run')),
    ).toEqual([])
  })
})
