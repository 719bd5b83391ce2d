import type { Organisation } from '../../src/sandbox/kustomer/resource.ts'
import type { Json } from '../support/server.ts'
import type { Agent } from './agent.ts'

/** One piece of support work, solved twice. */
export interface Task {
  name: string
  /** What a person asks, with all that an agent knows at first: ids are for it to find. */
  ask: string
  /** Solved with the tools as they are meant to be used. */
  tools(agent: Agent): Promise<unknown>
  /** Solved with `proxy_request` alone. */
  proxy(agent: Agent): Promise<unknown>
  /** The answer that is right for the organisation as it was before. */
  answer?: (before: Organisation) => unknown
  /** All that may be different afterwards, as `changes` in world.ts names it. */
  changes?: (before: Organisation) => string[]
  /** What must hold of the organisation afterwards; throws where it does not. */
  check?: (after: Organisation, before: Organisation) => void
}

/** Sends a request through the proxy and returns what the API answered: a record, or a list of them. */
export async function ask(
  agent: Agent,
  method: string,
  path: string,
  more: { query?: object; body?: unknown } = {},
): Promise<Json> {
  return (await agent.call('proxy_request', { method, path, ...more })).data
}

export const get = (agent: Agent, path: string, query?: object) =>
  ask(agent, 'GET', path, query === undefined ? {} : { query })

/** Searches through the proxy, as an agent would write it by hand. */
export const find = (agent: Agent, queryContext: string, ...and: object[]) =>
  ask(agent, 'POST', '/v1/customers/search', { body: { queryContext, and } })

/** A message as people speak of it, and not when it was written. */
export const byTime = (records: Json[]): Json[] =>
  [...records].sort((a, b) => String(timeOf(a)).localeCompare(String(timeOf(b))))

const timeOf = ({ attributes }: Json) => attributes.sentAt ?? attributes.createdAt
