/**
 * Format characters that a model reads and a person does not see. A single joiner or emoji selector after a character that
 * needs it stays; rows of them could spell out a text.
 */
const invisible =
  /[\u200C\u200D](?<![^\0-\u02FF\u200C\u200D].)|[\uFE00-\uFE0D]|[\uFE0E\uFE0F](?<=[\uFE0E\uFE0F].)|(?![\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u200C\u200D])\p{Cf}|\u034F|\u17B4|\u17B5|\u180B|\u180C|\u180D|\u180F|[\u115F\u1160\u3164\uFFA0]|[\u{E0000}-\u{E0FFF}]/gu

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
const lineControl = /[\u000B\u000C\u0085]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
const control = /[\u0000-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F]/g

const entities = /&(?:#(?:x([0-9a-f]{1,6})|(\d{1,7}))|(?:zwj|zwnj|lrm|rlm|shy|ZeroWidthSpace|NoBreak));?/gi

/** Printable ASCII without `&`, as most texts are: nothing hides in it. */
const plain = /^[\t\n\r -%'-~]*$/

export function stripInvisible(text: string, rounds = 3): string {
  if (plain.test(text)) return text
  const result = decodeInvisible(text, '')
    .replace(lineControl, '\n')
    .replace(invisible, '')
    .replace(control, '')
    .toWellFormed()
  if (result === text) return result
  // Entities may be nested; deeper than this is no accident.
  return rounds === 0 ? decodeInvisible(result, ' ') : stripInvisible(result, rounds - 1)
}

const decodeInvisible = (text: string, replacement: string) =>
  text.replace(entities, (whole, hex?: string, decimal?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    if (Number.isNaN(code)) return replacement
    return code <= 0x10ffff && isInvisible(String.fromCodePoint(code)) ? replacement : whole
  })

const isInvisible = (character: string) => character.replace(invisible, '').replace(control, '') === ''

/** Escape sequences, but not C1 codes, which JSON text may hold. Bounded, unlike `util.stripVTControlCharacters`. */
const terminalCodes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal codes are made of control characters
  /\u001B(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001B]{0,1024}(?:\u0007|\u001B\\)|[@-Z\\-_])/g

export const stripTerminalCodes = (text: string): string => text.replace(terminalCodes, '')

/** Removes terminal codes, control characters and invisible characters. */
export const stripHidden = (text: string): string => stripInvisible(stripTerminalCodes(text))
