import { ToolError } from '../errors.ts'

/** Linux allows 128 KiB for one argument; the rest is room for the flag's name. */
const maxArgumentBytes = 120 * 1024

/** `--name=value`, or nothing. Throws ToolError `too-large` or `invalid-input`. */
export function flag(name: string, value: string | number | undefined): string[] {
  if (value === undefined) return []
  const argument = wellFormed(`--${name}=${value}`)
  const bytes = Buffer.byteLength(argument)
  if (bytes > maxArgumentBytes) {
    const size = `${Math.ceil(bytes / 1024)} KiB`
    throw new ToolError(
      'too-large',
      `The input is ${size}; the CLI takes ${maxArgumentBytes / 1024} KiB at most.`,
    )
  }
  return [argument]
}

/** A lone surrogate, which JSON can carry escaped, fits neither a URL nor an argument. */
export function wellFormed(text: string): string {
  if (text.isWellFormed() && !text.includes('\0')) return text
  throw new ToolError('invalid-input', 'Text for the CLI cannot hold a NUL character or half a character.')
}
