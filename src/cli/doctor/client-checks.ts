import { type ClientName, clientNames, clientOf, type Scope } from '../../clients/clients.ts'
import { readConfigFile } from '../../clients/config-file.ts'
import { ConfigFileError } from '../../clients/config-file-error.ts'
import { entryIn } from '../../clients/document.ts'
import { isOwnEntry } from '../../clients/launch.ts'
import { configFileOf, type System } from '../../clients/paths.ts'
import type { Json } from '../../json.ts'
import { hasPlaceholders, isDisabled, isSandboxEntry, tryEntry } from '../try-entry.ts'
import { type Check, ok, warn } from './check.ts'

/** A client's config file for one scope. */
interface Place {
  name: ClientName
  scope: Scope
  file: string
}

/** Starts the entry of every client that has one, as the client would. */
export async function clientChecks(system: System): Promise<Check[]> {
  const places = clientNames.flatMap((name) => [
    clientCheck(name, 'user', system),
    clientCheck(name, 'project', system),
  ])
  const found = (await Promise.all(places)).filter((check) => check !== undefined)
  return found.length > 0
    ? found
    : [warn('client', 'No client starts this program yet.', 'Run `kustomer-mcp setup`.')]
}

async function clientCheck(name: ClientName, scope: Scope, system: System): Promise<Check | undefined> {
  const client = clientOf(name)
  const file = await configFileOf(client, scope, system)
  // In the home folder the file of a project may be that of the user.
  const isTwice = scope === 'project' && file === (await configFileOf(client, 'user', system))
  if (file === undefined || isTwice) return undefined
  const place = { name, scope, file }
  try {
    const text = await readConfigFile(file)
    const entry = text === undefined ? undefined : entryIn(text, client)
    return isOwnEntry(entry) ? await entryCheck(place, entry as Json, system) : undefined
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error
    const message = `${client.title}: ${file} cannot be used: ${error.message}.`
    return warn(idOf(place), message, 'Correct the file, or move it away.', place)
  }
}

async function entryCheck(place: Place, entry: Json, system: System): Promise<Check> {
  const { name, scope, file } = place
  const { title } = clientOf(name)
  const sandbox = isSandboxEntry(entry)
  const onWhat = sandbox ? ' on the sandbox' : ''
  const facts = { client: name, scope, file, sandbox, disabled: isDisabled(entry) }
  if (facts.disabled)
    return warn(idOf(place), `${title} has it disabled (${file}).`, `Enable it in ${title}.`, facts)
  if (hasPlaceholders(entry))
    return ok(
      idOf(place),
      `${title} starts it${onWhat}, with values that only ${title} knows (${file})`,
      facts,
    )
  const problem = await tryEntry(entry, system)
  if (problem === undefined) return ok(idOf(place), `${title} starts it${onWhat}, by ${file}`, facts)
  const flags = [scope === 'user' ? '' : ' --scope project', sandbox ? ' --sandbox' : ''].join('')
  const again = `Run \`kustomer-mcp setup --client ${name}${flags}\` again, or correct the entry.`
  return warn(idOf(place), `${title} cannot start it: ${problem} (${file}).`, again, { ...facts, problem })
}

const idOf = ({ name, scope }: Place) => `client-${name}${scope === 'user' ? '' : '-project'}`
