import { createScanner, type Node } from 'jsonc-parser'

/*
 * `modify` of the library lays neighbouring lines out anew and removes comments beside a removed member. These change
 * nothing but the member. Each takes the text and nodes of it, and returns the new text.
 */

/** Adds a member as the first of its object, where the comma is always right. */
export function withMember(text: string, object: Node, name: string, value: unknown): string {
  const { unit, eol } = layoutOf(text)
  const [first] = object.children ?? []
  const key = `${JSON.stringify(name)}:`
  if (first !== undefined && isOneLine(text, object.offset, first.offset)) {
    const [keyNode, valueNode] = first.children ?? []
    const gap = text.slice((keyNode?.offset ?? 0) + (keyNode?.length ?? 0), valueNode?.offset)
    const member = `${key}${gap.endsWith(' ') ? ' ' : ''}${JSON.stringify(value)},`
    const room = /^[ \t]*$/.test(text.slice(object.offset + 1, first.offset))
      ? first.offset - object.offset - 1
      : 0
    return spliced(text, object.offset + 1, 0, ' '.repeat(room) + member)
  }
  const outer = indentAt(text, object.offset)
  const inner = first === undefined ? outer + unit : indentAt(text, first.offset)
  const at = afterOpening(text, object.offset)
  const isClosedHere = first === undefined && /^[ \t]*\}/.test(text.slice(at))
  const after = first === undefined ? (isClosedHere ? eol + outer : '') : ','
  return spliced(text, at, 0, `${eol}${inner}${key} ${laidOut(value, unit, eol, inner)}${after}`)
}

/** Replaces a value, on one line where the old one was. */
export function withValue(text: string, node: Node, value: unknown): string {
  const { unit, eol } = layoutOf(text)
  const isWide = !isOneLine(text, node.offset, node.offset + node.length)
  const added = isWide ? laidOut(value, unit, eol, indentAt(text, node.offset)) : JSON.stringify(value)
  return spliced(text, node.offset, node.length, added)
}

/** Removes a member and one comma: the inverse of `withMember`. */
export function withoutMember(text: string, object: Node, property: Node): string {
  const properties = object.children ?? []
  const previous = properties[properties.indexOf(property) - 1]
  const end = property.offset + property.length
  const comma = commaAfter(text, end)
  const endsItsLine = /^[ \t]*\r?\n/.test(text.slice((comma ?? end - 1) + 1))
  // Without a line's end behind it, what follows must not slip behind a comment on the line before.
  const before = (endsItsLine ? /(?:\r?\n)?[ \t]*$/ : /[ \t]*$/).exec(text.slice(0, property.offset))
  const start = property.offset - (before?.[0].length ?? 0)
  const withoutComma = comma === undefined ? text : spliced(text, comma, 1, '')
  const without = spliced(withoutComma, start, end - start, '')
  if (properties.length === 1) return closedUp(without, object.offset)
  if (comma !== undefined || previous === undefined) return without
  // The last one went: the comma before it has nothing left to part.
  const spare = commaAfter(text, previous.offset + previous.length)
  return spare === undefined ? without : spliced(without, spare, 1, '')
}

/** The offset of the comma that follows, apart from comments and white space. */
function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true)
  scanner.setPosition(offset)
  scanner.scan()
  const at = scanner.getTokenOffset()
  return text[at] === ',' ? at : undefined
}

/** An object that was left with nothing but white space becomes `{}`. */
const closedUp = (text: string, offset: number) =>
  text.slice(0, offset) + text.slice(offset).replace(/^\{\s*\}/, '{}')

const spliced = (text: string, offset: number, length: number, added: string) =>
  text.slice(0, offset) + added + text.slice(offset + length)

const laidOut = (value: unknown, unit: string, eol: string, indent: string) =>
  JSON.stringify(value, undefined, unit).replaceAll('\n', eol + indent)

const isOneLine = (text: string, start: number, end: number) => !/[\r\n]/.test(text.slice(start, end))

/** The place after an opening brace, and after a comment that ends its line. */
function afterOpening(text: string, offset: number): number {
  const comment = /^[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/(?=[ \t]*\r?\n))/.exec(text.slice(offset + 1))
  return offset + 1 + (comment?.[0].length ?? 0)
}

function layoutOf(text: string): { eol: string; unit: string } {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  return { eol, unit: /^([ \t]+)"/m.exec(text)?.[1] ?? '  ' }
}

/** The indentation of the line at an offset. */
function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? ''
}
