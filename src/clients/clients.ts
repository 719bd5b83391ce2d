/** Where a client keeps a file, in order of preference; the last one always fits. */
export type PathTemplate = readonly string[]

export type Scope = 'user' | 'project'

/** A program that starts MCP servers, and what it takes to add one. */
export interface Client {
  title: string
  format: 'json' | 'toml'
  /** The member that holds the servers by their names. */
  parent: string
  /** Members of an entry beside `command` and `args`. */
  fixed?: Readonly<Record<string, string>>
  /** Members that --always-load adds, and what setup says to those who did not give it. */
  optional?: { members: Readonly<Record<string, unknown>>; hint: string }
  /** The file for everything the user does. */
  user: Readonly<Record<'darwin' | 'win32' | 'linux', PathTemplate>>
  /** The file for one project, from its folder. */
  project?: string
}

export type ClientName = keyof typeof clients

const same = (...place: string[]) => ({ darwin: place, win32: place, linux: place })

/**
 * Each client once. In a path `~` is the home folder, `%NAME%` a variable that must be set, and `*` the rest of the name
 * of a folder that exists. Paths and formats are from each client's documentation; that Claude Desktop from its Windows
 * package reads only the folder of the package is a finding of its users (anthropics/claude-code#26073).
 */
export const clients = {
  'claude-desktop': {
    title: 'Claude Desktop',
    format: 'json',
    parent: 'mcpServers',
    user: {
      darwin: ['~/Library/Application Support/Claude/claude_desktop_config.json'],
      win32: [
        '%LOCALAPPDATA%/Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json',
        '%APPDATA%/Claude/claude_desktop_config.json',
        '~/AppData/Roaming/Claude/claude_desktop_config.json',
      ],
      linux: [
        '%XDG_CONFIG_HOME%/Claude/claude_desktop_config.json',
        '~/.config/Claude/claude_desktop_config.json',
      ],
    },
  },
  'claude-code': {
    title: 'Claude Code',
    format: 'json',
    parent: 'mcpServers',
    fixed: { type: 'stdio' },
    optional: {
      members: { alwaysLoad: true },
      hint: '`claude -p` may begin before the tools are there. `kustomer-mcp setup --client claude-code --always-load` makes it wait for them.',
    },
    user: same('%CLAUDE_CONFIG_DIR%/.claude.json', '~/.claude.json'),
    project: '.mcp.json',
  },
  cursor: {
    title: 'Cursor',
    format: 'json',
    parent: 'mcpServers',
    user: same('~/.cursor/mcp.json'),
    project: '.cursor/mcp.json',
  },
  vscode: {
    title: 'VS Code',
    format: 'json',
    parent: 'servers',
    fixed: { type: 'stdio' },
    user: {
      darwin: ['~/Library/Application Support/Code/User/mcp.json'],
      win32: ['%APPDATA%/Code/User/mcp.json', '~/AppData/Roaming/Code/User/mcp.json'],
      linux: ['%XDG_CONFIG_HOME%/Code/User/mcp.json', '~/.config/Code/User/mcp.json'],
    },
    project: '.vscode/mcp.json',
  },
  windsurf: {
    title: 'Windsurf',
    format: 'json',
    parent: 'mcpServers',
    user: same('~/.codeium/windsurf/mcp_config.json'),
  },
  zed: {
    title: 'Zed',
    format: 'json',
    parent: 'context_servers',
    user: {
      darwin: ['~/.config/zed/settings.json'],
      win32: ['%APPDATA%/Zed/settings.json', '~/AppData/Roaming/Zed/settings.json'],
      linux: ['%XDG_CONFIG_HOME%/zed/settings.json', '~/.config/zed/settings.json'],
    },
    project: '.zed/settings.json',
  },
  codex: {
    title: 'Codex',
    format: 'toml',
    parent: 'mcp_servers',
    user: same('%CODEX_HOME%/config.toml', '~/.codex/config.toml'),
    project: '.codex/config.toml',
  },
  gemini: {
    title: 'Gemini CLI',
    format: 'json',
    parent: 'mcpServers',
    user: same('~/.gemini/settings.json'),
    project: '.gemini/settings.json',
  },
} as const satisfies Record<string, Client>

/** The name of our entry in every client. */
export const entryName = 'kustomer'

export const clientNames = Object.keys(clients) as ClientName[]

/** A client of the table, as one type for all. */
export const clientOf = (name: ClientName): Client => clients[name]
