import { isObject } from '../json.ts'
import { fillPath } from '../kustomer/proxy-checks.ts'
import { decodeAllForms } from '../kustomer/risk.ts'

const idForm = /(?<![0-9a-zA-Z])[0-9a-f]{24}(?![0-9a-zA-Z])/gi
const maxIds = 20

/** Ids of records anywhere in a value, those that identify the call first. Nothing else of the value is returned. */
export function recordIdsIn(value: unknown): string[] {
  const { path, pathParams, id, input, ...others } = isObject(value) ? value : {}
  const target =
    typeof path === 'string' ? decodeAllForms(fillPath(path, isObject(pathParams) ? pathParams : {})) : []
  const parts = isObject(value)
    ? [target, id, isObject(input) ? input['id'] : undefined, input, others]
    : [value]
  const ids = parts.flatMap((part) => (JSON.stringify(part) ?? '').match(idForm) ?? [])
  return [...new Set(ids)].slice(0, maxIds)
}
