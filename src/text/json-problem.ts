import { type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'

const words: Readonly<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: 'there is a word without quotes',
  InvalidNumberFormat: 'a number is written wrongly',
  PropertyNameExpected: 'a name in double quotes is missing',
  ValueExpected: 'a value is missing',
  ColonExpected: 'a colon is missing',
  CommaExpected: 'a comma is missing',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'there is more text after the end',
  InvalidCommentToken: 'there is a comment, which is not allowed here',
  UnexpectedEndOfComment: 'a comment has no end',
  UnexpectedEndOfString: 'a closing quote is missing',
  UnexpectedEndOfNumber: 'a number is cut off',
  InvalidUnicode: 'a \\u is not followed by four hexadecimal digits',
  InvalidEscapeCharacter: 'a backslash is followed by the wrong character',
  InvalidCharacter: 'there is a control character inside a text',
  '<unknown ParseErrorCode>': 'this is not JSON',
}

/** Such as "line 3, column 9: a comma is missing"; undefined for valid JSON. */
export function jsonProblem(text: string): string | undefined {
  const errors: ParseError[] = []
  try {
    parseTree(text, errors, { disallowComments: true })
  } catch {
    return 'line 1, column 1: it is nested too deeply'
  }
  return errors[0] === undefined ? undefined : describeParseError(text, errors[0])
}

export function describeParseError(text: string, { error, offset }: ParseError): string {
  if (text.trim() === '') return 'line 1, column 1: there is nothing in it'
  const name = printParseErrorCode(error)
  const found = text[offset]
  const before = text.slice(0, offset).trimEnd()
  const at = (place: number, what: string) => `${placeOf(text, place)}: ${what}`
  if (found === "'") return at(offset, 'there is a single quote where a double quote belongs')
  if (before.endsWith(',') && (found === '}' || found === ']'))
    return at(before.length - 1, 'there is a comma too many')
  if (name === 'CommaExpected' && found === '}') return at(offset, words.CloseBracketExpected)
  if (name === 'CommaExpected' && found === ']') return at(offset, words.CloseBraceExpected)
  // What is missing belongs after the text before, not where the parser noticed.
  const isMissing = /^(Comma|Colon|Close\w+)Expected$/.test(name)
  return at(isMissing ? before.length : offset, words[name])
}

/** Counted from 1. */
function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n')
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}
