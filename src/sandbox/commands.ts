import { getAction, listActions } from './actions.ts'
import {
  connect,
  ensureConnection,
  getConnection,
  listConnections,
  patchConnection,
  searchElements,
} from './connections.ts'
import type { Command } from './outcome.ts'
import { act, getRunLog, relay, runAction } from './runs.ts'
import { completeLogin, login, status } from './sessions.ts'
import type { Dialect } from './settings.ts'

/** One command of the CLI. */
export interface CommandEntry {
  /** Its words, such as `connection list`. */
  name: string
  /** Its words and its positionals, such as `connection get <id>`. */
  usage: string
  summary: string
  flags: readonly string[]
  run: Command
  /** The command that takes its place. */
  deprecated?: string | undefined
}

const loginFlags = 'non-interactive clientName apiUri'
const handle = 'connectionId +connectionKey'
const connectFlags = `connectorId +connectorKey +integrationKey ${handle} +name +allowMultipleConnections non-interactive`

/**
 * The commands of both dialects: usage, summary, flags, what runs, and what takes its place in the new one. `+` marks a
 * command or a flag of the new dialect alone, `-` a flag of the old one. Longer names stand before their beginnings.
 */
const commands: readonly (readonly [string, string, string, Command, string?])[] = [
  ['+login start', 'print the link to sign in', loginFlags, login],
  ['login complete <code>', 'finish signing in', '', completeLogin],
  ['login', 'sign in; prints a link', `-tenant ${loginFlags}`, login],
  ['status', 'show who is signed in', '', status],
  ['search <query>', 'find connectors', 'elementType limit', searchElements],
  ['connect', 'connect an app', connectFlags, connect],
  ['connection list', 'list connections', '+limit +cursor +search +integrationKey', listConnections],
  ['connection get <id>', 'show a connection', '+wait +timeout', getConnection],
  ['+connection ensure <appUrl>', 'find or create a connection', 'name', ensureConnection],
  ['+connection patch <id>', 'change a connection', 'data', patchConnection],
  ['action list', 'list actions of a connection', `${handle} intent limit cursor`, listActions],
  ['+action get <id-or-key>', 'show an action', `${handle} wait timeout`, getAction],
  ['action run <actionId>', 'use an action', `${handle} input`, runAction, 'membrane act'],
  [
    '+act',
    'use an action or the API of a connection',
    `id key api code ${handle} integrationKey input meta`,
    act,
  ],
  ['+action-run-log get <actionRunId>', 'show a past use of an action', 'details', getRunLog],
  [
    'request <connectionId> <path>',
    'relay to the API',
    'method header data rawData query pathParam',
    relay,
    'membrane act --api',
  ],
]

export function commandsOf(dialect: Dialect): readonly CommandEntry[] {
  const isNew = dialect === 'new'
  const belongs = (word: string) => word !== '' && !word.startsWith(isNew ? '-' : '+')
  const unmarked = (word: string) => word.replace(/^[+-]/, '')
  return commands
    .filter(([usage]) => belongs(usage))
    .map(([usage, summary, flags, run, deprecated]) => ({
      name: unmarked(usage).replace(/ <.*/, ''),
      usage: unmarked(usage),
      summary,
      flags: flags.split(' ').filter(belongs).map(unmarked),
      run,
      deprecated: isNew ? deprecated : undefined,
    }))
}
