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
/** What a fresh data folder starts as. */
export type Start = (typeof starts)[number]

/** How many calls a minute are answered. */
export interface Limits {
  /** Of the whole organisation. */
  budget: number
  search: number
  /** Creations of conversations, messages, notes and drafts for one customer. */
  perCustomer: number
  /** Updates of one record. */
  perObject: number
}

/** How the next Kustomer calls go wrong. */
export interface Fault {
  status?: 401 | 403 | 429 | 500 | 503
  slowMs?: number
  podMismatch?: true
  /** How many calls it hits; without it, all. Counted for as long as the data lasts. */
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

/** A setting that cannot be used; the message says which and what it takes. */
export class SettingsError extends Error {}

/**
 * The published figures of Kustomer's Enterprise plan. That updates of one record are limited is documented, the number
 * is not: 60 is assumed.
 */
const published: Limits = { budget: 1000, search: 100, perCustomer: 120, perObject: 60 }
const faultStatuses = [401, 403, 429, 500, 503] as const

/** Takes the environment and returns the settings. Throws SettingsError. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const folder = env['MEMBRANE_SANDBOX_DIR']
  if (!folder)
    throw new SettingsError(
      'This is a simulation of the Membrane CLI. Set MEMBRANE_SANDBOX_DIR to the folder for its data.',
    )
  return {
    folder,
    dialect: oneOf('MEMBRANE_SANDBOX_DIALECT', env, ['old', 'new'] as const, 'old'),
    start: oneOf('MEMBRANE_SANDBOX_START', env, starts, 'ready'),
    limits: { ...published, ...numbers(json(env, 'MEMBRANE_SANDBOX_LIMITS') ?? {}) },
    fault: readFault(json(env, 'MEMBRANE_SANDBOX_FAULT')),
    record: env['MEMBRANE_SANDBOX_RECORD'] || undefined,
  }
}

function oneOf<T extends string>(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  values: readonly T[],
  fallback: T,
): T {
  const text = env[name] || fallback
  const value = values.find((one) => one === text)
  if (value === undefined) throw new SettingsError(`${name} is one of ${values.join(', ')}.`)
  return value
}

function json(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): Record<string, unknown> | undefined {
  const text = env[name]
  if (!text) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {}
  throw new SettingsError(`${name} takes a JSON object.`)
}

function numbers(given: Record<string, unknown>): Partial<Limits> {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(published, name) || !isCount(value))
      throw new SettingsError(
        `MEMBRANE_SANDBOX_LIMITS takes whole numbers for ${Object.keys(published).join(', ')}.`,
      )
  }
  return given
}

function readFault(given: Record<string, unknown> | undefined): Fault | undefined {
  if (given === undefined) return undefined
  const { status, slowMs, podMismatch, times, ...rest } = given
  const [unknown] = Object.keys(rest)
  const known = faultStatuses.find((one) => one === status)
  const fits =
    unknown === undefined &&
    (status === undefined || known !== undefined) &&
    (podMismatch === undefined || podMismatch === true) &&
    [slowMs, times].every((value) => value === undefined || isCount(value))
  if (!fits)
    throw new SettingsError(
      `MEMBRANE_SANDBOX_FAULT takes status (${faultStatuses.join(', ')}), slowMs, podMismatch (true) and times.`,
    )
  return given
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0
