import actions from '../../src/catalog/actions.json' with { type: 'json' }

export const connectionId = '66b0c0ffee0000000000a001'

export const connection = {
  id: connectionId,
  name: 'Kustomer',
  key: 'kustomer',
  connected: true,
  disconnected: false,
  state: 'READY',
  errors: [],
  integration: { id: '68d0c0ffee0000000000d001', key: 'kustomer', name: 'Kustomer' },
  unknownField: { nested: [1, 2] },
}

export const slack = {
  id: '66b0c0ffee0000000000a003',
  name: 'Slack',
  key: 'slack',
  connected: true,
  state: 'READY',
}

/** The id that the stand-in's catalogue gives an action. */
export const actionId = (key: string): string => {
  const index = actions.findIndex((action) => action.key === key)
  return `69e0c0ffee00000000${(0xe000 + index).toString(16).padStart(6, '0')}`
}

export const liveActions = actions.map(({ key, title, description, inputSchema }) => ({
  id: actionId(key),
  key,
  name: title,
  description,
  type: 'api-request-to-external-app',
  state: 'READY',
  inputSchema,
}))

export const keys = actions.map(({ key }) => key)

/** The tools beside the actions, in the order in which they are listed. */
export const otherTools = [
  ...['proxy_request', 'search-actions', 'run-action', 'connection-status', 'connect-kustomer'],
  ...['search', 'get-conversation-thread', 'list-customer-conversations', 'create-draft'],
  ...['list-drafts', 'update-draft', 'find-answers', 'merge-customers'],
  'read-result',
]

export const secrets = ['FAKE-EXTERNAL-SECRET-1234', 'FAKE-MEMBRANE-JWT-5678', 'kust-api-key-9999']
