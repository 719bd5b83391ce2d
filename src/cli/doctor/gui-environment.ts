type Environment = Readonly<Record<string, string | undefined>>

const kept = {
  /** What launchd gives an app (field reports of MCP hosts, such as bun913/mcp-testrail#136), and a Linux desktop at the least. */
  posix: [
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'TMPDIR',
    'LANG',
    'XDG_CONFIG_HOME',
    'XDG_DATA_HOME',
    'XDG_RUNTIME_DIR',
  ],
  /** An app on Windows has the PATH of the person's account, and none of a terminal's additions. */
  windows: [
    ...[
      'PATH',
      'PATHEXT',
      'SYSTEMROOT',
      'SYSTEMDRIVE',
      'WINDIR',
      'COMSPEC',
      'TEMP',
      'TMP',
      'USERNAME',
      'USERPROFILE',
    ],
    ...[
      'HOMEDRIVE',
      'HOMEPATH',
      'APPDATA',
      'LOCALAPPDATA',
      'PROGRAMDATA',
      'PROGRAMFILES',
      'PROGRAMFILES(X86)',
    ],
  ],
}

/** Takes the platform and an environment and returns what a host with a window would have left of it. */
export function guiEnvironment(platform: string, env: Environment): Record<string, string> {
  const windows = platform === 'win32'
  const names = windows ? kept.windows : kept.posix
  const left = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && names.includes(windows ? entry[0].toUpperCase() : entry[0]),
  )
  return { ...Object.fromEntries(left), ...(windows ? {} : { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' }) }
}

const ofThisShell =
  /^(KUSTOMER_MCP_\w+|MEMBRANE_\w+|(HTTPS?|ALL|NO)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i

/** Takes an environment and returns the names in it that matter here and that a host with a window would not have. */
export const lostNames = (platform: string, env: Environment): string[] => {
  const left = guiEnvironment(platform, env)
  return Object.keys(env)
    .filter((name) => env[name] && ofThisShell.test(name) && left[name] === undefined)
    .sort()
}
