import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { isRecordId } from './references.ts'

/** Returns the id of a record. Throws ToolError `invalid-input`. */
export function checkId(argument: string, value: string): string {
  const id = value.trim()
  if (isRecordId(id)) return id
  throw new ToolError('invalid-input', `\`${argument}\`: not an id; nothing was sent.`)
}

/** Reads a day, which Kustomer takes in GMT, or a time with its zone. Throws ToolError `invalid-input`. */
export function readTime(argument: string, value: string): string {
  if (z.iso.date().safeParse(value).success) return value
  return readInstant(argument, value, 'a day such as 2026-11-01, or ')
}

/** Converts an ISO 8601 time with its zone to UTC. Throws ToolError `invalid-input`. */
export function readInstant(argument: string, value: string, alternative = ''): string {
  if (z.iso.datetime({ offset: true }).safeParse(value).success) return new Date(value).toISOString()
  throw new ToolError(
    'invalid-input',
    `\`${argument}\`: give ${alternative}a time with its zone, such as 2026-11-01T09:00:00Z.`,
  )
}
