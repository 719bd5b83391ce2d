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

/** One command of the CLI: what it is called, what it takes, and what it does. */
export interface CommandEntry {
  /** Its words, such as `connection list`. */
  name: string
  /** What stands after its words, for the help. */
  positionals?: string
  summary: string
  /** Flags by their long name, each with its text for the help. */
  flags: Readonly<Record<string, string>>
  run: Command
  /** Set where the dialect still has the command and tells people to leave it. */
  deprecated?: string
}

export const globalFlags = {
  json: 'print JSON',
  help: 'show this help',
  workspaceKey: '<key>',
  tenantKey: '<key>',
}
const paging = { limit: '<n>', cursor: '<cursor>' }
const connectionFlag = { connectionId: '<id>' }
const byHandle = { ...connectionFlag, connectionKey: '<key>' }

/** Takes a dialect and returns its commands; longer names stand before the shorter ones they begin with. */
export function commandsOf(dialect: Dialect): readonly CommandEntry[] {
  const isNew = dialect === 'new'
  const loginFlags = { 'non-interactive': '', clientName: '<name>', apiUri: '<url>' }
  const loginEntry: CommandEntry = {
    ...{ name: 'login', summary: 'sign in; prints a link', flags: loginFlags, run: login },
  }
  const common: CommandEntry[] = [
    {
      ...{ name: 'login complete', positionals: '<code>', summary: 'finish signing in' },
      ...{ flags: {}, run: completeLogin },
    },
    isNew ? loginEntry : { ...loginEntry, flags: { tenant: 'sign in as a tenant', ...loginFlags } },
    { name: 'status', summary: 'show who is signed in', flags: {}, run: status },
    {
      ...{ name: 'search', positionals: '<query>', summary: 'find connectors', run: searchElements },
      flags: { elementType: 'connector', limit: '<n>' },
    },
    {
      ...{ name: 'connect', summary: 'connect an app', run: connect },
      flags: {
        ...{ connectorId: '<id>', connectionId: '<id to reconnect>', 'non-interactive': '' },
        ...(isNew
          ? {
              ...{ connectorKey: '<key>', integrationKey: '<key>', connectionKey: '<key>', name: '<name>' },
              allowMultipleConnections: '',
            }
          : {}),
      },
    },
    {
      ...{ name: 'connection list', summary: 'list connections', run: listConnections },
      flags: isNew ? { ...paging, search: '<text>', integrationKey: '<key>' } : {},
    },
    {
      ...{ name: 'connection get', positionals: '<id>', summary: 'show a connection', run: getConnection },
      flags: isNew ? { wait: 'wait while it is built', timeout: '<seconds>' } : {},
    },
    {
      ...{ name: 'action list', summary: 'list actions of a connection', run: listActions },
      flags: { ...(isNew ? byHandle : connectionFlag), intent: '<text>', ...paging },
    },
    {
      ...{ name: 'action run', positionals: '<actionId>', summary: 'use an action', run: runAction },
      flags: { ...(isNew ? byHandle : connectionFlag), input: '<json>' },
      ...(isNew ? { deprecated: 'membrane act' } : {}),
    },
    {
      ...{ name: 'request', positionals: '<connectionId> <path>', summary: 'relay to the API', run: relay },
      flags: {
        ...{ method: '<method> (-X), default GET', header: '<name: value> (-H), repeatable' },
        ...{ data: '<data> (-d)', rawData: 'send the data as it is', query: '<name=value>, repeatable' },
        pathParam: '<name=value>, repeatable',
      },
      ...(isNew ? { deprecated: 'membrane act --api' } : {}),
    },
  ]
  if (!isNew) return common
  return [
    {
      ...{ name: 'login start', summary: 'print the link to sign in', run: login },
      flags: loginFlags,
    },
    ...common,
    {
      ...{ name: 'connection ensure', positionals: '<appUrl>', summary: 'find or create a connection' },
      ...{ flags: { name: '<name>' }, run: ensureConnection },
    },
    {
      ...{ name: 'connection patch', positionals: '<id>', summary: 'change a connection' },
      ...{ flags: { data: '<json>' }, run: patchConnection },
    },
    {
      ...{ name: 'action get', positionals: '<id-or-key>', summary: 'show an action', run: getAction },
      flags: { ...byHandle, wait: 'wait while it is built', timeout: '<seconds>' },
    },
    {
      ...{ name: 'act', summary: 'use an action or the API of a connection', run: act },
      flags: {
        ...{ id: '<actionId>', key: '<actionKey>', api: '<json: method, path, query, headers, body>' },
        ...{ code: '(refused in the sandbox)', ...byHandle, integrationKey: '<key>', input: '<json>' },
        meta: '<json>',
      },
    },
    {
      ...{
        name: 'action-run-log get',
        positionals: '<actionRunId>',
        summary: 'show a past use of an action',
      },
      ...{ flags: { details: 'add the exchange with the API' }, run: getRunLog },
    },
  ]
}
