import { isObject } from '../json.ts'
import { singleLine } from '../text/quote.ts'
import { nonNull } from './coerce.ts'
import { isAdvertisable, type JsonSchema } from './schema.ts'

const maxChoices = 20
const maxMembers = 12

/** What a property takes, in words: its type, choices, bounds, or the members of an object. */
export function formOf(property: JsonSchema): string {
  const { schema, nullable } = nonNull(property)
  return `${formOfValue(schema)}${nullable ? ' or null' : ''}`
}

function formOfValue({
  type,
  enum: values,
  minimum,
  maximum,
  items,
  properties,
  required,
  description,
}: JsonSchema) {
  if (Array.isArray(values)) {
    const more = values.length > maxChoices ? ` and ${values.length - maxChoices} more` : ''
    return `one of ${values.slice(0, maxChoices).join(', ')}${more}`
  }
  if (type === 'array') return `a list${isObject(items) ? ` of ${formOf(items)}` : ''}`
  if (type === 'object') return formOfObject(properties, required)
  const bounds = [
    minimum === undefined ? '' : `from ${minimum}`,
    maximum === undefined ? '' : `to ${maximum}`,
  ]
  const form = [String(type ?? 'any value'), ...bounds].filter(Boolean).join(' ')
  return typeof description === 'string'
    ? `${form}: ${singleLine(description, 120).replace(/\.$/, '')}`
    : form
}

function formOfObject(properties: unknown, required: unknown): string {
  const names = (isObject(properties) ? Object.keys(properties) : []).filter(isAdvertisable)
  if (names.length === 0) return 'object'
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name)
  const members = [...names.filter(isRequired), ...names.filter((name) => !isRequired(name))]
    .slice(0, maxMembers)
    .map((name) => (isRequired(name) ? name : `${name}?`))
  return `object { ${members.join(', ')}${names.length > maxMembers ? ', …' : ''} }`
}
