import { isObject } from '../../json.ts'
import { violations } from '../schema-check.ts'
import { badRequest, type Call } from './call.ts'
import type { Organisation } from './resource.ts'
import type { Route } from './routes.ts'

/** Throws 400 unless the body is a JSON object that fits the schema of the route, where it has one. */
export function checkBody({ schema }: Route, organisation: Organisation, call: Call): void {
  if (schema === undefined) return
  const { body, query } = call
  // It replaces the whole document at Kustomer; no agent should learn that it works.
  if (query.get('replace') === 'true') throw badRequest('replace=true is not simulated in the sandbox')
  if (!isObject(body)) throw badRequest('The request body must be a JSON object')
  const [first] = violations(typeof schema === 'function' ? schema(organisation, call) : schema, body)
  if (first === undefined) return
  const field = first.path.join('.')
  throw badRequest(field === '' ? first.message : `${field}: ${first.message}`, { field })
}
