import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { onTerminal, run, testEnvironment } from '../support/program.ts'
import { setup } from '../support/server.ts'

describe('tools', () => {
  test('lists for a person what a host is offered, in its groups, and as JSON for a program', async () => {
    const { env } = await testEnvironment()
    const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
    const offered = (await client.listTools()).tools
    const json = await run(['tools', '--json'], env)
    expect(json).toMatchObject({ code: 0, stderr: '' })
    const listed = JSON.parse(json.stdout)
    const shown = listed.map(({ group, searchHint, alwaysLoad, ...tool }: Record<string, unknown>) => tool)
    expect(shown).toEqual(
      offered.map(({ name, title, description, inputSchema, annotations }) => ({
        name,
        title,
        description,
        inputSchema,
        annotations,
      })),
    )
    const { stdout } = await run(['tools'], env)
    const named = stdout
      .split('\n')
      .flatMap((line) => /^ {2}([\w-]+) +(?:reads|adds|changes) /.exec(line)?.[1] ?? [])
    expect(named).toEqual(offered.map(({ name }) => name))
    expect(stdout.split('\n').filter((line) => /^[a-z]+$/.test(line))).toEqual([
      ...new Set(listed.map(({ group }: { group: string }) => group)),
    ])
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(stdout).not.toContain('\u001B')
  })

  test('follows the options: what is hidden from a host is hidden here', async () => {
    const { env } = await testEnvironment()
    const { stdout } = await run(['tools', '--read-only', '--tools', 'actions,proxy', '--json'], env)
    const listed = JSON.parse(stdout)
    expect(listed.map(({ name }: { name: string }) => name)).toContain('list-notes')
    for (const { annotations } of listed) expect(annotations.readOnlyHint).toBe(true)
    const hidden = await run(['tools', 'create-note', '--read-only'], env)
    expect(hidden).toEqual({
      code: 2,
      stdout: '',
      stderr: 'kustomer-mcp: The tool create-note may write, and this server is --read-only.\n',
    })
    const confirmed = await run(['tools', 'create-note', '--json', '--confirm', 'writes'], env)
    expect(JSON.parse(confirmed.stdout).inputSchema.properties).toHaveProperty('confirmationToken')
  })

  test('shows one in full: description and arguments', async () => {
    const { env } = await testEnvironment()
    const one = JSON.parse((await run(['tools', 'create-note', '--json'], env)).stdout)
    const { code, stdout } = await run(['tools', 'create-note'], env)
    expect(code).toBe(0)
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain(one.description)
    for (const [name, { type }] of Object.entries<{ type: string }>(one.inputSchema.properties)) {
      const isRequired = one.inputSchema.required.includes(name)
      const row = type === 'array' ? 'list' : type
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +${row}.*`, 'm'))
      expect(new RegExp(`^ {2}${name} +[^A-Z]*required`, 'm').test(stdout), name).toBe(isRequired)
    }
    expect(text).toContain('The whole schema: kustomer-mcp tools create-note --json')
  })

  test('an unknown name ends with exit code 2 and the nearest', async () => {
    const { env } = await testEnvironment()
    const { code, stdout, stderr } = await run(['call', 'list-custmers'], env)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/there is no tool "list-custmers"\. Did you mean list-customers\?/)
  })
})

describe('on a terminal', () => {
  test('lines are as wide as it is, and colour is there unless NO_COLOR forbids it', async () => {
    const { env } = await testEnvironment()
    for (const columns of [60, 132]) {
      const terminal = onTerminal(['tools'], env, columns)
      expect(await terminal.ended()).toBe(0)
      expect(terminal.screen()).toContain('\u001B[1m')
      const lines = stripVTControlCharacters(terminal.screen()).split('\n')
      const longest = Math.max(...lines.map((line) => line.length))
      expect(longest).toBeLessThanOrEqual(columns)
      expect(longest).toBeGreaterThan(columns - 20)
    }
    const plain = onTerminal(['tools'], { ...env, NO_COLOR: '1' })
    expect(await plain.ended()).toBe(0)
    expect(plain.screen()).not.toContain('\u001B')
  })
})
