import { isAbsolute, win32 } from 'node:path'
import which from 'which'
import { type ClientName, clientNames, clientOf, type Scope } from '../../clients/clients.ts'
import { readConfigFile } from '../../clients/config-file.ts'
import { ConfigFileError } from '../../clients/config-file-error.ts'
import { entryIn } from '../../clients/document.ts'
import { isOwnEntry } from '../../clients/launch.ts'
import { configFileOf, exists, type System } from '../../clients/paths.ts'
import type { Json } from '../../json.ts'
import { singleLine } from '../../text/quote.ts'
import { type Check, ok, warn } from './check.ts'

/** Which clients start this program, and whether what they start is there. */
export async function clientChecks(machine: System): Promise<Check[]> {
  const places = clientNames.flatMap((name) => [
    { name, scope: 'user' as const },
    { name, scope: 'project' as const },
  ])
  const checks = await Promise.all(places.map(({ name, scope }) => clientCheck(name, scope, machine)))
  const found = checks.filter((check) => check !== undefined)
  return found.length > 0
    ? found
    : [warn('client', 'No client starts this program yet.', 'Run `kustomer-mcp setup`.')]
}

async function clientCheck(name: ClientName, scope: Scope, machine: System): Promise<Check | undefined> {
  const host = clientOf(name)
  const file = await configFileOf(host, scope, machine)
  // In the home folder itself a project's file may be the person's own.
  const isTwice = scope === 'project' && file === (await configFileOf(host, 'user', machine))
  if (file === undefined || isTwice) return undefined
  const id = `client-${name}${scope === 'user' ? '' : '-project'}`
  const facts = { client: name, scope, file }
  try {
    const text = await readConfigFile(file)
    const entry = text === undefined ? undefined : entryIn(text, host)
    if (!isOwnEntry(entry)) return undefined
    const missing = await missingOf(entry as Json, machine)
    if (missing === undefined) return ok(id, `${host.title} starts it, by ${file}`, facts)
    const again = `Run \`kustomer-mcp setup --client ${name}${scope === 'user' ? '' : ' --scope project'}\` again.`
    return warn(id, `${host.title} starts ${missing}, which is not there (${file}).`, again, {
      ...facts,
      missing,
    })
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error
    return warn(
      id,
      `${host.title} cannot be looked at: ${file}: ${error.message}.`,
      'Mend the file, or move it away.',
      facts,
    )
  }
}

/** What an entry names and nobody finds: its command, or the script it runs. */
async function missingOf({ command, args }: Json, { env }: System): Promise<string | undefined> {
  const words = Array.isArray(args) ? args.filter((word) => typeof word === 'string') : []
  const scripts = words.filter((word) => /\.[cm]?js$/.test(word) && isFull(word))
  for (const path of scripts) if (!(await exists(path))) return singleLine(path, 300)
  if (typeof command !== 'string') return 'no command'
  const path = env['PATH'] ?? env['Path'] ?? ''
  const isThere = isFull(command)
    ? await exists(command)
    : (await which(command, { path, nothrow: true })) !== null
  return isThere ? undefined : singleLine(command, 300)
}

const isFull = (path: string) => isAbsolute(path) || win32.isAbsolute(path)
