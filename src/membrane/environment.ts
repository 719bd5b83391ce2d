import { delimiter, dirname } from 'node:path'

/** Passed on to the CLI: home, language, proxies and certificates, and the CLI's own `MEMBRANE_*` settings. */
const passedOn =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_\w+|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES|(HTTPS?|ALL|NO)_PROXY|NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA|NODE_USE_ENV_PROXY|SSL_CERT_(FILE|DIR)|MEMBRANE_\w+)$/i

/** Adds the CLI's folder and our own node's to PATH: GUI hosts give a bare one, without node. */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  cliPath: string,
): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && passedOn.test(entry[0]),
  )
  const pathName = kept.find(([name]) => name.toUpperCase() === 'PATH')?.[0] ?? 'PATH'
  const path = [env[pathName], dirname(cliPath), dirname(process.execPath)].filter(Boolean).join(delimiter)
  return { ...Object.fromEntries(kept), [pathName]: path, NO_COLOR: '1', CI: '1', TERM: 'dumb' }
}
