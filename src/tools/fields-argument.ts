import * as z from 'zod'
import type { Arguments } from '../catalog/arguments.ts'
import type { JsonSchema } from '../catalog/schema.ts'
import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import type { Tool } from './tool.ts'

const name = 'fields'
const property = { type: 'array', items: { type: 'string' }, description: 'Members to keep of each record.' }
const groups: readonly string[] = ['actions', 'workflow']

/** Some hosts send a list as JSON text, some models as names with commas between. */
function fieldsSchema() {
  const list = z.array(z.string().trim().min(1).max(128)).max(100)
  const split = z.string().transform((text) => text.split(/[[\],"\s]+/).filter(Boolean))
  return z.union([list, split.pipe(list)])
}

/**
 * Takes a tool and, where it takes more arguments than it lists, their schema. Returns a read of records with the
 * argument `fields`, which is answered here and goes no further; any other tool, and one with a `fields` of its own,
 * comes back as it is.
 */
export function withFieldsArgument(tool: Tool, accepted: JsonSchema = tool.inputSchema): Tool {
  const { properties } = tool.inputSchema
  const own = isObject(accepted['properties']) ? accepted['properties'] : {}
  const isRead = groups.includes(tool.group) && tool.annotations.readOnlyHint
  if (!isRead || name in properties || name in own) return tool
  return {
    ...tool,
    inputSchema: { ...tool.inputSchema, properties: { ...properties, [name]: property } },
    effect: ({ [name]: _, ...args }, signal) => tool.effect(args, signal),
    identity: ({ [name]: _, ...args }, signal) => tool.identity(args, signal),
    async run({ [name]: given, ...args }, signal, person) {
      const fields = readFields(given)
      const answer = await tool.run(args, signal, person)
      return fields === undefined ? answer : { ...answer, fields }
    },
  }
}

function readFields(given: Arguments[string]): string[] | undefined {
  if (given === undefined || given === null) return undefined
  const { data } = fieldsSchema().safeParse(given)
  if (data === undefined) throw new ToolError('invalid-input', '`fields`: expected a list of names.')
  return data.length > 0 ? data : undefined
}
