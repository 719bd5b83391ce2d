import { isObject } from '../../../json.ts'
import type { Known } from './probe.ts'

/** The input of a built-in read, under the name that the live schema requires; undefined where nothing listed fits it. */
export function inputFor(key: string, { actions, recordIds, email }: Known): object | undefined {
  const schema = actions.find((action) => action.key === key)?.inputSchema
  const { required, properties } = isObject(schema) ? schema : {}
  const needed = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []
  if (key.startsWith('list-')) {
    const hasPageSize = !isObject(properties) || Object.hasOwn(properties, 'pageSize')
    return needed.length > 0 ? undefined : hasPageSize ? { pageSize: 1 } : {}
  }
  const [, type = ''] = /^get-(\w+)-by-/.exec(key) ?? []
  const value = key.endsWith('-by-email') ? email : recordIds[type]
  const [name = key.endsWith('-by-email') ? 'email' : 'id', second] = needed
  return value === undefined || second !== undefined ? undefined : { [name]: value }
}
