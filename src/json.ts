export type Json = Readonly<Record<string, unknown>>

/** Whether a parsed value is a JSON object: neither null nor a list nor a scalar. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Parses JSON; undefined for a text that is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
