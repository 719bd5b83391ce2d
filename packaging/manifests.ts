/**
 * What each host or registry reads about this package, made from package.json, so that no two can differ. Formats:
 * MCPB manifest 0.3, server.json of the MCP registry (2025-12-11), plugins of Claude Code and Cursor.
 */
import * as z from 'zod'
import { options } from '../src/config/options.ts'
import { instructions } from '../src/mcp/instructions.ts'

/** What is taken from package.json. */
export interface Package {
  name: string
  version: string
  description: string
  license: string
  author: { name: string }
  homepage: string
  repository: { url: string }
  keywords: string[]
  mcpName: string
  engines: { node: string }
}

interface Listed {
  name: string
  description: string
}

/** The settings that Claude Desktop asks for, by their flag: each is an option of the program. */
const settings = {
  cli: {
    type: 'file',
    title: 'Membrane CLI',
    description: `${sentence(options.cli.help)} Leave it blank to look for it.`,
  },
  connection: { type: 'string', title: 'Connection', description: sentence(options.connection.help) },
  'read-only': {
    type: 'boolean',
    title: 'Read only',
    description: sentence(options.readOnly.help),
    default: false,
  },
  confirm: {
    type: 'string',
    title: 'Confirm',
    description: `${sentence(options.confirm.help.replace(/ \(default: \w+\)$/, ''))} One of: ${options.confirm.accepts}.`,
    default: 'customer-visible',
  },
  sandbox: { type: 'boolean', title: 'Sandbox', description: sentence(options.sandbox.help), default: false },
  'audit-file': { type: 'string', title: 'Audit file', description: sentence(options.auditFile.help) },
} as const

function sentence(help: string): string {
  return `${help.charAt(0).toUpperCase()}${help.slice(1)}.`
}

const variable = (flag: string) => flag.replaceAll('-', '_')

/** Takes the package and its tools and returns the manifest of the bundle for Claude Desktop. */
export function mcpbManifest(pkg: Package, tools: readonly Listed[]) {
  return {
    manifest_version: '0.3',
    name: pkg.name,
    display_name: 'Kustomer',
    version: pkg.version,
    description: pkg.description,
    long_description: instructions,
    author: pkg.author,
    repository: { type: 'git', url: pkg.repository.url },
    homepage: pkg.homepage,
    license: pkg.license,
    keywords: pkg.keywords,
    server: {
      type: 'node',
      entry_point: 'launch.mjs',
      mcp_config: {
        command: 'node',
        // As arguments, because a host may lose the environment.
        args: [
          `\${__dirname}/launch.mjs`,
          ...Object.keys(settings).map((flag) => `${flag}=\${user_config.${variable(flag)}}`),
        ],
      },
    },
    tools: tools.map(({ name, description }) => ({ name, description })),
    tools_generated: false,
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: pkg.engines.node } },
    user_config: Object.fromEntries(
      Object.entries(settings).map(([flag, setting]) => [variable(flag), { ...setting, required: false }]),
    ),
  }
}

/** Options that people set through a registry's form; the others are for those who read the documentation. */
const registryOptions = ['cli', 'connection', 'readOnly', 'confirm', 'sandbox'] as const

/** Takes the package and its bundle and returns what the MCP registry lists. */
export function serverJson(pkg: Package, mcpb: { fileName: string; sha256: string }) {
  const environmentVariables = registryOptions.map((name) => {
    const option = options[name]
    const isSwitch = typeof option.default === 'boolean'
    return {
      name: `KUSTOMER_MCP_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      description: sentence(option.help),
      isRequired: false,
      format: isSwitch ? 'boolean' : name === 'cli' ? 'filepath' : 'string',
      ...(isSwitch ? { default: 'false' } : {}),
      ...(option.schema instanceof z.ZodEnum
        ? { choices: option.schema.options.map(String), default: String(option.default) }
        : {}),
    }
  })
  const transport = { type: 'stdio' }
  return {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: pkg.mcpName,
    title: 'Kustomer',
    description: pkg.description,
    version: pkg.version,
    websiteUrl: pkg.homepage,
    repository: { url: repositoryPage(pkg), source: 'github' },
    packages: [
      {
        registryType: 'npm',
        identifier: pkg.name,
        version: pkg.version,
        runtimeHint: 'npx',
        transport,
        environmentVariables,
      },
      {
        registryType: 'mcpb',
        identifier: `${repositoryPage(pkg)}/releases/download/v${pkg.version}/${mcpb.fileName}`,
        fileSha256: mcpb.sha256,
        transport,
      },
    ],
  }
}

const repositoryPage = ({ repository }: Package) => repository.url.replace(/^git\+/, '').replace(/\.git$/, '')

/**
 * Takes the package and returns the JSON files of a marketplace with one plugin, by their path. The plugin brings the
 * program along, so that it starts without a download; Cursor names no variable for a plugin's own folder, so that
 * there the package is fetched by its exact version.
 */
export function pluginFiles(pkg: Package): Record<string, object> {
  const { name, version, description, author, homepage, license, keywords } = pkg
  const plugin = {
    name: 'kustomer',
    version,
    description,
    author,
    homepage,
    repository: repositoryPage(pkg),
    license,
    keywords,
  }
  const listed = { name: 'kustomer', description, version }
  const server = (command: string, args: string[]) => ({ mcpServers: { kustomer: { command, args } } })
  return {
    '.claude-plugin/marketplace.json': {
      name,
      owner: author,
      plugins: [{ ...listed, source: './kustomer' }],
    },
    '.cursor-plugin/marketplace.json': { name, owner: author, plugins: [{ ...listed, source: 'kustomer' }] },
    'kustomer/.claude-plugin/plugin.json': plugin,
    'kustomer/.cursor-plugin/plugin.json': { ...plugin, mcpServers: './mcp.json', skills: './skills/' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Claude Code fills it in
    'kustomer/.mcp.json': server('node', ['${CLAUDE_PLUGIN_ROOT}/dist/main.js']),
    'kustomer/mcp.json': server('npx', ['-y', `${name}@${version}`]),
  }
}

/** Takes the package and returns the badges of the README: links by which Cursor and VS Code add the server. */
export function badges({ name }: Pick<Package, 'name'>): { markdown: string; link: string }[] {
  const entry = { command: 'npx', args: ['-y', name] }
  const cursor = `https://cursor.com/en/install-mcp?name=kustomer&config=${encodeURIComponent(Buffer.from(JSON.stringify(entry)).toString('base64'))}`
  const code = `https://vscode.dev/redirect/mcp/install?name=kustomer&config=${encodeURIComponent(JSON.stringify({ type: 'stdio', ...entry }))}`
  return [
    {
      link: cursor,
      markdown: `[![Add to Cursor](https://cursor.com/deeplink/mcp-install-dark.svg)](${cursor})`,
    },
    {
      link: code,
      markdown: `[![Install in VS Code](https://img.shields.io/badge/VS_Code-Install_Kustomer-0098FF)](${code})`,
    },
  ]
}
