import { httpsLink } from './https-link.ts'

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  euro: '€',
}

/** Only these are tags: an address in angle brackets is none. */
const tags =
  'a|abbr|article|b|blockquote|body|br|center|code|col|dd|del|div|dl|dt|em|figure|font|footer|h[1-6]|head|header|hr|html|i|iframe|img|ins|li|link|main|mark|meta|nav|ol|p|pre|q|s|section|small|span|strong|sub|sup|svg|table|tbody|td|tfoot|th|thead|title|tr|u|ul|video'

/** Nobody reads more than this of an answer. */
const maxHtml = 100_000

/** The words of an HTML text: blocks end lines, items of lists have dashes, links show their target, all other tags go. */
export const plainText = (html: string): string =>
  html
    .slice(0, maxHtml)
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, '')
    .replace(/<a\b[^<>]*\bhref=["']?(https:[^"'\s<>]+)[^<>]*>([^<]*)<\/a>/gi, linkOf)
    .replace(/<li\b[^<>]*>/gi, '\n- ')
    .replace(/<(?:br|\/?(?:p|div|h[1-6]|ul|ol|tr|table|blockquote))\b[^<>]*>/gi, '\n')
    .replace(new RegExp(`</?(?:${tags})(?:[\\s/][^<>]*)?>`, 'gi'), '')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, decodeEntity)
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

function linkOf(_: string, href: string, text: string): string {
  const link = httpsLink(href)
  return link === undefined || text.includes(href) ? text : `${text} (${link})`
}

function decodeEntity(whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return entities[name.toLowerCase()] ?? whole
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  const isCharacter = code > 31 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return isCharacter ? String.fromCodePoint(code) : whole
}
