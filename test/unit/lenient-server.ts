import { expect } from 'vitest'
import { ToolError } from '../../src/errors.ts'
import { checkPath } from '../../src/kustomer/proxy-checks.ts'

export const base = 'https://kustomer.example/'
const decodeEscapes = (text: string) =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    }
  })

/** What a server may make of a path: as it is, and decoded once and twice, however leniently. */
export function expectNoClimb(path: string) {
  const once = decodeEscapes(path)
  for (const form of [path, once, decodeEscapes(once)]) {
    const { host, pathname } = new URL(form, base)
    const first = form.split(/[/?#]/)[1] ?? ''
    expect(host).toBe('kustomer.example')
    expect(decodeEscapes(decodeEscapes(pathname)).startsWith(`/${decodeEscapes(decodeEscapes(first))}`)).toBe(
      true,
    )
    expect(pathname.split('/')).toHaveLength((form.split(/[?#]/)[0] ?? '').split(/[/\\]/).length)
  }
}

/** The path as checked, or undefined where it was refused in the one way it may be. */
export function checked(given: string) {
  try {
    return checkPath(given)
  } catch (error) {
    expect(error).toBeInstanceOf(ToolError)
    expect((error as ToolError).reason).toBe('invalid-input')
    return undefined
  }
}
