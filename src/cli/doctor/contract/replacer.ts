import { createHmac, randomBytes } from 'node:crypto'
import { unknownId } from './probe.ts'

/** Replaces what may be private in a text, character for character. Equal words get equal replacements. */
export interface Replacer {
  /** Keeps the words for which `isKept` holds; by default none. */
  replace(text: string, isKept?: (word: string) => boolean): string
}

const word = /[\p{L}\p{M}\p{N}]+/gu
/** Symbols may be letters in a circle, flags or hidden text. */
const symbol = /(?!\p{ASCII})[\p{S}\p{Cf}\p{Co}\p{Cn}]/gu
const anySymbol = '□'
const timestamp =
  /(?<![\p{L}\p{N}])\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z?)?(?![\p{L}\p{N}])/gu

/**
 * A letter becomes a letter of its script and case, a digit a digit, a hex digit a hex digit, a date a date, and any
 * symbol outside ASCII the same square. What is percent-encoded is replaced as if it was not.
 */
export function createReplacer(key: Buffer = randomBytes(32)): Replacer {
  const known = new Map<string, string>()
  const taken = new Set<string>()
  const draw = (text: string) => {
    let [block, bytes, next] = [0, Buffer.alloc(0), 0]
    return (count: number) => {
      if (next === bytes.length) {
        bytes = createHmac('sha256', key).update(`${block++}|${text}`).digest()
        next = 0
      }
      return (bytes[next++] ?? 0) % count
    }
  }

  /** Draws again until the word is another, and nobody else's. Short words may run out. */
  function drawUntilNew(text: string, drawOne: (pick: (count: number) => number) => string): string {
    const found = known.get(text)
    if (found !== undefined) return found
    let other = text
    for (let attempt = 0; attempt < 50; attempt++) {
      const drawn = drawOne(draw(`${attempt}|${text}`))
      if (drawn !== text) other = drawn
      if (drawn !== text && !taken.has(drawn)) break
    }
    known.set(text, other)
    taken.add(other)
    return other
  }

  function replaceWord(given: string): string {
    if (given === unknownId) return given
    const characters = [...given]
    const lower = characters.map(lowered)
    const isHex = lower.every((character) => /[0-9a-f]/.test(character))
    const isNumber = lower.every((character) => /\d/.test(character)) && lower[0] !== '0'
    const drawn = [
      ...drawUntilNew(lower.join(''), (pick) =>
        lower
          .map((character, index) =>
            isNumber && index === 0 ? String(1 + pick(9)) : replaceCharacter(character, isHex, pick),
          )
          .join(''),
      ),
    ]
    return drawn
      .map((character, index) => (characters[index] === lower[index] ? character : raised(character)))
      .join('')
  }

  function replacePlain(text: string, isKept: (word: string) => boolean): string {
    const dates = [...text.matchAll(timestamp)].map(([date]) =>
      drawUntilNew(date, (pick) => dateLike(date, pick)),
    )
    const between = text
      .split(timestamp)
      .map((part) =>
        part
          .replace(symbol, anySymbol)
          .replace(word, (found) => (isKept(found) ? found : replaceWord(found))),
      )
    return between.flatMap((part, index) => [part, dates[index] ?? '']).join('')
  }

  return {
    replace(text, isKept = () => false) {
      if (!text.includes('%')) return replacePlain(text, isKept)
      const units = unitsOf(text)
      const replaced = [...replacePlain(units.map(({ character }) => character).join(''), isKept)]
      return replaced
        .map((character, index) => (units[index]?.isEncoded ? percentEncoded(character) : character))
        .join('')
    },
  }
}

const lowered = (character: string) => ofOne(character.toLowerCase(), character)
const raised = (character: string) => ofOne(character.toUpperCase(), character)
/** Some letters have no other case of one character. */
const ofOne = (converted: string, character: string) => ([...converted].length === 1 ? converted : character)

function replaceCharacter(character: string, isHex: boolean, pick: (count: number) => number): string {
  if (/[0-9]/.test(character)) return String(pick(10))
  if (/[a-z]/.test(character)) return String.fromCharCode(97 + pick(isHex ? 6 : 26))
  const kind = [/\p{L}/u, /\p{M}/u, /\p{N}/u].find((one) => one.test(character)) ?? /\p{L}/u
  const start = (character.codePointAt(0) ?? 0) & ~31
  const neighbours = Array.from({ length: 32 }, (_, index) => String.fromCodePoint(start + index)).filter(
    (other) => kind.test(other) && lowered(other) === other && other !== character,
  )
  return neighbours[pick(Math.max(1, neighbours.length))] ?? (kind.test('x') ? 'x' : anySymbol)
}

function dateLike(date: string, pick: (count: number) => number): string {
  const two = (from: number, count: number) => String(from + pick(count)).padStart(2, '0')
  const drawn = `20${two(10, 20)}-${two(1, 12)}-${two(1, 28)}T${two(0, 24)}:${two(0, 60)}:${two(0, 60)}.`
  return [...date]
    .map((character, index) => (character === 'Z' ? 'Z' : (drawn[index] ?? String(pick(10)))))
    .join('')
}

interface Unit {
  character: string
  isEncoded: boolean
}

function unitsOf(text: string): Unit[] {
  return [...text.matchAll(/(?:%[0-9a-f]{2})+|[\s\S]/giu)].flatMap(([part]) => {
    const decoded = part.length > 2 && part.startsWith('%') ? decode(part) : undefined
    return [...(decoded ?? part)].map((character) => ({ character, isEncoded: decoded !== undefined }))
  })
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const percentEncoded = (character: string) =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
