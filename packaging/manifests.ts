/**
 * What each host or registry reads about this package, made from package.json, so that no two can differ. Formats:
 * MCPB manifest 0.3, server.json of the MCP registry (2025-12-11), plugins of Claude Code and Cursor.
 */
import { flagOf, type OptionName, optionNames, optionOf, variableOf } from '../src/config/options.ts'

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

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
/** Where a form has the default in a field of its own, the text does not repeat it. */
const describe = (name: OptionName) => {
  const { help, default: value } = optionOf(name)
  return sentence(value === undefined ? help : help.replace(/ \(default: [^)]*\)$/, ''))
}
const flagName = (name: OptionName) => flagOf(name).slice(2)
const settingName = (name: OptionName) => flagName(name).replaceAll('-', '_')
const inForm = (form: 'registry' | 'mcpb') =>
  optionNames.filter((name) => optionOf(name).forms?.includes(form))

/** A setting that Claude Desktop asks for. */
function setting(name: OptionName) {
  const { kind, choices, mustExist, title, default: value } = optionOf(name)
  return {
    type: kind === 'switch' ? 'boolean' : mustExist === true ? 'file' : 'string',
    title: title ?? sentence(flagName(name).replaceAll('-', ' ')).slice(0, -1),
    description: [
      describe(name),
      ...(choices === undefined ? [] : [sentence(`one of: ${choices.join(', ')}`)]),
    ].join(' '),
    ...(value === undefined ? {} : { default: value }),
    required: false,
  }
}

const longDescription = `Connects Claude to your Kustomer workspace: find customers and conversations, read whole threads, add notes, update records, and draft replies that a person sends.

You need a Membrane account and the Membrane CLI on this computer. Membrane keeps the sign-in to Kustomer; this extension never sees a password or a key. Ask Claude to connect Kustomer, and it shows you where to sign in.

To look around first, switch on Sandbox: it works with sample data, without an account. Read only lets Claude read and change nothing. Confirm makes Claude ask before it changes anything, or before anything that a customer could see.`

/** The manifest of the bundle for Claude Desktop. */
export function mcpbManifest(pkg: Package, tools: readonly Listed[]) {
  return {
    manifest_version: '0.3',
    name: pkg.name,
    display_name: 'Kustomer',
    version: pkg.version,
    description: pkg.description,
    long_description: longDescription,
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
          ...inForm('mcpb').map((name) => `${flagName(name)}=\${user_config.${settingName(name)}}`),
        ],
      },
    },
    tools: tools.map(({ name, description }) => ({ name, description })),
    tools_generated: false,
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: pkg.engines.node } },
    user_config: Object.fromEntries(inForm('mcpb').map((name) => [settingName(name), setting(name)])),
  }
}

/** What the MCP registry's form asks for. */
function environmentVariable(name: OptionName) {
  const { kind, choices, default: value } = optionOf(name)
  return {
    name: variableOf(name),
    description: describe(name),
    isRequired: false,
    format: kind === 'switch' ? 'boolean' : kind === 'path' ? 'filepath' : 'string',
    ...(choices === undefined ? {} : { choices }),
    ...(value === undefined ? {} : { default: String(value) }),
  }
}

/** What the MCP registry lists. */
export function serverJson(pkg: Package, mcpb: { fileName: string; sha256: string }) {
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
        environmentVariables: inForm('registry').map(environmentVariable),
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
 * The JSON files of a marketplace with one plugin, by their path. The plugin holds the program, so that it starts
 * without a download. Cursor has no variable for a plugin's folder, so there npx fetches the exact version.
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

/** The badges of the README: links by which Cursor and VS Code add the server. */
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
