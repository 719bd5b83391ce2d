import { stripHidden } from './invisible.ts'
import { redact } from './redact.ts'

/** Makes text of another program fit for a field of ours: cleaned, redacted, one line, at most `limit` characters. */
export function singleLine(text: string, limit: number): string {
  const characters = [...redact(stripHidden(text)).replace(/\s+/g, ' ').trim()]
  return characters.length > limit ? `${characters.slice(0, limit).join('')}…` : characters.join('')
}

/** `singleLine` in quotation marks that the text cannot close itself. */
export const quoteUntrusted = (text: string, limit = 240): string =>
  `“${singleLine(text, limit).replace(/[“”]/g, '"')}”`
