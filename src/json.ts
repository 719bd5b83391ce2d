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

/** Whether a value nests lists and objects more than `levels` deep. Does not recurse, so that no depth exhausts the stack. */
export function nestsDeeper(value: unknown, levels: number): boolean {
  const left: { value: object; depth: number }[] = []
  const push = (member: unknown, depth: number) => {
    if (typeof member === 'object' && member !== null) left.push({ value: member, depth })
  }
  push(value, 1)
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    if (item.depth > levels) return true
    for (const member of Object.values(item.value)) push(member, item.depth + 1)
  }
  return false
}
