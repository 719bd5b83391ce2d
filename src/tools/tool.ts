import * as z from 'zod'
import { acceptArguments, explainIssues, rejectUnknownArguments } from '../catalog/arguments.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type Arguments, coerceArguments } from '../catalog/coerce.ts'
import { type NormalSchema, normaliseSchema, type ObjectSchema } from '../catalog/schema.ts'
import type { Directory } from '../directory/directory.ts'
import { ToolError } from '../errors.ts'
import type { Endpoint } from '../kustomer/endpoint.ts'
import type { RequestTarget, RiskLevel } from '../kustomer/risk.ts'
import type { Membrane } from '../membrane/client.ts'
import type { ConnectionResolver } from '../membrane/connection-resolver.ts'
import type { ToolOutput } from '../response/envelope.ts'
import type { ResultStore } from '../response/result-store.ts'
import type { Elicitation } from './elicitation.ts'
import { selectingFields, withFieldsProperty } from './fields-argument.ts'
import type { ResolveArguments, ResolvedReference } from './resolved-arguments.ts'

export type ToolGroup = 'actions' | 'proxy' | 'discovery' | 'connection' | 'workflow' | 'results'

/** All four hints of MCP, on every tool. */
export interface ToolAnnotations {
  readOnlyHint: boolean
  destructiveHint: boolean
  idempotentHint: boolean
  openWorldHint: boolean
}

/** What a client lists of a tool. */
export interface ToolListing {
  name: string
  group: ToolGroup
  title: string
  description: string
  inputSchema: ObjectSchema
  annotations: ToolAnnotations
  /** Words that people search the tool by, for clients that load tools when they are needed. */
  searchHint?: string | undefined
  /** Whether such clients should load it at once. */
  alwaysLoad?: boolean | undefined
}

/** A tool is a value: its listing, and `prepare`, which turns arguments into a call that can be judged and run. */
export interface Tool extends ToolListing {
  /** The request it writes with. Policy closes every other way to the endpoint of an excluded tool. */
  endpoint?: Endpoint | undefined
  /** Parses and resolves one call and changes nothing. Throws ToolError. */
  prepare(args: Arguments, signal: AbortSignal): Promise<PreparedCall>
}

export const listingOf = ({ endpoint, prepare, ...listing }: Tool): ToolListing => listing

/** A call that was parsed and resolved once. What was judged is what runs. */
export interface PreparedCall {
  /** What it would change. */
  risk: RiskLevel
  /** Equal for all spellings of the same write, such as an object and its JSON text. Absent on a read. */
  idempotencyKey?: string | undefined
  /** Where it writes: the same write to another workspace is another write. */
  connectionId?: string | undefined
  /** The request that it writes with, where that is known. */
  target?: RequestTarget | undefined
  /** What names, addresses and links in its arguments stand for. */
  resolved?: readonly ResolvedReference[] | undefined
  /** The arguments as a person is shown them; as they were sent, by default. */
  given?: Arguments | undefined
  /** Key and name of the action that it runs. */
  actionName?: string | undefined
  /** Name of a tool that this call stands in for: that tool's policy holds too. */
  actsAs?: string | undefined
  /** Sends what was prepared. Rejects with a ToolError, or with the signal's reason before anything was sent. */
  execute(signal: AbortSignal, elicitation?: Elicitation): Promise<ToolOutput>
}

/** What tools work with. */
export interface ToolContext {
  membrane: Membrane
  connections: ConnectionResolver
  catalog: Catalog
  directory: Directory
  /** Answers that were truncated. */
  results: Pick<ResultStore, 'read'>
}

type Run<Input> = (
  input: Input,
  signal: AbortSignal,
  elicitation: Elicitation | undefined,
) => Promise<ToolOutput>

interface ReadDefinition<Input> {
  /** Whether callers can name the members to keep of each record. */
  selectsFields?: boolean
  run: Run<Input>
}

interface WriteDefinition<Input> {
  prepare(input: Input, signal: AbortSignal): PreparedCall | Promise<PreparedCall>
}

type ToolDefinition<Input extends z.ZodObject> = Omit<Tool, 'inputSchema' | 'prepare'> & {
  /** A function, so that a start makes no schema. */
  input: () => Input
  /** Replaces names by ids before the arguments are parsed. */
  resolve?: ResolveArguments
} & (ReadDefinition<z.output<Input>> | WriteDefinition<z.output<Input>>)

/** Hand-written tools take what they list. One without arguments ignores what it is sent. */
const closedSchema = (schema: ObjectSchema): ObjectSchema => ({ ...schema, additionalProperties: false })

/** Makes a tool from its zod input: the schema a model reads is generated from it, when it is first needed. */
export function defineTool<Input extends z.ZodObject>(definition: ToolDefinition<Input>): Tool {
  const { input, name, group, title, description, annotations, searchHint, alwaysLoad, endpoint, resolve } =
    definition
  const selectsFields = 'selectsFields' in definition && definition.selectsFields === true
  let made: (NormalSchema & { zod: Input }) | undefined
  const schema = () => {
    if (made !== undefined) return made
    const zod = input()
    made = { ...normaliseSchema(z.toJSONSchema(zod, { io: 'input', unrepresentable: 'any' })), zod }
    return made
  }
  const parse = (args: Arguments): z.output<Input> => {
    const { accepted, zod } = schema()
    rejectUnknownArguments(args, closedSchema(accepted))
    const parsed = zod.safeParse(acceptArguments(args, accepted))
    if (parsed.success) return parsed.data
    throw new ToolError('invalid-input', explainIssues(parsed.error.issues, args, accepted))
  }
  const prepare: Tool['prepare'] = async (given, signal) => {
    const schemaOf = { coerce: (args: Arguments) => coerceArguments(args, schema().accepted), check: parse }
    const { args, ...names } =
      resolve === undefined ? { args: given } : await resolve(given, signal, schemaOf)
    const parsed = parse(args)
    if ('prepare' in definition) return { ...names, ...(await definition.prepare(parsed, signal)) }
    return { risk: 'read', execute: (limit, elicitation) => definition.run(parsed, limit, elicitation) }
  }
  return {
    name,
    group,
    title,
    description,
    annotations,
    searchHint,
    alwaysLoad,
    endpoint,
    get inputSchema() {
      return selectsFields ? withFieldsProperty(schema().advertised) : schema().advertised
    },
    prepare: selectsFields ? selectingFields(prepare) : prepare,
  }
}
