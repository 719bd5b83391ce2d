import * as z from 'zod'
import { ToolError } from '../errors.ts'

/**
 * Takes an argument's name and its value, and returns the value when it has the form of a Kustomer id: 24 hexadecimal
 * characters (Kustomer's API reference). Throws Failure `invalid-input`; `taught` adds what is wrong with it.
 */
export function checkId(argument: string, value: string): string {
  if (/^[0-9a-f]{24}$/i.test(value)) return value
  throw new ToolError('invalid-input', `\`${argument}\`: not an id; nothing was sent.`)
}

/**
 * Takes an argument's name and a day or a time, and returns the day as it is, which Kustomer reads in GMT, and the time
 * as an instant (Kustomer's search documentation). Throws Failure `invalid-input`.
 */
export function readTime(argument: string, value: string): string {
  if (z.iso.date().safeParse(value).success) return value
  return readInstant(argument, value, 'a day such as 2026-11-01, or ')
}

/** Takes an argument's name and an ISO 8601 time with its zone and returns it in UTC. Throws Failure `invalid-input`. */
export function readInstant(argument: string, value: string, alternative = ''): string {
  if (z.iso.datetime({ offset: true }).safeParse(value).success) return new Date(value).toISOString()
  throw new ToolError(
    'invalid-input',
    `\`${argument}\`: give ${alternative}a time with its zone, such as 2026-11-01T09:00:00Z.`,
  )
}
