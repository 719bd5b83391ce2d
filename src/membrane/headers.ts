import { isObject } from '../json.ts'

/** Reads a header by its lower-case name. A header that came several times counts once. */
export function headerOf(headers: unknown, name: string): string | undefined {
  if (!isObject(headers)) return undefined
  const [, value] = Object.entries(headers).find(([other]) => other.toLowerCase() === name) ?? []
  const first = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' || typeof first === 'number' ? String(first) : undefined
}

/**
 * Seconds until a rate limit is free again, at most an hour. `Retry-After` is a number of seconds or a date (RFC 9110);
 * `x-ratelimit-reset` is a time in epoch seconds (Kustomer's rate-limit documentation), elsewhere a number of seconds.
 */
export function resetSecondsIn(headers: unknown, now = Date.now()): number | undefined {
  const waits = [
    waitOf(headerOf(headers, 'retry-after'), now),
    Number(headerOf(headers, 'retry-after-ms') ?? Number.NaN) / 1000,
    ...['x-ratelimit-reset', 'x-rate-limit-reset', 'ratelimit-reset'].map((name) =>
      waitOf(headerOf(headers, name), now),
    ),
  ]
  const wait = waits.find((seconds) => seconds > 0 && seconds <= 3600)
  return wait === undefined ? undefined : Math.ceil(wait)
}

function waitOf(value: string | undefined, now: number): number {
  if (value === undefined || value.trim() === '') return Number.NaN
  const number = Number(value)
  if (Number.isNaN(number)) return (Date.parse(value) - now) / 1000
  if (number < 1e9) return number
  return (number < 1e12 ? number * 1000 - now : number - now) / 1000
}
