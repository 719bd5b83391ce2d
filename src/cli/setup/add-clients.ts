import { dirname } from 'node:path'
import { clientNames, clientOf } from '../../clients/clients.ts'
import { entryIn } from '../../clients/document.ts'
import { isTemporaryInstall, resolveLaunch } from '../../clients/launch.ts'
import { isObject } from '../../json.ts'
import { chooseClients, namedClients } from './choose-clients.ts'
import {
  diffOf,
  findClients,
  isUnchanged,
  type Plan,
  planFor,
  provenPlan,
  writeChange,
} from './plan-clients.ts'
import type { ClientsStep, SetupStep } from './setup-step.ts'
import { argumentsFor, currentInstallation, currentSystem } from './system.ts'

/** Writes our entry for the clients that were named or chosen. Rejects with an Error when one could not be written. */
export async function addClients(step: ClientsStep & Pick<SetupStep, 'config'>): Promise<void> {
  const { config, runtime, options, prompter } = step
  const chosen = await chooseClients(step)
  if (chosen.length === 0) return prompter.say('No client is changed.')
  const installation = await currentInstallation(runtime)
  const given = [
    ...new Set([...options.given, ...(config.connection === undefined ? [] : (['connection'] as const))]),
  ]
  const launch = resolveLaunch(installation, argumentsFor(config, given))
  // Setup has just looked at these itself, so an older entry does not decide them.
  const renewed = options.clientsOnly ? (['sandbox'] as const) : (['sandbox', 'connection'] as const)
  const choices = { renewed, withOptional: options.alwaysLoad === true }
  const plans = await Promise.all(chosen.map((target) => planFor(target, launch, choices)))
  const system = currentSystem(runtime)
  const proven =
    options.dryRun || !plans.some((plan) => 'change' in plan && !isUnchanged(plan.change))
      ? plans
      : await prompter.busy('Starting the server as the clients will', () =>
          Promise.all(plans.map((plan) => provenPlan(plan, system))),
        )
  const advice = isTemporaryInstall(installation) ? lastingAdvice(dirname(runtime.bundleDir)) : undefined
  const changed = await applyPlans(proven, step, { unchanged: 'has the entry already', advice })
  if (changed === 0) return
  for (const hint of proven.flatMap(hintFor)) prompter.say(hint)
  prompter.say('Restart the client, or reload its servers, to use it.')
}

/** What is said of an entry that lacks the optional members of its client. */
function hintFor(plan: Plan): string[] {
  const { optional } = clientOf(plan.name)
  if (optional === undefined || 'problem' in plan || plan.change.after === undefined) return []
  const entry = entryIn(plan.change.after, clientOf(plan.name))
  const isComplete = isObject(entry) && Object.keys(optional.members).every((key) => key in entry)
  return isComplete ? [] : [`${plan.title}: ${optional.hint}`]
}

const lastingAdvice = (folder: string) =>
  `This copy is in a folder that will be deleted. Copy ${folder} to one that stays, such as ~/kustomer-mcp, and run \`node ~/kustomer-mcp/dist/main.js setup\`.`

/** Removes our entry from the clients that were named, or from all. Rejects with an Error when one could not be removed. */
export async function removeClients(step: ClientsStep): Promise<void> {
  const { options, runtime, prompter } = step
  const named = namedClients(options)
  const clients = await findClients(named ?? clientNames, options.scope, currentSystem(runtime))
  const plans = await Promise.all(clients.map((client) => planFor(client, undefined)))
  const concerned = plans.filter(
    (plan) => named !== undefined || 'problem' in plan || !isUnchanged(plan.change),
  )
  if (concerned.length === 0) prompter.say('No client has an entry of this program.')
  await applyPlans(concerned, step, { unchanged: 'has no entry of this program' })
}

/** Shows each change, asks, and makes it; a problem of one client does not stop the others. Returns how many changed. */
async function applyPlans(
  plans: readonly Plan[],
  { options, prompter }: ClientsStep,
  { unchanged, advice }: { unchanged: string; advice?: string | undefined },
): Promise<number> {
  let [changed, problems] = [0, 0]
  const refuse = ({ title, file }: Plan, problem: string) => {
    problems++
    prompter.say(`${title}: left as it is. ${file}: ${problem}.`)
  }
  for (const plan of plans) {
    if ('problem' in plan) {
      refuse(plan, plan.problem)
    } else if (isUnchanged(plan.change)) {
      prompter.say(`${plan.title}: ${unchanged}; nothing to change in ${plan.file}.`)
    } else {
      prompter.say(diffOf(plan.change))
      if (options.dryRun) continue
      if (prompter.present && !(await prompter.confirm(`Change ${plan.file}?`))) continue
      try {
        prompter.say(await writeChange(plan, plan.change))
        changed++
      } catch (error) {
        refuse(plan, (error as Error).message)
      }
    }
  }
  if (problems === 0) return changed
  const summary = `${problems} of ${plans.length} clients could not be changed.`
  throw new Error(advice === undefined ? summary : `${summary} ${advice}`)
}
