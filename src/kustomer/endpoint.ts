import { decodeAllForms, type RequestTarget, type RiskLevel, risksOfPath } from './risk.ts'

/** The request of a tool: `{name}` in the path stands for any value. */
export interface Endpoint {
  method: string
  path: string
  risk: RiskLevel
  /** Whether its tool also adds and removes tags, at `<path>/tags`. */
  changesTags?: boolean | undefined
  /** Whether the tool deletes there too. */
  deletes?: boolean
  /** Whether the person is asked before every such request, whatever the configuration says. */
  alwaysConfirm?: boolean
}

/** Whether a request does what an endpoint does, by the end of its path. All paths that reach a customer are equivalent. */
export function isEquivalentWrite(endpoint: Endpoint, target: RequestTarget): boolean {
  const { method, path, risk, changesTags, deletes = false } = endpoint
  if (changesTags && /^(?:POST|DELETE)$/.test(target.method)) {
    const own = { ...endpoint, method: 'PUT', path: `${path}/tags`, changesTags: false }
    if (isEquivalentWrite(own, { ...target, method: 'PUT' })) return true
  }
  const creates = method === 'POST'
  if (risk === 'customer-visible' && target.method !== 'DELETE' && risksOfPath(target.path).includes(risk))
    return true
  const isMethod = creates ? target.method === 'POST' : /^(PUT|PATCH)$/.test(target.method)
  if (!isMethod && !(deletes && target.method === 'DELETE')) return false
  const wanted = segmentsOf(path).slice(1)
  return decodeAllForms(target.path).some((form) => {
    const all = segmentsOf(form)
    const given = (creates && all.at(-1) === 'bulk' ? all.slice(0, -1) : all).slice(-wanted.length)
    return (
      given.length === wanted.length && wanted.every((part, at) => /^\{/.test(part) || part === given[at])
    )
  })
}

const segmentsOf = (path: string): string[] =>
  (path.toLowerCase().split(/[?#]/)[0] ?? '')
    .split('/')
    .map((segment) => (segment.split(';')[0] ?? '').trim())
    .filter(Boolean)
