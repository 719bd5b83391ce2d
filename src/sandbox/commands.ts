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
  positionals?: string
  summary: string
  flags: readonly string[]
  run: Command
  /** What people should use instead. */
  deprecated?: string | undefined
}

/** A command of both dialects or of the new one alone; `+` marks a flag of the new dialect, `-` one of the old. */
interface DialectEntry extends Omit<CommandEntry, 'flags'> {
  flags: string
  isNew?: true
}

const loginFlags = 'non-interactive clientName apiUri'
const connection = 'connectionId +connectionKey'

/** Longer names stand before the shorter ones that they begin with. */
const commands: readonly DialectEntry[] = [
  { name: 'login start', summary: 'print the link to sign in', flags: loginFlags, run: login, isNew: true },
  {
    name: 'login complete',
    positionals: '<code>',
    summary: 'finish signing in',
    flags: '',
    run: completeLogin,
  },
  { name: 'login', summary: 'sign in; prints a link', flags: `-tenant ${loginFlags}`, run: login },
  { name: 'status', summary: 'show who is signed in', flags: '', run: status },
  {
    name: 'search',
    positionals: '<query>',
    summary: 'find connectors',
    flags: 'elementType limit',
    run: searchElements,
  },
  {
    name: 'connect',
    summary: 'connect an app',
    flags: `connectorId +connectorKey +integrationKey ${connection} +name +allowMultipleConnections non-interactive`,
    run: connect,
  },
  {
    name: 'connection list',
    summary: 'list connections',
    flags: '+limit +cursor +search +integrationKey',
    run: listConnections,
  },
  {
    name: 'connection get',
    positionals: '<id>',
    summary: 'show a connection',
    flags: '+wait +timeout',
    run: getConnection,
  },
  {
    name: 'connection ensure',
    positionals: '<appUrl>',
    summary: 'find or create a connection',
    flags: 'name',
    run: ensureConnection,
    isNew: true,
  },
  {
    name: 'connection patch',
    positionals: '<id>',
    summary: 'change a connection',
    flags: 'data',
    run: patchConnection,
    isNew: true,
  },
  {
    name: 'action list',
    summary: 'list actions of a connection',
    flags: `${connection} intent limit cursor`,
    run: listActions,
  },
  {
    name: 'action get',
    positionals: '<id-or-key>',
    summary: 'show an action',
    flags: `${connection} wait timeout`,
    run: getAction,
    isNew: true,
  },
  {
    name: 'action run',
    positionals: '<actionId>',
    summary: 'use an action',
    flags: `${connection} input`,
    run: runAction,
    deprecated: 'membrane act',
  },
  {
    name: 'act',
    summary: 'use an action or the API of a connection',
    flags: `id key api code ${connection} integrationKey input meta`,
    run: act,
    isNew: true,
  },
  {
    name: 'action-run-log get',
    positionals: '<actionRunId>',
    summary: 'show a past use of an action',
    flags: 'details',
    run: getRunLog,
    isNew: true,
  },
  {
    name: 'request',
    positionals: '<connectionId> <path>',
    summary: 'relay to the API',
    flags: 'method header data rawData query pathParam',
    run: relay,
    deprecated: 'membrane act --api',
  },
]

const otherDialect = { old: '+', new: '-' } as const

/** The commands of a dialect; the old one deprecates none. */
export const commandsOf = (dialect: Dialect): readonly CommandEntry[] =>
  commands
    .filter(({ isNew = false }) => dialect === 'new' || !isNew)
    .map(({ flags, deprecated, ...entry }) => ({
      ...entry,
      flags: flags
        .split(' ')
        .filter((name) => name !== '' && !name.startsWith(otherDialect[dialect]))
        .map((name) => name.replace(/^[+-]/, '')),
      deprecated: dialect === 'new' ? deprecated : undefined,
    }))
