import { cleanText, isClean } from '../text/quote.ts'
import { type Schema, textValues, valuesOf } from './flatten-schema.ts'

const maxEnum = 100
const maxDescription = 400
const formatHints = new Map([
  ['date-time', 'ISO 8601.'],
  ['date', 'YYYY-MM-DD.'],
  ['uri', 'URL.'],
  ['email', 'Email address.'],
])

/** What a schema allows, in words: its own description and what its normal form cannot say. */
export function describe(schema: Schema, types: readonly string[]): string {
  const { description, format, allowCustom } = schema
  const own = typeof description === 'string' ? cleanText(description).trim() : ''
  const values = valuesOf(schema).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  const listed = isChoice(schema, types) ? [] : values.filter(isClean).slice(0, 20)
  const saysForm = /\b(ISO|URL|link|email|address|date|when|instant)\b/i.test(own)
  const hints = [
    listed.length > 0 ? `${allowCustom === true ? 'For example' : 'One of'}: ${listed.join(', ')}.` : '',
    (typeof format === 'string' && !saysForm && formatHints.get(format)) || '',
    types.length === 0 ? 'Any JSON value.' : types.length > 1 ? `May be ${types.join(' or ')}.` : '',
  ]
  const text = [own, ...hints].filter((part) => part !== '').join(' ')
  if (text.length <= maxDescription) return text
  // Not in the middle of a character that takes two places.
  return `${text.slice(0, maxDescription - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** Whether the enum is binding, and can be given to every model API: text, and not too much of it. */
export function isChoice(schema: Schema, types: readonly string[]): boolean {
  const values = textValues(schema)
  return (
    values !== undefined &&
    types.length === 1 &&
    types[0] === 'string' &&
    schema['allowCustom'] !== true &&
    values.length <= maxEnum
  )
}
