type Environment = Readonly<Record<string, string | undefined>>

const kept = {
  /** What launchd gives an app (field reports of MCP hosts, such as bun913/mcp-testrail#136), and a Linux desktop at the least. */
  posix: 'HOME USER LOGNAME SHELL TMPDIR LANG XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR'.split(' '),
  /** An app on Windows has the PATH of the account, and nothing that a terminal added. */
  windows:
    'PATH PATHEXT SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC TEMP TMP USERNAME USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86)'.split(
      ' ',
    ),
}

/** What an app that is not started from a shell has of this environment. */
export function guiEnvironment(platform: string, env: Environment): Record<string, string> {
  const isWindows = platform === 'win32'
  return isWindows ? keep(true, env) : { ...keep(false, env), PATH: '/usr/bin:/bin:/usr/sbin:/sbin' }
}

/** What a client hands on to the servers it starts, where the client itself was started with this environment. */
export const serverEnvironment = (platform: string, env: Environment): Record<string, string> => ({
  ...keep(platform === 'win32', env),
  ...(env['PATH'] === undefined ? {} : { PATH: env['PATH'] }),
})

function keep(isWindows: boolean, env: Environment): Record<string, string> {
  const names = isWindows ? kept.windows : kept.posix
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && names.includes(isWindows ? entry[0].toUpperCase() : entry[0]),
  )
  return Object.fromEntries(entries)
}

const relevant =
  /^(KUSTOMER_MCP_\w+|MEMBRANE_\w+|(HTTPS?|ALL|NO)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i

/** Names of variables that matter to this program and that an app not started from this shell lacks. */
export const lostNames = (platform: string, env: Environment): string[] => {
  const left = guiEnvironment(platform, env)
  return Object.keys(env)
    .filter((name) => env[name] && relevant.test(name) && left[name] === undefined)
    .sort()
}
