import * as z from 'zod'
import { checkId } from '../kustomer/argument-checks.ts'
import { relatedId } from '../kustomer/json-api.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { draftOf, readDrafts } from './drafts.ts'
import { resolving } from './resolve-references.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** Lists the drafts of a customer, or of one of their conversations. */
export function listDrafts(context: ToolContext): Tool {
  return defineTool({
    name: 'list-drafts',
    group: 'workflow',
    title: 'List Drafts',
    description: 'Unsent replies (drafts) to a customer, or of one conversation.',
    input: () => z.strictObject({ customer: z.string(), conversation: z.string().optional() }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    resolve: resolving(context, { customer: { kind: 'customer' }, conversation: { kind: 'conversation' } }),
    async run({ customer, conversation }, signal): Promise<ToolOutput> {
      const id = checkId('customer', customer)
      const wanted = conversation === undefined ? undefined : checkId('conversation', conversation)
      const { records, isWhole } = await readDrafts(context, id, signal)
      const kept = records.filter(
        (draft) => wanted === undefined || relatedId(draft, 'conversation') === wanted,
      )
      return {
        data: kept.map((draft) => ({ ...draftOf(draft), createdBy: relatedId(draft, 'createdBy') })),
        notices: isWhole ? [] : [`The customer has more drafts than the ${records.length} that were read.`],
      }
    },
  })
}
