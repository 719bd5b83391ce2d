import { badRequest } from './call.ts'

interface Criterion {
  /** A name that ends with `_at` holds times. */
  attribute: string
  operator: string
  wanted: unknown
  timeZone: string
}
type Test = (values: readonly unknown[]) => boolean

const operators = ['equals', 'in', 'contains', 'gt', 'gte', 'lt', 'lte', 'not_set']

/**
 * The test of an attribute's values for one criterion, with the operators seen in Kustomer's search documentation and
 * recipes. Throws 400 for another operator or a value that does not fit.
 */
export function operatorTest(criterion: Criterion): Test {
  const { attribute, operator, wanted } = criterion
  const fail = (why: string) => badRequest(`${attribute}: ${why}`, { attribute, operator })
  if (!operators.includes(operator))
    throw fail(`the sandbox knows the operators ${operators.join(', ')}, not ${operator}`)
  if (operator === 'not_set') return (values) => !values.some(isPresent)
  if (operator === 'in') {
    if (!Array.isArray(wanted)) throw fail('in takes a list')
    const tests = wanted.map((one) => operatorTest({ ...criterion, operator: 'equals', wanted: one }))
    return (values) => tests.some((test) => test(values))
  }
  if (!['string', 'number', 'boolean'].includes(typeof wanted))
    throw fail(`${operator} takes one text, number or boolean`)
  const test = attribute.endsWith('_at') ? timeTest(criterion) : valueTest(operator, wanted)
  if (test === undefined) throw fail('takes a date or an ISO 8601 time')
  return (values) => values.filter(isPresent).some(test)
}

const isPresent = (value: unknown) => value !== undefined && value !== null && value !== ''

function valueTest(operator: string, wanted: unknown): (value: unknown) => boolean {
  if (operator === 'equals') return (value) => same(value, wanted)
  if (operator === 'contains') {
    const words = wordsOf(wanted)
    return (value) => words.length > 0 && words.every((word) => wordsOf(value).includes(word))
  }
  return (value) =>
    holds(
      operator,
      typeof value === 'number' ? value - Number(wanted) : String(value).localeCompare(String(wanted), 'en'),
    )
}

function timeTest({ operator, wanted, timeZone }: Criterion): ((value: unknown) => boolean) | undefined {
  const text = String(wanted)
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text)
  const start = isDay ? startOfDay(text, timeZone) : Date.parse(text)
  if (Number.isNaN(start)) return undefined
  // A day counts whole: from its start for gte and lt, to its end for gt, lte and equals (assumed).
  const end = isDay ? start + 86_400_000 - 1 : start
  return (value) => {
    const time = Date.parse(String(value))
    if (operator === 'equals') return time >= start && time <= end
    return holds(operator, time - (operator === 'gt' || operator === 'lte' ? end : start))
  }
}

const holds = (operator: string, order: number): boolean =>
  order === 0 ? operator.endsWith('e') : operator.startsWith(order > 0 ? 'g' : 'l')

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
