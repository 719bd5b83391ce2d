import { flag, UsageError } from './arguments.ts'
import { connectionHandle, signedIn, usableConnection } from './connections.ts'
import { type Command, missing, wrongInput } from './outcome.ts'
import { pageOf } from './paging.ts'

/** Lists the actions of a connection, or those that an intent finds. */
export const listActions: Command = async (args, context) => {
  const { id, app } = await usableConnection(connectionHandle(args), context)
  const intent = flag(args, 'intent')
  if (intent !== undefined && intent.length > 200)
    throw wrongInput('Too big: expected string to have <=200 characters at intent')
  const { actions, describeAction, rankActions } = await import('./action-catalogue.ts')
  const found = intent === undefined ? actions : rankActions(intent)
  const page = pageOf(app === 'kustomer' ? found : [], args)
  return { document: { ...page, items: page.items.map((action) => describeAction(action, id)) } }
}

export const getAction: Command = async ({ positionals: [selector] }, context) => {
  const { connections } = await signedIn(context)
  if (selector === undefined) throw new UsageError('action get needs an id or key')
  const { describeAction, findAction } = await import('./action-catalogue.ts')
  const action = findAction(selector)
  if (action === undefined) throw missing('Action', selector)
  const connection = connections.find(({ app }) => app === 'kustomer')
  return { document: describeAction(action, connection?.id ?? '') }
}
