import { createApp } from '../app/app.ts'
import type { Config } from '../config/options.ts'
import { UsageError } from '../errors.ts'
import { isObject } from '../json.ts'
import { createLogger } from '../logger.ts'
import { createProcessRunner } from '../membrane/process.ts'
import type { Tool, ToolListing } from '../tools/tool.ts'
import type { RuntimeContext } from './runtime.ts'
import { definitions, indented, wrap } from './terminal/layout.ts'
import { type TerminalStyle, terminalStyle } from './terminal/style.ts'
import { unknownName } from './unknown-name.ts'

/**
 * Lists the tools offered under the configuration, or says all about the one that is named. Prints for a person, or
 * JSON: a list of tools, or one. Throws UsageError when there is no such tool, or the configuration hides it.
 */
export async function listTools(
  config: Config,
  runtime: RuntimeContext,
  name: string | undefined,
  json: boolean,
): Promise<void> {
  const { print } = runtime
  const log = createLogger({ level: 'silent' })
  const app = createApp(config, { ...runtime, runner: createProcessRunner(), log })
  const style = terminalStyle(process.stdout)
  const offered = await app.listings()
  if (name === undefined) return print(json ? JSON.stringify(offered) : overview(offered, style))
  const tool = toolNamed(name, app.tools.all())
  const why = app.policy.refusal(tool)
  if (why !== undefined) throw new UsageError(`The tool ${tool.name} ${why}.`)
  const listing = offered.find((candidate) => candidate.name === name) as ToolListing
  print(json ? JSON.stringify(listing) : detail(listing, style))
}

/** The tool of a name that was typed. Throws UsageError that names the nearest. */
export function toolNamed(name: string, tools: readonly Tool[]): Tool {
  const tool = tools.find((candidate) => candidate.name === name)
  if (tool !== undefined) return tool
  const names = tools.map((candidate) => candidate.name)
  throw unknownName('tool', name, names, '`kustomer-mcp tools` lists them.')
}

function effectOf({ readOnlyHint, destructiveHint }: Tool['annotations']): string {
  return readOnlyHint ? 'reads' : destructiveHint ? 'changes' : 'adds'
}

function overview(tools: readonly ToolListing[], style: TerminalStyle): string {
  const groups = [...new Set(tools.map(({ group }) => group))]
  const widest = Math.max(0, ...tools.map(({ name }) => name.length))
  const inner = { ...style, columns: style.columns - 2, dim: (text: string) => text }
  const parts = groups.map((group) => {
    const pairs = tools
      .filter((tool) => tool.group === group)
      .map(
        (tool) =>
          [
            `${tool.name.padEnd(widest)}  ${effectOf(tool.annotations).padEnd('changes'.length)}`,
            firstSentence(tool.description),
          ] as const,
      )
    return `${style.bold(group)}\n${indented(definitions(pairs, inner))}`
  })
  const more = 'One in full: kustomer-mcp tools <name>. To run it: kustomer-mcp call <name> [json].'
  const count = tools.length === 1 ? '1 tool.' : `${tools.length} tools.`
  return [...parts, style.dim(wrap(`${count} ${more}`, style.columns))].join('\n\n')
}

const firstSentence = (text: string) => /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text

function detail(tool: ToolListing, style: TerminalStyle): string {
  const { name, group, title, description, inputSchema, annotations } = tool
  const { properties, required = [] } = inputSchema
  const inner = { ...style, columns: style.columns - 2 }
  const facts = Object.entries(properties).map(([argument, schema]) => {
    const marks = [typeOf(schema), ...(required.includes(argument) ? ['required'] : [])]
    return [`${argument}  ${marks.join(', ')}`, meaningOf(schema)] as const
  })
  return [
    `${style.bold(name)}  ${title}`,
    style.dim(`group ${group} · ${effectOf(annotations)}`),
    '',
    wrap(description, style.columns),
    '',
    style.bold('Arguments'),
    facts.length === 0 ? '  none' : indented(definitions(aligned(facts), inner)),
    '',
    style.bold('Schema'),
    JSON.stringify(inputSchema, undefined, 2),
  ].join('\n')
}

/** The types stand in a column of their own, beside the names. */
function aligned(facts: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const widest = Math.max(...facts.map(([term]) => term.indexOf('  ')))
  return facts.map(([term, text]) => {
    const [name = '', marks = ''] = term.split('  ')
    return [`${name.padEnd(widest)}  ${marks}`, text]
  })
}

function typeOf(schema: Readonly<Record<string, unknown>>): string {
  const { type, items } = schema
  if (type !== 'array') return String(type ?? 'any')
  return isObject(items) && typeof items['type'] === 'string' ? `list of ${items['type']}` : 'list'
}

function meaningOf(schema: Readonly<Record<string, unknown>>): string {
  const { description, enum: accepted, default: fallback } = schema
  const parts = [
    typeof description === 'string' ? description : '',
    Array.isArray(accepted) ? `One of: ${accepted.join(', ')}.` : '',
    fallback === undefined ? '' : `Default: ${JSON.stringify(fallback)}.`,
  ]
  return parts.filter(Boolean).join(' ')
}
