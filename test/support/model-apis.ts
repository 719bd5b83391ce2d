/**
 * What the APIs of models and the hosts before them refuse in a tool, as far as it is known from their documentation
 * and from what users of other servers reported. One bad tool can make a host drop the whole list.
 */
import { isObject, type Json } from '../../src/json.ts'

export interface ListedTool {
  name: string
  title?: string | undefined
  description?: string | undefined
  inputSchema: object
  annotations?: object | undefined
}

interface Node {
  schema: Json
  /** Where it stands: `root`, `root.emails[]`. */
  place: string
  depth: number
}

/** Says whether a schema, wherever it stands in a tool's, breaks the rule. */
type NodeRule = (node: Node) => boolean

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const membersOf = ({ properties }: Json): Json => (isObject(properties) ? properties : {})
const has = (...keywords: string[]): NodeRule => {
  return ({ schema }) => keywords.some((keyword) => keyword in schema)
}
const isFreeForm = ({ type, properties }: Json) =>
  type === 'object' && Object.keys(isObject(properties) ? properties : {}).length === 0

const nodeRules = {
  'one known type': ({ schema }) =>
    typeof schema['type'] !== 'string' || !Object.hasOwn(keywordsOf, schema['type']),
  'no combinators': has('anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else'),
  'no references': has('$ref', '$defs', 'definitions', '$schema', '$id', '$anchor', '$dynamicRef'),
  'no open or patterned members': has(
    ...['additionalProperties', 'patternProperties', 'propertyNames', 'unevaluatedProperties'],
  ),
  'no const, tuple or null': has('const', 'prefixItems', 'nullable'),
  'no keyword but those of its type': ({ schema }) => {
    const known = ['type', 'description', 'default', ...(keywordsOf[String(schema['type'])] ?? [])]
    return Object.keys(schema).some((keyword) => !known.includes(keyword))
  },
  'an array says what is in it': ({ schema }) => schema['type'] === 'array' && !isObject(schema['items']),
  'an enum is of text, 1 to 100 distinct values': ({ schema }) => {
    if (!('enum' in schema)) return false
    const values = listOf(schema['enum'])
    const isText = schema['type'] === 'string' && values.every((value) => typeof value === 'string')
    return !isText || values.length === 0 || values.length > 100 || new Set(values).size < values.length
  },
  'an enum has no empty value': ({ schema }) => listOf(schema['enum']).includes(''),
  'what is required is there, once': ({ schema }) => {
    if (!('required' in schema)) return false
    const names = listOf(schema['required'])
    const isKnown = names.every((name) => typeof name === 'string' && Object.hasOwn(membersOf(schema), name))
    return names.length === 0 || !isKnown || new Set(names).size < names.length
  },
  'names of members': ({ schema }) =>
    Object.keys(membersOf(schema)).some((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name)),
  'members are an object': ({ schema }) => 'properties' in schema && !isObject(schema['properties']),
  'bounds are numbers': ({ schema }) =>
    ['minimum', 'maximum'].some((bound) => bound in schema && !Number.isFinite(schema[bound])),
  'a default is a scalar': ({ schema }) =>
    'default' in schema && !/^(string|number|boolean)$/.test(typeof schema['default']),
  'a description is text of at most 400 characters': ({ schema }) =>
    'description' in schema &&
    !(typeof schema['description'] === 'string' && schema['description'].length <= 400),
  'no free object': ({ schema, depth }) => depth > 0 && isFreeForm(schema),
  'nested five deep at most': ({ depth }) => depth > 5,
} satisfies Record<string, NodeRule>

/** The words of JSON Schema that every API of the list reads or at least passes over, beside those of any type. */
const keywordsOf: Record<string, readonly string[]> = {
  object: ['properties', 'required'],
  array: ['items'],
  string: ['enum'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  boolean: [],
}

type RuleName = keyof typeof nodeRules

interface Api {
  name: RegExp
  maxDescription: number
  rules: readonly RuleName[]
  /** What it asks of the tool as a whole. */
  tool?: (tool: ListedTool) => string[]
}

const everywhere: readonly RuleName[] = [
  'one known type',
  'no combinators',
  'no references',
  'an array says what is in it',
  'what is required is there, once',
  'names of members',
  'members are an object',
  'bounds are numbers',
]
const openai: readonly RuleName[] = [...everywhere, 'no const, tuple or null']

/** By API or host; every tool must pass all but `openai-strict`, which has no form for a free object. */
export const modelApis = {
  anthropic: { name: /^[a-zA-Z0-9_-]{1,64}$/, maxDescription: 1024, rules: everywhere },
  openai: { name: /^[a-zA-Z0-9_-]{1,64}$/, maxDescription: 1024, rules: openai },
  'openai-strict': {
    name: /^[a-zA-Z0-9_-]{1,64}$/,
    maxDescription: 1024,
    rules: [...openai, 'no free object', 'nested five deep at most', 'no open or patterned members'],
  },
  gemini: {
    name: /^[a-zA-Z_][a-zA-Z0-9_-]{0,62}$/,
    maxDescription: 1024,
    rules: [
      ...everywhere,
      'no const, tuple or null',
      'no open or patterned members',
      'no keyword but those of its type',
      'an enum is of text, 1 to 100 distinct values',
      'an enum has no empty value',
      'a default is a scalar',
      // It answers 400 to an object without properties.
      'no free object',
    ],
  },
  // Server and tool together take 60 characters there; the server's name is `kustomer`.
  cursor: { name: /^(?!.*(--|__))[a-zA-Z0-9_-]{1,40}$/, maxDescription: 1024, rules: everywhere },
  vscode: {
    name: /^[a-zA-Z0-9_-]{1,64}$/,
    maxDescription: 1024,
    rules: [...everywhere, 'a description is text of at most 400 characters'],
  },
  'claude-directory': {
    name: /^[a-zA-Z0-9_-]{1,64}$/,
    maxDescription: 1024,
    rules: everywhere,
    // The directory wants a create marked destructive; the specification does not, and is followed.
    tool: ({ title, annotations = {} }) => [
      ...(title ? [] : ['no title']),
      ...('readOnlyHint' in annotations && 'destructiveHint' in annotations ? [] : ['no hints']),
    ],
  },
} satisfies Record<string, Api>

export type ApiName = keyof typeof modelApis
export const apiNames = Object.keys(modelApis) as ApiName[]

/** Lists each breach of what an API asks of a listed tool: `api: place: rule`. */
export function breaches(tool: ListedTool, apiName: ApiName): string[] {
  const { name, maxDescription, rules, tool: ofTool = () => [] }: Api = modelApis[apiName]
  const { name: given, description = '', inputSchema } = tool
  const root = inputSchema as Json
  const found = [
    ...(name.test(given) ? [] : ['name']),
    ...(description.length <= maxDescription ? [] : ['description']),
    ...(root['type'] === 'object' && isObject(root['properties']) ? [] : ['root: an object with properties']),
    ...ofTool(tool),
    ...nodesOf(root, 'root', 0).flatMap((node) =>
      rules.filter((rule) => nodeRules[rule](node)).map((rule) => `${node.place}: ${rule}`),
    ),
  ]
  return found.map((breach) => `${apiName}: ${breach}`)
}

function nodesOf(schema: Json, place: string, depth: number): Node[] {
  const children: [string, unknown][] = [
    ...Object.entries(membersOf(schema)).map(([name, member]): [string, unknown] => [
      `${place}.${name}`,
      member,
    ]),
    ...('items' in schema ? [[`${place}[]`, schema['items']] as [string, unknown]] : []),
  ]
  return [
    { schema, place, depth },
    ...children.flatMap(([at, child]) => nodesOf(isObject(child) ? child : {}, at, depth + 1)),
  ]
}
