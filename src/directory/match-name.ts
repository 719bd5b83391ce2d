import { stripHidden } from '../text/invisible.ts'
import type { DirectoryEntry } from './entries.ts'

/**
 * A name as it is compared: without hidden characters, in one case and one width, with single spaces, and without the
 * accents of Latin, Greek and Cyrillic letters. Letters of two alphabets that look alike stay different.
 */
export const foldName = (text: string): string =>
  stripHidden(text)
    .normalize('NFKD')
    .replace(/[\u0300-\u036F]/g, '')
    .toLowerCase()
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim()

/** A name holds small words that many share, such as “de”. */
const minWord = 3

export interface NameIndex {
  byId: ReadonlyMap<string, DirectoryEntry>
  /** The entries that a text names: by address, else by a whole name, else, with `words`, by whole words of a name. */
  match(text: string, options: { words: boolean }): DirectoryEntry[]
  /** The entries that had this name before they were renamed. */
  matchFormer(text: string): DirectoryEntry[]
}

/** Indexes entries by their folded names, so that a look-up costs the same in any organisation. */
export function indexNames(entries: readonly DirectoryEntry[]): NameIndex {
  const current = entries.filter(({ deleted }) => deleted !== true)
  const byAddress = groupBy(current, ({ address }) => (address === undefined ? [] : [address]))
  const byName = groupBy(current, ({ name, otherNames = [] }) => [name, ...otherNames])
  const byFormerName = groupBy(entries, ({ name, formerNames = [], deleted }) =>
    deleted === true ? [name, ...formerNames] : formerNames,
  )

  function matchWords(wanted: string): DirectoryEntry[] {
    const parts = wanted.split(' ')
    if (!parts.some((part) => part.length >= minWord)) return []
    const hits = [...byName].filter(([name]) => {
      const own = name.split(' ')
      return parts.every((part) => own.includes(part))
    })
    return [...new Set(hits.flatMap(([, named]) => named))].filter(({ isMachine }) => isMachine !== true)
  }

  return {
    byId: new Map(entries.map((entry) => [entry.id, entry])),
    match(text, { words }) {
      const wanted = foldName(text)
      if (wanted === '') return []
      const whole = byAddress.get(wanted) ?? byName.get(wanted)
      return whole ?? (words ? matchWords(wanted) : [])
    },
    matchFormer: (text) => byFormerName.get(foldName(text)) ?? [],
  }
}

function groupBy(entries: readonly DirectoryEntry[], namesOf: (entry: DirectoryEntry) => string[]) {
  const groups = new Map<string, DirectoryEntry[]>()
  for (const entry of entries)
    for (const name of new Set(namesOf(entry).map(foldName)))
      if (name !== '') (groups.get(name) ?? groups.set(name, []).get(name))?.push(entry)
  return groups
}
