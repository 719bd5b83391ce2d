import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getMcpConfigForManifest } from '@anthropic-ai/mcpb/node'
import { McpbManifestSchema } from '@anthropic-ai/mcpb/schemas/0.3'
import { validate } from 'dockerfile-utils'
import { describe, expect, test } from 'vitest'
import { badges, mcpbManifest, type Package, pluginFiles, serverJson } from '../../packaging/manifests.ts'
import { commandLine } from '../../src/cli/program.ts'
import { loadConfig } from '../../src/config/load.ts'
import { flagOf, type OptionName, optionNames, optionOf } from '../../src/config/options.ts'
import { type Json, setup } from '../support/server.ts'
import { serverSchema } from './server-schema.ts'

const root = join(import.meta.dirname, '..', '..')
const pkg: Package & Json = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
const { flagsOf }: Json = await import(join(root, 'packaging', 'mcpb-launch.mjs'))
const tools = [{ name: 'list-notes', description: 'd' }]
const manifest = mcpbManifest(pkg, tools)

describe('the bundle for Claude Desktop', () => {
  test('its manifest is one of version 0.3, with the version of the package', () => {
    expect(McpbManifestSchema.parse(manifest)).toMatchObject({
      manifest_version: '0.3',
      version: pkg.version,
    })
  })

  test('its form has the defaults and choices of the program', () => {
    for (const [setting, shown] of Object.entries<Json>(manifest.user_config)) {
      const name = optionNames.find((one) => flagOf(one) === `--${setting.replaceAll('_', '-')}`)
      const { default: value, choices = [] } = optionOf(name as OptionName)
      expect([setting, shown.default]).toEqual([setting, value])
      for (const choice of choices) expect(shown.description).toContain(choice)
    }
  })

  test('its description is for people', () => {
    expect(manifest.long_description).toMatch(/You need a Membrane account/)
    expect(manifest.long_description).not.toMatch(/create-message|proxy_request|never tell anyone/)
  })

  test.each<[string, Record<string, string | boolean>, object]>([
    ['nothing was set', {}, { readOnly: false, sandbox: false, confirm: 'none', cli: undefined }],
    [
      'all was set',
      {
        cli: '/opt/my tools/membrane',
        connection: 'k-1',
        read_only: true,
        sandbox: true,
        confirm: 'writes',
        audit_file: '/a b',
      },
      {
        readOnly: true,
        sandbox: true,
        confirm: 'writes',
        cli: '/opt/my tools/membrane',
        connection: 'k-1',
        auditFile: '/a b',
      },
    ],
    [
      'a setting was emptied again',
      { cli: '', connection: '', confirm: '' },
      { cli: undefined, confirm: 'none' },
    ],
    [
      'a value looks like a flag',
      { connection: 'x', cli: '--read-only=false' },
      { cli: '--read-only=false', readOnly: false },
    ],
  ])('what a person sets reaches the program as arguments alone: %s', async (_, userConfig, expected) => {
    const config = await getMcpConfigForManifest({
      manifest: manifest as Json,
      extensionPath: '/ext',
      systemDirs: {},
      userConfig,
      pathSeparator: '/',
    })
    const [entry, ...args] = (config?.args ?? []) as string[]
    expect(entry).toBe('/ext/launch.mjs')
    expect(config?.env ?? {}).toEqual({})
    const program = commandLine('kustomer-mcp', 'd', {
      version: '1',
      env: {},
      bundleDir: '/',
      print: () => undefined,
    })
    program.parseOptions(flagsOf(args))
    expect(await loadConfig(program.opts(), {})).toMatchObject(expected)
  })
})

describe('server.json', () => {
  const server = serverJson(pkg, { fileName: 'kustomer-mcp.mcpb', sha256: 'a'.repeat(64) })

  const [npm] = server.packages as Json[]
  const withoutMember = (member: string): Json => ({
    packages: [
      {
        ...npm,
        environmentVariables: npm?.environmentVariables.map((one: Json) => ({ ...one, [member]: undefined })),
      },
    ],
  })

  test('keeps the rules of the registry, and its name is the one in package.json', () => {
    expect(serverSchema.parse(server)).toMatchObject({ name: pkg.mcpName, version: pkg.version })
    for (const { version = pkg.version } of server.packages as Json[]) expect(version).toBe(pkg.version)
  })

  test.each<[string, Json]>([
    ['a long description', { description: 'x'.repeat(101) }],
    ['a range for a version', { version: '^1.0.0' }],
    ['a name without its owner', { name: 'kustomer' }],
    ['a bundle without a checksum', { packages: [{ ...server.packages[1], fileSha256: undefined }] }],
    ['a choice without its choices', withoutMember('choices')],
    ['a choice without its default', withoutMember('default')],
    [
      'an option that does not exist',
      { packages: [{ ...npm, environmentVariables: [{ name: 'X', description: 'x', default: 'y' }] }] },
    ],
    ['a name in snake case', { packages: [{ ...server.packages[0], registry_type: 'npm' }] }],
  ])('is refused with %s', (_, change) => {
    expect(serverSchema.safeParse({ ...server, ...change }).success).toBe(false)
  })
})

describe('plugins', () => {
  const files = pluginFiles(pkg) as Record<string, Json>

  test('every version is the version of the package', () => {
    const versions = Object.values(files).flatMap((file) => [
      file.version,
      ...(file.plugins ?? []).map((one: Json) => one.version),
    ])
    expect(new Set(versions.filter(Boolean))).toEqual(new Set([pkg.version]))
    expect(files['kustomer/mcp.json'].mcpServers.kustomer.args).toContain(`${pkg.name}@${pkg.version}`)
  })

  test('a marketplace names a plugin that is there, with what its manifest points to', async () => {
    for (const host of ['claude', 'cursor']) {
      const [{ name, source }] = files[`.${host}-plugin/marketplace.json`].plugins
      const manifest = files[join(source, `.${host}-plugin/plugin.json`)]
      expect(manifest.name).toBe(name)
      expect(manifest.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
      if (manifest.mcpServers) expect(files).toHaveProperty([join(source, manifest.mcpServers)])
    }
  })

  test('the skill has a name and says when to use it, and every tool that it names exists', async () => {
    const skill = await readFile(join(root, 'packaging', 'skills', 'kustomer', 'SKILL.md'), 'utf8')
    expect(skill).toMatch(/^---\nname: kustomer\ndescription: .{20,1024}\n---\n/)
    const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
    const names = (await client.listTools()).tools.map(({ name }) => name)
    const named = [...skill.matchAll(/`([a-z]+(?:-[a-z]+)+|search)`/g)].map(([, name]) => name)
    const reasons = ['signed-out', 'not-connected', 'connection-needs-attention', 'outcome-unknown']
    expect(names).toEqual(expect.arrayContaining(named.filter((name = '') => !reasons.includes(name))))
  })
})

describe('Dockerfile', () => {
  test('has no fault, runs as nobody special, and names the server as package.json does', async () => {
    const dockerfile = await readFile(join(root, 'packaging', 'Dockerfile'), 'utf8')
    expect(validate(dockerfile)).toEqual([])
    expect(dockerfile).toMatch(/^FROM node:\d+\.\d+\.\d+-[a-z]+-slim$/m)
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(dockerfile).toContain(`io.modelcontextprotocol.server.name="${pkg.mcpName}"`)
    const [, check = '[]'] = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(dockerfile) ?? []
    const [bin, command] = JSON.parse(check)
    expect(Object.keys(pkg.bin)).toContain(bin)
    const program = commandLine('kustomer-mcp', 'd', {
      version: '1',
      env: {},
      bundleDir: '/',
      print: () => undefined,
    })
    expect(program.commands.map((one) => one.name())).toContain(command)
  })
})

test('the badges carry an entry that starts the package', () => {
  const [cursor, code] = badges(pkg).map(({ link }) => new URL(link).searchParams)
  const fromCursor = JSON.parse(Buffer.from(cursor?.get('config') ?? '', 'base64').toString())
  expect(fromCursor).toEqual({ command: 'npx', args: ['-y', pkg.name] })
  expect(JSON.parse(code?.get('config') ?? '')).toEqual({ type: 'stdio', ...fromCursor })
  for (const params of [cursor, code]) expect(params?.get('name')).toBe('kustomer')
})

test('package.json is fit to be published: nothing to install with it, one program, no way in but that', async () => {
  expect(pkg.dependencies ?? {}).toEqual({})
  expect(pkg.scripts).not.toHaveProperty('postinstall')
  expect(pkg.exports).toEqual({ './package.json': './package.json' })
  expect(pkg.mcpName).toMatch(/^io\.github\.[\w-]+\/kustomer-mcp$/)
  expect(pkg.description.length).toBeLessThanOrEqual(100)
})
