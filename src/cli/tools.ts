import { createApp } from '../app/app.ts'
import { localPrincipal } from '../auth/principal.ts'
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
 * Lists the tools of a configuration, or shows one in full, for a person or as JSON. Throws UsageError when there is no
 * such tool, or the configuration hides it.
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
  const listed = await app.listings(localPrincipal)
  if (name === undefined) return print(json ? JSON.stringify(listed) : overview(listed, style))
  const tool = toolNamed(name, app.tools.all())
  const why = app.policy.refusal(tool, localPrincipal)
  if (why !== undefined) throw new UsageError(`The tool ${tool.name} ${why}.`)
  const listing = listed.find((candidate) => candidate.name === name) as ToolListing
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

/** A row of terms that stand in columns of their own, and the text beside them. */
type Row = readonly [terms: readonly string[], text: string]

function rowsOf(rows: readonly Row[], style: TerminalStyle): string {
  const widths = (rows[0]?.[0] ?? []).map((_, index) =>
    Math.max(...rows.map(([terms]) => (terms[index] ?? '').length)),
  )
  const pairs = rows.map(([terms, text]) => {
    const cells = terms.map((term, index) => term.padEnd(widths[index] ?? 0))
    return [cells.join('  ').trimEnd(), text] as const
  })
  return indented(definitions(pairs, { ...style, columns: style.columns - 2 }))
}

function overview(tools: readonly ToolListing[], style: TerminalStyle): string {
  const groups = [...new Set(tools.map(({ group }) => group))]
  const widest = Math.max(0, ...tools.map(({ name }) => name.length))
  const plain = { ...style, dim: (text: string) => text }
  const parts = groups.map((group) => {
    const rows = tools
      .filter((tool) => tool.group === group)
      .map(({ name, annotations, description }): Row => {
        const effect = effectOf(annotations).padEnd('changes'.length)
        return [[name.padEnd(widest), effect], firstSentence(description)]
      })
    return `${style.bold(group)}\n${rowsOf(rows, plain)}`
  })
  const count = tools.length === 1 ? '1 tool.' : `${tools.length} tools.`
  const more = 'One in full: kustomer-mcp tools <name>. To run it: kustomer-mcp call <name> [json].'
  return [...parts, style.dim(wrap(`${count} ${more}`, style.columns))].join('\n\n')
}

const firstSentence = (text: string) => /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text

function detail(tool: ToolListing, style: TerminalStyle): string {
  const { name, group, title, description, inputSchema, annotations } = tool
  const { properties, required = [] } = inputSchema
  const rows = Object.entries(properties).map(([argument, schema]): Row => {
    const type = required.includes(argument) ? `${typeOf(schema)}, required` : typeOf(schema)
    return [[argument, type], meaningOf(schema)]
  })
  return [
    `${style.bold(name)}  ${title}`,
    style.dim(`group ${group} · ${effectOf(annotations)}`),
    '',
    wrap(description, style.columns),
    '',
    style.bold('Arguments'),
    rows.length === 0 ? '  none' : rowsOf(rows, style),
    '',
    style.dim(wrap(`The whole schema: kustomer-mcp tools ${name} --json`, style.columns)),
  ].join('\n')
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
