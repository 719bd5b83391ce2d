import { type ClientName, clientNames } from '../../clients/clients.ts'
import { UsageError } from '../../errors.ts'
import { withSuggestion } from '../../text/suggest.ts'
import { type ClientTarget, findClients } from './plan-clients.ts'
import type { ClientsStep, SetupOptions } from './setup-step.ts'
import { currentSystem } from './system.ts'

/** The clients that were named; else the installed ones, as the user confirms or changes them. */
export async function chooseClients({ options, runtime, prompter }: ClientsStep): Promise<ClientTarget[]> {
  const named = namedClients(options)
  const clients = await findClients(named ?? clientNames, options.scope, currentSystem(runtime))
  if (named !== undefined) {
    const without = named.filter((name) => !clients.some((client) => client.name === name))
    if (without.length === 0) return clients
    throw new UsageError(`--scope ${options.scope}: ${without.join(', ')} has no file for that.`)
  }
  const installed = clients.filter((client) => client.installed)
  if (!prompter.present) {
    if (installed.length > 0) return installed
    const titles = clients.map(({ title }) => title).join(', ')
    const where = options.scope === 'user' ? 'installed for this user' : 'used in this folder'
    throw new Error(
      `nothing was changed, because no client was found that is ${where}. Known: ${titles}. Name one with --client, such as --client ${clients[0]?.name}.`,
    )
  }
  const picked = await prompter.pick(
    'Which clients shall have it? (Space chooses, Enter goes on)',
    clients.map(({ name, title, file }) => ({ value: name, label: title, hint: file })),
    installed.map(({ name }) => name),
  )
  return clients.filter(({ name }) => picked.includes(name))
}

/** The clients of --client; undefined when it was not given. Throws UsageError for one that does not exist. */
export function namedClients({ client }: SetupOptions): ClientName[] | undefined {
  const names = client
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names === undefined) return undefined
  const known = clientNames.filter((name) => names.includes(name))
  const unknown = names.filter((name) => !clientNames.some((one) => one === name))
  if (unknown.length === 0) return known
  const listed = unknown.map((name) => withSuggestion(name, clientNames)).join(', ')
  throw new UsageError(`--client: unknown: ${listed}. Known: ${clientNames.join(', ')}.`)
}
