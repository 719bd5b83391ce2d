import { isObject } from '../../json.ts'

export type Attributes = Record<string, unknown>

/** The value if it has the type, else an empty one. */
export const recordOf = (value: unknown): Attributes => (isObject(value) ? value : {})
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
export const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
