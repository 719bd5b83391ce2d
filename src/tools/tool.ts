import * as z from 'zod'
import { type Arguments, acceptArguments, explainIssues, unknownArguments } from '../catalog/arguments.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { normaliseSchema, type ObjectSchema } from '../catalog/schema.ts'
import { ToolError } from '../errors.ts'
import type { RiskLevel } from '../kustomer/risk.ts'
import type { Membrane } from '../membrane/client.ts'
import type { ConnectionResolver } from '../membrane/connection-resolver.ts'
import type { ToolOutput } from '../response/envelope.ts'
import type { ResultStore } from '../response/result-store.ts'
import { singleLine } from '../text/text.ts'
import type { Elicitation } from './elicitation.ts'

export type ToolGroup = 'actions' | 'proxy' | 'discovery' | 'connection' | 'workflow' | 'results'

/** All four hints of MCP, on every tool. */
export interface ToolAnnotations {
  readOnlyHint: boolean
  destructiveHint: boolean
  idempotentHint: boolean
  openWorldHint: boolean
}

/** What a host lists of a tool. */
export interface ToolListing {
  name: string
  group: ToolGroup
  title: string
  description: string
  inputSchema: ObjectSchema
  annotations: ToolAnnotations
}

/** A tool is a value: what a host lists, and what a call does. */
export interface Tool extends ToolListing {
  /** What a call with these arguments would change. Rejects with a Failure when they are wrong. */
  effect(args: Arguments, signal: AbortSignal): Promise<RiskLevel>
  /**
   * What a call does, the same for all spellings of the same call: an object or its JSON text, an action's key or its
   * id.
   */
  identity(args: Arguments, signal: AbortSignal): Promise<CallIdentity>
  /**
   * Takes the arguments as the host sent them, the signal that ends the call, by its deadline or by the host, and the
   * person at the host where it can ask.
   * Rejects with a Failure, or with the signal's reason when that came before anything was started.
   */
  run(args: Arguments, signal: AbortSignal, person?: Elicitation): Promise<ToolOutput>
}

/** A tool and what it was asked to do. */
export interface CallIdentity {
  tool: string
  args: unknown
}

/** What tools work with. */
export interface ToolContext {
  membrane: Membrane
  connections: ConnectionResolver
  catalog: Catalog
  /** Answers that were cut. */
  results: { read(...given: Parameters<ResultStore['read']>): ToolOutput | Promise<ToolOutput> }
  /** Why a tool may not be used, if so: the policy. */
  refusal: (tool: Pick<Tool, 'name' | 'group' | 'annotations'>) => string | undefined
}

type ToolDefinition<Input extends z.ZodObject> = Omit<Tool, 'inputSchema' | 'run' | 'effect' | 'identity'> & {
  input: Input
  /** Reads only, where it is left out. */
  effect?: (input: z.output<Input>, signal: AbortSignal) => RiskLevel | Promise<RiskLevel>
  /** The parsed input under the tool's name, where it is left out. */
  identity?: (input: z.output<Input>, signal: AbortSignal) => CallIdentity | Promise<CallIdentity>
  run(input: z.output<Input>, signal: AbortSignal, person: Elicitation | undefined): Promise<ToolOutput>
}

/**
 * Takes a hand-written tool with its input as a zod object, and returns the tool: the schema a model reads is made
 * from that object, and `run` gets what the object parsed.
 */
export function defineTool<Input extends z.ZodObject>({
  input,
  effect = () => 'read',
  identity = (args) => ({ tool: rest.name, args }),
  run,
  ...rest
}: ToolDefinition<Input>): Tool {
  const schema = normaliseSchema(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }))
  const parse = (args: Arguments) => {
    rejectUnknownArguments(args, schema.accepted)
    const parsed = input.safeParse(acceptArguments(args, schema.accepted))
    if (parsed.success) return parsed.data
    throw new ToolError('invalid-input', explainIssues(parsed.error.issues, args, schema.accepted))
  }
  return {
    ...rest,
    inputSchema: schema.advertised,
    effect: async (args, signal) => effect(parse(args), signal),
    identity: async (args, signal) => identity(parse(args), signal),
    run: async (args, signal, person) => run(parse(args), signal, person),
  }
}

/** These tools take what they list and nothing else. One that takes nothing minds no argument: some hosts send one. */
function rejectUnknownArguments(args: Arguments, schema: ObjectSchema): void {
  const known = Object.keys(schema.properties)
  const [first, ...more] = known.length === 0 ? [] : unknownArguments(args, schema)
  if (first === undefined) return
  const said = [first, ...more].slice(0, 5).map(({ name, meant }) => {
    const hint = meant === undefined ? '' : `, the nearest is \`${meant}\``
    return `\`${singleLine(name, 64)}\`: there is no such argument${hint}`
  })
  throw new ToolError(
    'invalid-input',
    `The arguments do not fit: ${said.join('; ')}. It takes ${known.join(', ')}.`,
  )
}
