import leven from 'leven'
import { ToolError } from '../errors.ts'
import type { ReferenceKind } from '../kustomer/references.ts'
import { quoteUntrusted, singleLine } from '../text/quote.ts'
import type { DirectoryEntry } from './entries.ts'
import { foldName, type NameIndex } from './match-name.ts'

const maxCandidates = 8
const maxLetters = 64
const maxName = 120

/** Returns the only match. Throws ToolError `invalid-input`, with the candidates, where there is none or more than one. */
export function assertOneMatch(
  kind: ReferenceKind,
  text: string,
  matches: readonly DirectoryEntry[],
  { entries, index, isWhole }: { entries: readonly DirectoryEntry[]; index: NameIndex; isWhole: boolean },
): DirectoryEntry {
  const [only, ...others] = matches
  const quoted = quoteUntrusted(text, 80)
  const isAddress = only?.address !== undefined && foldName(only.address) === foldName(text)
  if (!isWhole && !isAddress)
    throw refusal(
      `there are more ${kind}s than can be read, so ${quoted} may be another's name too. Give the id.`,
      matches,
    )
  if (only !== undefined && others.length === 0) return only
  if (only !== undefined)
    throw refusal(
      `${matches.length} match ${quoted} as a ${kind}. Ask which one is meant, and give its id; do not guess.`,
      matches,
    )
  const former = index.matchFormer(text)
  if (former.length > 0)
    throw refusal(`no ${kind} is called ${quoted} any more: it was renamed or deleted.`, former)
  throw refusal(`no ${kind} is called ${quoted}.`, nearest(entries, text))
}

export const notInLink = (kind: ReferenceKind, link: string): ToolError =>
  refusal(`the link ${quoteUntrusted(link, 80)} does not lead to a ${kind}.`, [])

function refusal(message: string, candidates: readonly DirectoryEntry[]): ToolError {
  const shown = candidates.slice(0, maxCandidates).map(({ id, name, address, deleted }) => ({
    id,
    name: singleLine(name, maxName),
    address: address && singleLine(address, maxName),
    deleted,
  }))
  return new ToolError(
    'invalid-input',
    `${message} Nothing was sent.`,
    shown.length === 0 ? {} : { data: { candidates: shown } },
  )
}

/** All entries where they are few, else those that are spelt alike or share a word. */
function nearest(entries: readonly DirectoryEntry[], text: string): DirectoryEntry[] {
  const current = entries.filter(({ deleted }) => deleted !== true)
  if (current.length <= maxCandidates) return current
  const wanted = foldName(text).slice(0, maxLetters)
  const words = new Set(wanted.split(' ').filter((word) => word.length > 2))
  return current
    .map((entry) => {
      const name = foldName(entry.name).slice(0, maxLetters)
      const isShared = name.split(' ').some((word) => words.has(word))
      return { entry, far: isShared ? 0 : leven(wanted, name) / Math.max(wanted.length, name.length) }
    })
    .filter(({ far }) => far <= 0.4)
    .sort((left, right) => left.far - right.far)
    .map(({ entry }) => entry)
}
