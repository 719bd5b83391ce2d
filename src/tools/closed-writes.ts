import type { BuiltInAction } from '../catalog/built-in.ts'
import { ToolError } from '../errors.ts'
import { decodeAllForms, type RequestTarget, risksOfPath } from '../kustomer/risk.ts'
import { actionTool } from './action.ts'
import { draftWrite } from './create-draft.ts'
import type { ToolContext } from './tool.ts'

/**
 * Takes a write as a request and what tools work with. Throws Failure `refused-by-policy` when the policy leaves out a
 * tool that does the same: another way to it must not be open.
 */
export function refuseClosedWrite(target: RequestTarget, context: ToolContext): void {
  for (const action of context.catalog.builtIn())
    if (action.risk !== 'read' && doesTheSame(action, target)) refuseIfClosed(actionTool(action, context))
  if (doesTheSame({ ...draftWrite, path: '/v1/drafts' }, target)) refuseIfClosed(draftWrite)

  function refuseIfClosed(tool: Parameters<ToolContext['refusal']>[0]) {
    const why = context.refusal(tool)
    if (why !== undefined)
      throw new ToolError('refused-by-policy', `This does what ${tool.name} does, which ${why}.`)
  }
}

/**
 * Where the paths end alike, below whatever record and in any encoding. What reaches a customer has more than one path,
 * and all of them do what the one popular action for it does.
 */
function doesTheSame(
  { method, path, risk }: Pick<BuiltInAction, 'method' | 'path'> & Partial<Pick<BuiltInAction, 'risk'>>,
  target: RequestTarget,
): boolean {
  const creates = method === 'POST'
  if (risk === 'customer-visible' && target.method !== 'DELETE')
    if (risksOfPath(target.path).includes(risk)) return true
  if (creates ? target.method !== 'POST' : !/^(PUT|PATCH)$/.test(target.method)) return false
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
