import { isObject, type Json } from '../json.ts'
import { initializeResults } from './initialize.macro.ts'

interface Greeting extends Json {
  params: Json & { protocolVersion: string }
}

type OpeningMessage =
  | { kind: 'initialize'; message: Greeting }
  | { kind: 'initialized' | 'list' | 'other'; message: Json }

/**
 * Takes a line and returns its message and which it is of those that a host begins with; `other` where it is none, or
 * where the SDK might not take it in this form.
 */
export function readOpening(line: string): OpeningMessage {
  const message = parse(line)
  const { jsonrpc, id, method, params = {}, ...others } = message
  const other = { kind: 'other', message } as const
  if (jsonrpc !== '2.0' || Object.keys(others).length > 0 || !isObject(params)) return other
  if (method === 'notifications/initialized' && id === undefined && isEmpty(params))
    return { kind: 'initialized', message }
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return other
  if (method === 'tools/list' && isEmpty(params)) return { kind: 'list', message }
  return method === 'initialize' && isGreeting(params)
    ? { kind: 'initialize', message: { ...message, params } }
    : other
}

function parse(line: string): Json {
  try {
    const message: unknown = JSON.parse(line)
    return isObject(message) ? message : {}
  } catch {
    return {}
  }
}

function isGreeting(params: Json): params is Greeting['params'] {
  const { protocolVersion, capabilities, clientInfo, ...others } = params
  const isKnown = typeof protocolVersion === 'string' && Object.hasOwn(initializeResults, protocolVersion)
  return (
    isKnown &&
    isEmpty(others) &&
    isUsualClient(clientInfo) &&
    isObject(capabilities) &&
    Object.entries(capabilities).every(isUsual)
  )
}

const isUsualClient = (info: unknown) =>
  isObject(info) &&
  'name' in info &&
  'version' in info &&
  Object.entries(info).every(([name, value]) => clientMembers.has(name) && typeof value === 'string')

const isUsual = ([name, value]: [string, unknown]) =>
  isObject(value) && usual.get(name)?.(Object.entries(value)) === true

const isEmpty = (value: unknown) => isObject(value) && Object.keys(value).length === 0

type Members = readonly [name: string, value: unknown][]

const allEmpty = (members: Members) => members.every(([, value]) => isEmpty(value))
const allObjects = (members: Members) => members.every(([, value]) => isObject(value))

/** What hosts say of themselves. */
const clientMembers = new Set(['name', 'title', 'version', 'websiteUrl'])

/** The capabilities that hosts declare, and the usual form of each. */
const usual = new Map<string, (members: Members) => boolean>([
  [
    'roots',
    (members) => members.every(([name, value]) => name === 'listChanged' && typeof value === 'boolean'),
  ],
  ['sampling', allEmpty],
  ['elicitation', allEmpty],
  ['experimental', allObjects],
  ['extensions', allObjects],
])
