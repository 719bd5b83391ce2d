/** Where a host keeps a file, in the order of preference; the last is taken when none of the others fits. */
export type PathTemplate = readonly string[]

export type Scope = 'user' | 'project'

/** A program that starts MCP servers, by what has to be known to give it one more. */
export interface Client {
  title: string
  format: 'json' | 'toml'
  /** The member that holds the servers by their names. */
  parent: string
  /** What an entry has beside `command` and `args`. */
  fixed?: Readonly<Record<string, string>>
  /** The file for everything the person does. */
  user: Readonly<Record<'darwin' | 'win32' | 'linux', PathTemplate>>
  /** The file for one project, from its folder. */
  project?: string
}

export type ClientName = keyof typeof clients

const same = (...place: string[]) => ({ darwin: place, win32: place, linux: place })

/**
 * Each host once. In a place `~` is the home folder, `%NAME%` a variable, without which the place does not fit, and `*`
 * stands for the rest of a folder's name that exists. The places and formats are those of each host's own documentation;
 * that Claude Desktop from its Windows package reads a folder of the package alone is a finding of its users
 * (anthropics/claude-code#26073).
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

/** The name of our entry in every host. */
export const entryName = 'kustomer'

export const clientNames = Object.keys(clients) as ClientName[]

/** Takes a name of the table and returns its host, as one type for all. */
export const clientOf = (name: ClientName): Client => clients[name]
