/**
 * Checks what `npm run package` built, each from an empty folder and, where the system can, without a network. Prints
 * a line for each check and exits 1 when one failed.
 */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getMcpConfigForManifest, validateManifest } from '@anthropic-ai/mcpb/node'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { execa } from 'execa'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { firstSteps, type Start } from './first-steps.ts'
import { serverSchema } from './server-schema.ts'

const root = join(import.meta.dirname, '..', '..')
const out = join(root, 'packaging', 'out')
const pkg = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
const tarball = join(out, `${pkg.name}-${pkg.version}.tgz`)
const bundle = join(out, `${pkg.name}-${pkg.version}.mcpb`)
const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-packages-'))

/** What a process of ours sees of this one, with a home of its own. */
const env = { PATH: process.env['PATH'] ?? '', HOME: folder, KUSTOMER_MCP_STATE_DIR: join(folder, 'state') }
const canCutOff = await execa('unshare', ['--net', 'true']).then(
  () => true,
  () => false,
)
const cutOff = ({ command, args, ...rest }: Start): Start =>
  canCutOff ? { command: 'unshare', args: ['--net', command, ...args], ...rest } : { command, args, ...rest }

const empty = async (name: string) => {
  await mkdir(join(folder, name))
  return join(folder, name)
}

const local = { preferLocal: true, localDir: root }

const sizeOf = (bytes: number) => `${Math.round(bytes / 1024)} KB`

const checks: [string, () => Promise<string>][] = [
  [
    'npm: publint',
    async () => {
      const data = await readFile(tarball)
      const { messages } = await publint({ pack: { tarball: data.buffer as ArrayBuffer }, strict: true })
      assert.deepEqual(
        messages.map((message) => formatMessage(message, pkg)),
        [],
      )
      return 'no message'
    },
  ],
  [
    'npm: arethetypeswrong',
    async () => {
      // A package that is run and not imported has no entry that could have wrong types; that is all it can say.
      const { types } = await checkPackage(
        createPackageFromTarballData(new Uint8Array(await readFile(tarball))),
      )
      assert.equal(types, false)
      return 'no types, since nothing is imported from it'
    },
  ],
  [
    'npm: installed offline into an empty folder, and run',
    async () => {
      const cwd = await empty('npm')
      // Without it, a package.json further up would be installed too.
      const here = ['--prefix', cwd]
      const install = [
        'install',
        ...here,
        '--offline',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        tarball,
      ]
      await execa('npm', install, {
        cwd,
        env: { ...env, npm_config_cache: join(folder, 'npm-cache') },
        extendEnv: false,
      })
      const installed = (await readdir(join(cwd, 'node_modules'))).filter((name) => !name.startsWith('.'))
      assert.deepEqual(installed, [pkg.name])
      const bin = join(cwd, 'node_modules', '.bin', 'kustomer-mcp')
      const { stdout } = await execa(bin, ['--version'], { cwd })
      assert.equal(stdout, pkg.version)
      const tools = await firstSteps(cutOff({ command: bin, args: ['--sandbox'], cwd, env }))
      return `${sizeOf((await readFile(tarball)).length)}, 1 package, ${tools} tools`
    },
  ],
  [
    'MCPB: unpacked into an empty folder, and run',
    async () => {
      const cwd = await empty('mcpb')
      await execa('mcpb', ['unpack', bundle, cwd], local)
      assert.ok(validateManifest(join(cwd, 'manifest.json')))
      const manifest = JSON.parse(await readFile(join(cwd, 'manifest.json'), 'utf8'))
      assert.equal(manifest.version, pkg.version)
      const userConfig = { sandbox: true }
      const options = { manifest, extensionPath: cwd, systemDirs: {}, userConfig, pathSeparator: '/' }
      const config = await getMcpConfigForManifest(options)
      const { command = '', args = [] } = config ?? {}
      const tools = await firstSteps(
        cutOff({ command, args: args as string[], cwd: await empty('mcpb-cwd'), env }),
      )
      assert.equal(manifest.tools.length, tools)
      return `${sizeOf((await readFile(bundle)).length)}, ${tools} tools`
    },
  ],
  [
    'Claude Code plugin: its entry run from an empty folder',
    async () => {
      const plugin = join(out, 'plugins', 'kustomer')
      const { mcpServers } = JSON.parse(await readFile(join(plugin, '.mcp.json'), 'utf8'))
      const { command, args } = mcpServers.kustomer
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as Claude Code fills it in
      const filled = args.map((arg: string) => arg.replace('${CLAUDE_PLUGIN_ROOT}', plugin))
      const tools = await firstSteps(
        cutOff({ command, args: [...filled, '--sandbox'], cwd: await empty('plugin'), env }),
      )
      return `${tools} tools`
    },
  ],
  [
    'server.json: rules of the registry, and the checksum of the bundle',
    async () => {
      const server = serverSchema.parse(JSON.parse(await readFile(join(out, 'server.json'), 'utf8')))
      const sha256 = createHash('sha256')
        .update(await readFile(bundle))
        .digest('hex')
      assert.ok(server.packages.some((one) => one.registryType === 'mcpb' && one.fileSha256 === sha256))
      return `version ${server.version}`
    },
  ],
]

let failures = 0
for (const [name, check] of checks) {
  const outcome = await check().then(
    (found) => `ok    ${name}: ${found}`,
    (error: Error) => {
      failures++
      return `FAIL  ${name}: ${error.message}`
    },
  )
  console.log(outcome)
}
console.log(
  canCutOff ? '\nEvery server was run without a network.' : '\nThe network could not be cut off here.',
)
await rm(folder, { recursive: true, force: true, maxRetries: 3 })
process.exitCode = failures > 0 ? 1 : 0
