import { badRequest } from './call.ts'

interface Test {
  /** A name that ends with `_at` holds times. */
  attribute: string
  operator: string
  wanted: unknown
  timeZone: string
}

const operators = ['equals', 'in', 'contains', 'gt', 'gte', 'lt', 'lte', 'not_set']

/**
 * The test of an attribute's values for one criterion, with the operators seen in Kustomer's search documentation and
 * recipes. Throws 400 for another operator or a value that does not fit.
 */
export function operatorTest({
  attribute,
  operator,
  wanted,
  timeZone,
}: Test): (values: readonly unknown[]) => boolean {
  const fail = (why: string) => badRequest(`${attribute}: ${why}`, { attribute, operator })
  if (!operators.includes(operator))
    throw fail(`the sandbox knows the operators ${operators.join(', ')}, not ${operator}`)
  const present = (values: readonly unknown[]) =>
    values.filter((value) => value !== undefined && value !== null && value !== '')
  if (operator === 'not_set') return (values) => present(values).length === 0
  if (operator === 'in') {
    if (!Array.isArray(wanted)) throw fail('in takes a list')
    const tests = wanted.map((one) => operatorTest({ attribute, operator: 'equals', wanted: one, timeZone }))
    return (values) => tests.some((test) => test(values))
  }
  if (!['string', 'number', 'boolean'].includes(typeof wanted))
    throw fail(`${operator} takes one text, number or boolean`)
  if (operator === 'contains') {
    const words = wordsOf(wanted)
    return (values) =>
      present(values).some((value) => {
        const own = new Set(wordsOf(value))
        return words.length > 0 && words.every((word) => own.has(word))
      })
  }
  if (attribute.endsWith('_at')) return timeTest({ operator, wanted, timeZone }, present, fail)
  if (operator === 'equals') return (values) => present(values).some((value) => same(value, wanted))
  return (values) =>
    present(values).some((value) => {
      const order =
        typeof value === 'number' ? value - Number(wanted) : String(value).localeCompare(String(wanted), 'en')
      return holds(operator, order)
    })
}

function timeTest(
  { operator, wanted, timeZone }: Omit<Test, 'attribute'>,
  present: (values: readonly unknown[]) => unknown[],
  fail: (why: string) => Error,
): (values: readonly unknown[]) => boolean {
  const text = String(wanted)
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text)
  const start = isDay ? startOfDay(text, timeZone) : Date.parse(text)
  if (Number.isNaN(start)) throw fail('takes a date or an ISO 8601 time')
  // A day counts whole: from its start for gte and lt, to its end for gt, lte and equals (assumed).
  const end = isDay ? start + 86_400_000 - 1 : start
  return (values) =>
    present(values).some((value) => {
      const time = Date.parse(String(value))
      if (operator === 'equals') return time >= start && time <= end
      return holds(operator, time - (operator === 'gt' || operator === 'lte' ? end : start))
    })
}

function holds(operator: string, order: number): boolean {
  if (operator === 'gt') return order > 0
  if (operator === 'gte') return order >= 0
  return operator === 'lt' ? order < 0 : order <= 0
}

/** Text is compared without regard to case (assumed). */
const same = (value: unknown, wanted: unknown) => String(value).toLowerCase() === String(wanted).toLowerCase()

/** `contains` matches whole words alone (documentation of AWS Glue's Kustomer connector). */
const wordsOf = (value: unknown): string[] =>
  String(value)
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []

/** The instant, in ms, at which a day starts in an IANA time zone. Throws 400 for an unknown zone. */
function startOfDay(day: string, timeZone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`)
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    const name = format.formatToParts(utc).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000
    return sign === '-' ? utc + offset : utc - offset
  } catch {
    throw badRequest(`timeZone: ${timeZone} is not a time zone`, { field: 'timeZone' })
  }
}
