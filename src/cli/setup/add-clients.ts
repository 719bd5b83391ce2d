import { type ClientName, clientNames } from '../../clients/clients.ts'
import type { FileChange } from '../../clients/config-file.ts'
import { isTemporaryInstall, resolveLaunch } from '../../clients/launch.ts'
import { UsageError } from '../../errors.ts'
import { withSuggestion } from '../../text/suggest.ts'
import type { SetupStep } from './account.ts'
import { type ClientTarget, diffOf, findClients, type Plan, planFor, writeChange } from './plan-clients.ts'
import type { SetupOptions } from './setup.ts'
import { argumentsFor, currentInstallation, currentSystem } from './system.ts'

type Step = Omit<SetupStep, 'config' | 'signal'>

/** Writes our entry into the files of the clients that were named or chosen. Throws an Error when one could not be. */
export async function addClients(step: Step & Pick<SetupStep, 'config'>): Promise<void> {
  const { config, runtime, options, person } = step
  const chosen = await chooseClients(step)
  if (chosen.length === 0) return person.say('No client is changed.')
  const installation = await currentInstallation(runtime)
  if (isTemporaryInstall(installation))
    person.say(
      'This copy will not stay where it is, so clients will start it with npx. For good: npm install -g kustomer-mcp',
    )
  const given = [
    ...new Set([...options.given, ...(config.connection === undefined ? [] : (['connection'] as const))]),
  ]
  // What setup has looked at itself is not to be found out from an entry that is older.
  const renewed = options.clientsOnly ? (['sandbox'] as const) : (['sandbox', 'connection'] as const)
  const plans = await planFor(chosen, resolveLaunch(installation, argumentsFor(config, given)), renewed)
  const changed = await settle(plans, step, 'has the entry already')
  if (changed > 0) person.say('Restart the client, or reload its servers, to use it.')
}

/** Takes our entry out of the files of the clients that were named, or of all. Throws an Error when one could not be. */
export async function removeClients(step: Step): Promise<void> {
  const { options, runtime, person } = step
  const named = namedClients(options)
  const clients = await findClients(named ?? clientNames, options.scope, currentSystem(runtime))
  const plans = await planFor(clients, undefined)
  const concerned = plans.filter(
    (plan) => named !== undefined || 'problem' in plan || !isUnchanged(plan.change),
  )
  if (concerned.length === 0) person.say('No client has an entry of this program.')
  await settle(concerned, step, 'has no entry of this program')
}

/** Those that were named; else those that are installed, as the person confirms or changes them. */
async function chooseClients({ options, runtime, person }: Step): Promise<ClientTarget[]> {
  const named = namedClients(options)
  const clients = await findClients(named ?? clientNames, options.scope, currentSystem(runtime))
  if (named !== undefined) {
    const without = named.filter((name) => !clients.some((client) => client.name === name))
    if (without.length === 0) return clients
    throw new UsageError(`--scope ${options.scope}: ${without.join(', ')} has no file for that.`)
  }
  const installed = clients.filter((client) => client.installed)
  if (!person.present) return installed
  const picked = await person.pick(
    'Which clients shall have it? (Space chooses, Enter goes on)',
    clients.map(({ name, title, file }) => ({ value: name, label: title, hint: file })),
    installed.map(({ name }) => name),
  )
  return clients.filter(({ name }) => picked.includes(name))
}

/** Takes the options and returns the hosts they name. Throws UsageError for one that does not exist. */
export function namedClients({ client }: SetupOptions): ClientName[] | undefined {
  const names = client
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names === undefined) return undefined
  const known = clientNames.filter((name) => names.includes(name))
  const unknown = names.filter((name) => !clientNames.some((host) => host === name))
  if (unknown.length === 0) return known
  const listed = unknown.map((name) => withSuggestion(name, clientNames)).join(', ')
  throw new UsageError(`--client: unknown: ${listed}. Known: ${clientNames.join(', ')}.`)
}

const isUnchanged = ({ before, after }: FileChange) => before === after

/**
 * Shows what changes, asks, and does it; a client with a problem does not keep the others from theirs. Returns how many
 * were changed.
 */
async function settle(plans: readonly Plan[], { options, person }: Step, unchanged: string): Promise<number> {
  let [changed, problems] = [0, 0]
  for (const plan of plans) {
    if ('problem' in plan) {
      problems++
      person.say(`${plan.title}: left as it is. ${plan.file}: ${plan.problem}.`)
    } else if (isUnchanged(plan.change)) {
      person.say(`${plan.title}: ${unchanged}; nothing to change in ${plan.file}.`)
    } else {
      person.say(diffOf(plan.change))
      if (options.dryRun) continue
      if (person.present && !(await person.confirm(`Change ${plan.file}?`))) continue
      if (await done(plan, plan.change)) changed++
      else problems++
    }
  }
  if (problems > 0) throw new Error(`${problems} of ${plans.length} clients could not be changed.`)
  return changed

  async function done(client: ClientTarget, change: FileChange): Promise<boolean> {
    return writeChange(client, change).then(
      (told) => {
        person.say(told)
        return true
      },
      (error: Error) => {
        person.say(`${client.title}: left as it is. ${client.file}: ${error.message}.`)
        return false
      },
    )
  }
}
