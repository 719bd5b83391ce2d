import { type Json, withDocument } from '../support/doubles.ts'
import {
  type Deviation,
  items,
  on,
  onAction,
  onKustomer,
  refused,
  repeatFirstPage,
  withArgument,
  zeros,
} from './changes.ts'

/** Deviations of lists and records. */
export const deviationsOfLists: Readonly<Record<string, Deviation>> = {
  'connection-list': {
    change: on('connection list', (result) => withDocument(result, ({ items: list }) => list)),
    verdict: 'understood',
    outcome: 'works',
  },
  'connection-pages': {
    change: on('connection list', (result) =>
      withDocument(result, (document) => ({ ...document, cursor: '1' })),
    ),
    dialect: 'new',
    verdict: 'understood',
    outcome: 'works',
  },
  'connection-get': {
    change: on('connection get', (result) =>
      withDocument(result, (document) => ({ ...document, id: zeros })),
    ),
    verdict: 'would-fail',
    outcome: 'works',
  },
  'connection-wait': {
    change: withArgument('--wait', () => refused('option: --wait')),
    dialect: 'new',
    verdict: 'would-fail',
    outcome: 'works',
  },
  'action-list': {
    change: on('action list', (result) => withDocument(result, ({ items: list }) => ({ output: list }))),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-pages': {
    change: repeatFirstPage(),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-limit': {
    change: withArgument('--limit=2', (result) =>
      withDocument(result, (document) => ({
        items: [...document.items, { ...document.items[0], id: 'f'.repeat(24), key: 'one-more' }],
      })),
    ),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-intent': {
    change: withArgument('--intent', (result) =>
      withDocument(result, (document) => ({
        items: document.items.filter(({ key }: Json) => key !== 'list-customers'),
      })),
    ),
    verdict: 'understood',
    call: ['search-actions', { intent: 'list customers' }],
    outcome: 'works',
  },
  'action-get': {
    change: on('action get', () => refused('command: action get')),
    dialect: 'new',
    verdict: 'would-fail',
    outcome: 'works',
  },
  ids: {
    change: items('action list', (action) =>
      action.key === undefined ? { ...action, id: 'act_1' } : action,
    ),
    verdict: 'understood',
    outcome: 'works',
  },
  'connection-app': {
    change: onKustomer(({ id }) => ({ id, name: 'CRM', state: 'READY' })),
    verdict: 'would-fail',
    outcome: 'not-connected',
  },
  'connection-state': {
    change: onKustomer((connection) => ({ ...connection, state: 'PAUSED' })),
    verdict: 'would-fail',
    outcome: 'connection-needs-attention',
  },
  'connection-chosen': {
    change: on('connection list', (result) =>
      withDocument(result, ({ items: list }) => ({
        items: list.flatMap((each: Json) => [each, { ...each, id: `${each.id}-2` }]),
      })),
    ),
    verdict: 'would-fail',
    outcome: 'ambiguous-connection',
  },
  'connection-members': {
    change: onKustomer((connection) => ({ ...connection, state: { name: 'READY' } })),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-keys': {
    change: onAction('list-users', (action) => ({ ...action, key: 'people', name: 'People' })),
    verdict: 'would-fail',
    call: ['list-users', {}],
    outcome: 'action-not-found',
  },
  'action-types': {
    change: onAction('list-customers', (action) => ({ ...action, type: 'new-kind' })),
    verdict: 'understood',
    outcome: 'works',
  },
  'action-states': {
    change: onAction('list-customers', (action) => ({ ...action, state: 'PAUSED' })),
    verdict: 'would-fail',
    outcome: 'action-not-found',
  },
  'action-schemas': {
    change: onAction('list-customers', ({ inputSchema: _, ...action }) => action),
    verdict: 'understood',
    outcome: 'works',
  },
  'schema-keywords': {
    change: onAction('list-customers', (action) => ({
      ...action,
      inputSchema: { ...action.inputSchema, newKeyword: 1 },
    })),
    verdict: 'understood',
    outcome: 'works',
  },
  'schema-fields': {
    change: onAction('list-customers', ({ inputSchema, ...action }) => ({
      ...action,
      inputSchema: { ...inputSchema, properties: { ...inputSchema.properties, more: { type: 'string' } } },
    })),
    verdict: 'understood',
    outcome: 'works',
  },
}
