import { stripHidden } from './invisible.ts'
import { redact, redactProse } from './redact.ts'

/** Text from outside that is shown as it was written, but for what hides in it and whole credentials. */
export const cleanText = (text: string): string => redactProse(stripHidden(text))

/** Whether nothing hides in a text. Names and values that are sent back must not be changed: they are shown or not. */
export const isClean = (text: string): boolean => cleanText(text) === text

/** Makes text of another program fit for a field of ours: cleaned, redacted, one line, at most `limit` characters. */
export function singleLine(text: string, limit: number): string {
  const characters = [...redact(stripHidden(text)).replace(/\s+/g, ' ').trim()]
  return characters.length > limit ? `${characters.slice(0, limit).join('')}…` : characters.join('')
}

/** `singleLine` in quotation marks that the text cannot close itself. */
export const quoteUntrusted = (text: string, limit = 240): string =>
  `“${singleLine(text, limit).replace(/[“”]/g, '"')}”`
