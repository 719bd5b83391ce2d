import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { defaultOf, flagOf, type OptionName, options, variableOf } from '../../src/config/options.ts'
import { UsageError } from '../../src/errors.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(content: unknown): Promise<string> {
  const path = join(folder, 'config.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** Three different accepted values of every option: as a flag, as a variable, in a file. */
const values: Partial<Record<OptionName, [unknown, string, unknown]>> = {
  cli: ['/flag', '/env', '/file'],
  connection: ['flag', 'env', 'file'],
  sandbox: [true, 'false', true],
  readOnly: [true, 'off', true],
  tools: ['a, b', 'c', ['d', 'e']],
  excludeTools: ['a', 'b,c', 'd'],
  proxy: ['off', 'read', 'full'],
  confirm: ['writes', 'customer-visible', 'none'],
  auditFile: ['/flag', '/env', '/file'],
  requestsPerMinute: ['1', '2000', 3],
  searchesPerMinute: ['100000', '2', 3],
  timeoutMs: ['1000', '2000', 3000],
  maxConcurrency: ['1', '2', 3],
  output: ['raw', 'compact', 'raw'],
  resultFormat: ['text', 'structured', 'both'],
  maxResultChars: ['2000', '10000000', 3000],
  logLevel: ['trace', 'debug', 'warn'],
  logFile: ['/flag', '/env', '/file'],
  http: ['127.0.0.1:1', '[::1]:2', true],
  auth: ['tokens', 'auto', 'tokens'],
  allowedHost: ['a, b', 'c', ['d', 'e']],
  allowedOrigin: ['http://a, http://b', 'http://c', ['http://d']],
  publicUrl: ['https://flag', 'https://env/mcp/', 'https://file/x'],
  oauthIssuer: ['https://flag', 'https://env/', 'https://file/x'],
  oauthAudience: ['a, b', 'c', ['d', 'e']],
  oauthJwksFile: ['/flag', '/env', '/file'],
  oauthScopeClaim: ['flag', 'env', 'file'],
  oauthScopeMap: ['a=kustomer:read', 'b = kustomer:write, c=kustomer:connect', ['cn=d,ou=e=kustomer:read']],
  oauthConnectionClaim: ['flag', 'env', 'file'],
  oauthAdvertise: ['all', 'read', 'all'],
  stateDir: ['/flag', '/env', '/file'],
}
const expected: Partial<Record<OptionName, [unknown, unknown, unknown]>> = {
  sandbox: [true, false, true],
  readOnly: [true, false, true],
  tools: [['a', 'b'], ['c'], ['d', 'e']],
  excludeTools: [['a'], ['b', 'c'], ['d']],
  requestsPerMinute: [1, 2000, 3],
  searchesPerMinute: [100_000, 2, 3],
  timeoutMs: [1000, 2000, 3000],
  maxConcurrency: [1, 2, 3],
  maxResultChars: [2000, 10_000_000, 3000],
  http: [
    { host: '127.0.0.1', port: 1 },
    { host: '::1', port: 2 },
    { host: '127.0.0.1', port: 8787 },
  ],
  allowedHost: [['a', 'b'], ['c'], ['d', 'e']],
  publicUrl: ['https://flag/mcp', 'https://env/mcp', 'https://file/x'],
  oauthAudience: [['a', 'b'], ['c'], ['d', 'e']],
  oauthScopeMap: [
    [['a', 'kustomer:read']],
    [
      ['b', 'kustomer:write'],
      ['c', 'kustomer:connect'],
    ],
    [['cn=d,ou=e', 'kustomer:read']],
  ],
  allowedOrigin: [['http://a', 'http://b'], ['http://c'], ['http://d']],
}
const names = Object.keys(values) as OptionName[]

describe('every option', () => {
  it.each(names)('%s: flag beats environment beats file beats default', async (name) => {
    const [flag, variable, inFile] = values[name] ?? []
    const [asFlag, asVariable, asFile] = expected[name] ?? [flag, variable, inFile]
    const flags = { config: await file({ [name]: inFile }) }
    const env = { [variableOf(name)]: String(variable) }
    expect((await loadConfig({ ...flags, [name]: flag }, env))[name]).toEqual(asFlag)
    expect((await loadConfig(flags, env))[name]).toEqual(asVariable)
    expect((await loadConfig(flags, { [variableOf(name)]: '' }))[name]).toEqual(asFile)
    expect((await loadConfig({}, {}))[name]).toEqual(await defaultOf(name))
  })

  it('has a flag and a variable of its name', () => {
    expect([flagOf('logLevel'), variableOf('logLevel')]).toEqual(['--log-level', 'KUSTOMER_MCP_LOG_LEVEL'])
    expect([flagOf('cli'), variableOf('timeoutMs')]).toEqual(['--cli', 'KUSTOMER_MCP_TIMEOUT_MS'])
  })

  it('is tested here', () => {
    const known: string[] = [...names, 'config']
    expect(Object.keys(options).filter((name) => !known.includes(name))).toEqual([])
  })
})

describe('a wrong value', () => {
  const wrong: Partial<Record<OptionName, unknown[]>> = {
    cli: ['', '  ', 5, null, []],
    connection: ['', '-x', '--json', 'a b', 'a/b', 'x'.repeat(129), 5, null],
    sandbox: ['maybe', 1, null, {}],
    readOnly: ['2', [], null],
    tools: [5, [5], null, {}],
    excludeTools: [true, null],
    proxy: ['FULL ', 'none', true, null],
    confirm: ['all', 'Writes', 'read', true, false, null],
    auditFile: ['', ' ', {}, null],
    requestsPerMinute: ['0', '-1', '100001', 'x', 1.5, true, [4], null, ''],
    searchesPerMinute: ['0', '-1', '100001', 'x', 1.5, true, [4], null, ''],
    timeoutMs: ['999', '600001', 'soon', '1.5', '1000.5', {}, null, true, [5000], '', '1e', 'Infinity'],
    maxConcurrency: ['0', '65', '-1', 'x', 1.5, true, [4], null, ''],
    output: ['RAW', '', true, null],
    resultFormat: ['json', '', 1, null],
    maxResultChars: ['1999', '10000001', 'x', 1.5, true, [4], null, ''],
    logLevel: ['loud', 'INFO', 5, null],
    logFile: ['', ' ', {}],
    http: [
      '',
      '8787',
      ':8787',
      'localhost',
      'localhost:65536',
      'a b:1',
      'http://a:1',
      '::1:8787',
      8787,
      null,
    ],
    auth: ['none', true, null],
    allowedHost: [5, null],
    allowedOrigin: [5, null],
    stateDir: ['', 5],
    config: ['', ' '],
  }
  const rows = Object.entries(wrong).flatMap(([name, list]) =>
    list.map((value) => [name as OptionName, value] as const),
  )

  it.each(rows)('of %s is refused as a flag: %j', async (name, value) => {
    const error = await loadConfig({ [name]: value }, {}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toContain(flagOf(name))
    expect((error as Error).message).toContain(options[name].accepts)
  })

  it.each(rows.filter(([, value]) => typeof value === 'string' && value !== ''))(
    'of %s is refused in the environment: %j',
    async (name, value) => {
      const error = await loadConfig({}, { [variableOf(name)]: String(value) }).catch(
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(UsageError)
      expect((error as Error).message).toContain(variableOf(name))
      expect((error as Error).message).toContain(options[name].accepts)
    },
  )

  it.each(rows.filter(([name]) => name !== 'config'))(
    'of %s is refused in a file: %j',
    async (name, value) => {
      const error = await loadConfig({ config: await file({ [name]: value }) }, {}).catch(
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(UsageError)
      expect((error as Error).message).toContain(`"${name}"`)
      expect((error as Error).message).toContain(options[name].accepts)
    },
  )
})

describe('a config file', () => {
  it.each([
    ['that is not JSON', '{"proxy": '],
    ['that is a list', '[]'],
    ['that is null', 'null'],
    ['that is text', '"x"'],
    ['that is empty', ''],
    ['with an unknown option', '{"timeout": 5}'],
    ['with a flag name', '{"log-level": "info"}'],
    ['with a name that every object has', '{"constructor": 1}'],
    ['with another such name', '{"toString": 1}'],
  ])('%s is refused', async (_, content) => {
    const error = await loadConfig({ config: await file(content) }, {}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toMatch(/^--config: /)
  })

  it('that does not exist is refused', async () => {
    await expect(loadConfig({ config: join(folder, 'missing.json') }, {})).rejects.toThrow(UsageError)
    await expect(loadConfig({}, { KUSTOMER_MCP_CONFIG: folder })).rejects.toThrow(UsageError)
  })

  it('that is a pipe is refused, because it may never end', async () => {
    const pipe = join(folder, 'pipe')
    await execa('mkfifo', [pipe])
    await expect(loadConfig({ config: pipe }, {})).rejects.toThrow(/cannot read .*pipe \(it is not a file\)/)
  })

  it('may begin with a byte order mark, as editors on Windows write it', async () => {
    expect((await loadConfig({ config: await file('\uFEFF{"proxy":"read"}') }, {})).proxy).toBe('read')
  })
})

describe('a slip in a name', () => {
  it.each<[string, Record<string, string>, string, RegExp]>([
    [
      'of a variable',
      { KUSTOMER_MCP_READONLY: '1' },
      '{}',
      /READONLY \(did you mean KUSTOMER_MCP_READ_ONLY\?\)/,
    ],
    ['in the file', {}, '{"readOnli": true}', /readOnli \(did you mean readOnly\?\)\. Known: cli, /],
    [
      'of the file',
      {},
      '{"readOnly": true',
      /config\.json is not JSON \(line 1, column 18: a closing } is missing\)\./,
    ],
  ])('%s ends the start, and what was meant is named', async (_, env, content, says) => {
    const error = await loadConfig({ config: await file(content) }, env).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).message).toMatch(says)
  })

  it('suggests nothing for a name that is far from all', async () => {
    const error = await loadConfig({}, { KUSTOMER_MCP_FOO: '1' }).catch((thrown: Error) => thrown)
    expect((error as Error).message).toMatch(/unknown options: KUSTOMER_MCP_FOO\. Known: /)
  })

  it('is none where the variable is empty or of another program', async () => {
    const env = { KUSTOMER_MCP_READONLY: '', KUSTOMER_READ_ONLY: '1' }
    expect((await loadConfig({}, env)).readOnly).toBe(false)
  })
})

it.each(['cli', 'auditFile', 'logFile', 'stateDir'] as const)(
  '%s: ~ is the home folder, at the beginning alone',
  async (name) => {
    const read = async (given: string) => (await loadConfig({ [name]: given }, {}))[name]
    expect(await read('~/a b/$&')).toBe(`${homedir()}/a b/$&`)
    for (const other of ['a/~/b', '~ada/b', '/~']) expect(await read(other)).toBe(other)
  },
)
