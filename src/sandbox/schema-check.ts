type Schema = Readonly<Record<string, unknown>>

export interface Violation {
  path: readonly (string | number)[]
  message: string
}

interface Strictness {
  /** Whether patterns, sizes and unknown properties count as well, not types, enums and what is required alone. */
  strict: boolean
}

/**
 * Takes a JSON schema (the subset that the catalogue uses) and a value, and returns what is wrong with the value,
 * worded as zod words it; an empty list when nothing is.
 */
export function violations(
  schema: unknown,
  value: unknown,
  { strict }: Strictness,
  path: Violation['path'] = [],
): Violation[] {
  if (!isSchema(schema)) return []
  const fail = (message: string): Violation[] => [{ path, message }]
  const types = [schema['type'] ?? []].flat() as string[]
  const actual = typeOf(value)
  const fits = types.some((type) => type === actual || (type === 'number' && actual === 'integer'))
  if (types.length > 0 && !fits)
    return fail(`Invalid input: expected ${types.filter(notNull).join('|')}, received ${actual}`)
  if (Array.isArray(schema['enum']) && schema['allowCustom'] !== true && !schema['enum'].includes(value)) {
    return fail(
      `Invalid option: expected one of ${schema['enum'].map((one) => JSON.stringify(one)).join('|')}`,
    )
  }
  if (strict) {
    const message = outOfBounds(schema, value)
    if (message !== undefined) return fail(message)
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => violations(schema['items'], item, { strict }, [...path, index]))
  }
  return isSchema(value) ? membersOf(schema, value, { strict }, path) : []
}

function membersOf(schema: Schema, value: Schema, { strict }: Strictness, path: Violation['path']) {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const patterns = Object.entries(isSchema(schema['patternProperties']) ? schema['patternProperties'] : {})
  const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : []
  const missing = required
    .filter((name) => value[name] === undefined)
    .flatMap((name) => {
      const found = violations(properties[name], undefined, { strict }, [...path, name])
      return found.length > 0 ? found : [{ path: [...path, name], message: 'Required' }]
    })
  const wrong = Object.entries(value).flatMap(([name, member]) => {
    if (member === undefined) return []
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined
    const matching = patterns.find(([pattern]) => new RegExp(pattern).test(name))
    if (own !== undefined || matching !== undefined)
      return violations(own ?? matching?.[1], member, { strict }, [...path, name])
    const closed = schema['additionalProperties'] === false || patterns.length > 0
    return strict && closed ? [{ path, message: `Unrecognized key: "${name}"` }] : []
  })
  return [...missing, ...wrong]
}

function outOfBounds(schema: Schema, value: unknown): string | undefined {
  const { minLength, maxLength, minimum, maximum, maxItems, minProperties, maxProperties } = schema as Record<
    string,
    number | undefined
  >
  const size = isSchema(value) ? Object.keys(value).length : 0
  if (typeof value === 'string') {
    if (value.length < (minLength ?? 0)) return `Too small: expected string to have >=${minLength} characters`
    if (value.length > (maxLength ?? Infinity))
      return `Too big: expected string to have <=${maxLength} characters`
    if (typeof schema['pattern'] === 'string' && !new RegExp(schema['pattern']).test(value))
      return `Invalid string: must match pattern /${schema['pattern']}/`
    if (!fitsFormat(schema['format'], value)) return `Invalid ${schema['format']}`
  }
  if (typeof value === 'number') {
    if (value < (minimum ?? -Infinity)) return `Too small: expected number to be >=${minimum}`
    if (value > (maximum ?? Infinity)) return `Too big: expected number to be <=${maximum}`
  }
  if (Array.isArray(value)) {
    if (value.length > (maxItems ?? Infinity)) return `Too big: expected array to have <=${maxItems} items`
    const distinct = new Set(value.map((item) => JSON.stringify(item))).size
    if (schema['uniqueItems'] === true && distinct < value.length)
      return 'Invalid input: items must be unique'
  } else if (isSchema(value)) {
    if (size < (minProperties ?? 0)) return `Too small: expected object to have >=${minProperties} keys`
    if (size > (maxProperties ?? Infinity)) return `Too big: expected object to have <=${maxProperties} keys`
  }
  return undefined
}

function fitsFormat(format: unknown, text: string): boolean {
  if (format === 'date-time') return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))
  if (format === 'email') return /^[^\s@]+@[^\s@]+$/.test(text)
  if (format === 'uri') return URL.canParse(text)
  return true
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

const notNull = (type: string) => type !== 'null'
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
