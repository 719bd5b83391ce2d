import { isObject, type Json } from '../json.ts'

export type Dialect = 'old' | 'new'

const starts = [
  'ready',
  'signed-out',
  'no-connection',
  'two-connections',
  'needs-attention',
  'setup-failed',
  'configuration-error',
] as const
/** The state of a fresh data folder. */
export type Start = (typeof starts)[number]

/** Calls a minute. */
export interface Limits {
  /** Of the whole organisation. */
  budget: number
  search: number
  /** Creations of conversations, messages, notes and drafts for one customer. */
  perCustomer: number
  /** Updates of one record. */
  perObject: number
}

/** How the next Kustomer calls fail. */
export interface Fault {
  status?: 401 | 403 | 429 | 500 | 503
  slowMs?: number
  podMismatch?: true
  /** The number of calls that fail, for as long as the data lasts; all without it. */
  times?: number
}

export interface Settings {
  folder: string
  dialect: Dialect
  start: Start
  limits: Limits
  fault: Fault | undefined
  /** The file that every invocation is recorded in. */
  record: string | undefined
}

/** A setting that cannot be used; the message names it and what it takes. */
export class SettingsError extends Error {}

type Env = Readonly<Record<string, string | undefined>>

/**
 * The published figures of Kustomer's Enterprise plan. The limit of updates of one record is documented without its
 * number: 60 is assumed.
 */
export const publishedLimits: Limits = { budget: 1000, search: 100, perCustomer: 120, perObject: 60 }
const faultStatuses: readonly unknown[] = [401, 403, 429, 500, 503]

/** Reads the settings from the environment. Throws SettingsError. */
export function readSettings(env: Env): Settings {
  const folder = env['MEMBRANE_SANDBOX_DIR']
  if (!folder)
    throw new SettingsError(
      'This is a simulation of the Membrane CLI. Set MEMBRANE_SANDBOX_DIR to the folder for its data.',
    )
  return {
    folder,
    dialect: oneOf('MEMBRANE_SANDBOX_DIALECT', env, ['old', 'new'] as const, 'old'),
    start: oneOf('MEMBRANE_SANDBOX_START', env, starts, 'ready'),
    limits: { ...publishedLimits, ...readLimits(env) },
    fault: readFault(env),
    record: env['MEMBRANE_SANDBOX_RECORD'] || undefined,
  }
}

function oneOf<T extends string>(name: string, env: Env, values: readonly T[], fallback: T): T {
  const text = env[name] || fallback
  const value = values.find((other) => other === text)
  if (value === undefined) throw new SettingsError(`${name} is one of ${values.join(', ')}.`)
  return value
}

function readJson(env: Env, name: string): Json | undefined {
  const text = env[name]
  if (!text) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {}
  throw new SettingsError(`${name} takes a JSON object.`)
}

function readLimits(env: Env): Partial<Limits> {
  const given = readJson(env, 'MEMBRANE_SANDBOX_LIMITS') ?? {}
  if (Object.entries(given).every(([name, value]) => Object.hasOwn(publishedLimits, name) && isCount(value)))
    return given
  const names = Object.keys(publishedLimits).join(', ')
  throw new SettingsError(`MEMBRANE_SANDBOX_LIMITS takes whole numbers for ${names}.`)
}

function readFault(env: Env): Fault | undefined {
  const given = readJson(env, 'MEMBRANE_SANDBOX_FAULT')
  if (given === undefined) return undefined
  const fits: Readonly<Record<string, (value: unknown) => boolean>> = {
    status: (value) => faultStatuses.includes(value),
    slowMs: isCount,
    podMismatch: (value) => value === true,
    times: isCount,
  }
  if (Object.entries(given).every(([name, value]) => Object.hasOwn(fits, name) && fits[name]?.(value)))
    return given
  throw new SettingsError(
    `MEMBRANE_SANDBOX_FAULT takes status (${faultStatuses.join(', ')}), slowMs, podMismatch (true) and times.`,
  )
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0
