import * as z from 'zod'
import type { Arguments } from '../catalog/coerce.ts'
import type { ObjectSchema } from '../catalog/schema.ts'
import { ToolError } from '../errors.ts'
import type { ToolOutput } from '../response/envelope.ts'
import type { Elicitation } from './elicitation.ts'

/** The argument of reads that names the members to keep of each record. It is answered here and never sent. */
export const fieldsArgument = 'fields'
const property = { type: 'array', items: { type: 'string' } }

export const withFieldsProperty = (schema: ObjectSchema): ObjectSchema => ({
  ...schema,
  properties: { ...schema.properties, [fieldsArgument]: property },
})

interface Executable {
  execute(signal: AbortSignal, elicitation?: Elicitation): Promise<ToolOutput>
}
type Prepare<Call> = (args: Arguments, signal: AbortSignal) => Promise<Call>

/** Wraps `prepare`, so that the output says which members to keep. */
export const selectingFields =
  <Call extends Executable>(prepare: Prepare<Call>): Prepare<Call> =>
  async ({ [fieldsArgument]: given, ...args }, signal) => {
    const fields = readFields(given)
    const call = await prepare(args, signal)
    if (fields === undefined) return call
    return { ...call, execute: async (...rest) => ({ ...(await call.execute(...rest)), fields }) }
  }

/** Some clients send a list as JSON text, some models as names separated by commas. */
function fieldsSchema() {
  const list = z.array(z.string().trim().min(1).max(128)).max(100)
  const split = z.string().transform((text) => text.split(/[[\],"\s]+/).filter(Boolean))
  return z.union([list, split.pipe(list)])
}

function readFields(given: Arguments[string]): string[] | undefined {
  if (given === undefined || given === null) return undefined
  const { data } = fieldsSchema().safeParse(given)
  if (data === undefined) throw new ToolError('invalid-input', '`fields`: expected a list of names.')
  return data.length > 0 ? data : undefined
}
