import { stripHidden } from './invisible.ts'
import { redact, redactProse } from './redact.ts'

/** Removes hidden characters and whole credentials. */
export const cleanText = (text: string): string => redactProse(stripHidden(text))

/** Names and values that are sent back must not be changed, so an unclean one is left out. */
export const isClean = (text: string): boolean => cleanText(text) === text

/** Cleans and redacts text of another program into one line of at most `limit` characters. */
export function singleLine(text: string, limit: number): string {
  const characters = [...redact(stripHidden(text)).replace(/\s+/g, ' ').trim()]
  return characters.length > limit ? `${characters.slice(0, limit).join('')}…` : characters.join('')
}

/** `singleLine` in quotation marks that the text cannot close itself. */
export const quoteUntrusted = (text: string, limit = 240): string =>
  `“${singleLine(text, limit).replace(/[\u201c\u201d]/g, '"')}”`
