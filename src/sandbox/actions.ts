import type { Action } from './action-catalogue.ts'
import { flag, UsageError } from './arguments.ts'
import { connectionHandle, signedIn, usableConnection } from './connections.ts'
import { type Command, missing, wrongInput } from './outcome.ts'
import { pageOf } from './paging.ts'

/** `action list`: all actions of a connection, or those that an intent finds. */
export const listActions: Command = async (args, surroundings) => {
  const { id, app } = await usableConnection(connectionHandle(args), surroundings)
  const intent = flag(args, 'intent')
  if (intent !== undefined && intent.length > 200)
    throw wrongInput('Too big: expected string to have <=200 characters at intent')
  const { actions, describeAction, rankActions } = await import('./action-catalogue.ts')
  const found = intent === undefined ? actions : rankActions(intent)
  const own: readonly Action[] = app === 'kustomer' ? found : []
  const page = pageOf(own, args)
  return { document: { ...page, items: page.items.map((action) => describeAction(action, id)) } }
}

/** `action get <id-or-key>`. */
export const getAction: Command = async ({ positionals: [selector] }, surroundings) => {
  const { connections } = await signedIn(surroundings)
  if (selector === undefined) throw new UsageError('action get needs an id or key')
  const { describeAction, findAction } = await import('./action-catalogue.ts')
  const action = findAction(selector)
  if (action === undefined) throw missing('Action', selector)
  const own = connections.find(({ app }) => app === 'kustomer')
  return { document: describeAction(action, own?.id ?? '') }
}
