import type { LiveAction } from './live-action.ts'

const stopWords = new Set(
  'a an and for from in into is it its of on or that the their them this to up with all any by me my our one'.split(
    ' ',
  ),
)

const synonyms: Readonly<Record<string, string>> = {
  remove: 'delete',
  erase: 'delete',
  add: 'create',
  new: 'create',
  make: 'create',
  open: 'create',
  change: 'update',
  edit: 'update',
  modify: 'update',
  set: 'update',
  show: 'get',
  read: 'get',
  fetch: 'get',
  find: 'search',
  ticket: 'conversation',
  case: 'conversation',
  client: 'customer',
  contact: 'customer',
  person: 'customer',
  organization: 'company',
  organisation: 'company',
  account: 'company',
  agent: 'user',
  colleague: 'user',
  comment: 'note',
  label: 'tag',
  combine: 'merge',
}

/** A verb alone does not say what an action is about. */
const verbs = new Set(['create', 'update', 'get', 'list', 'search', 'delete', 'send'])

/** Verbs of reading: an action of one of them answers an intent of another. */
const readingVerbs = new Set(['get', 'list', 'search'])

function wordsOf(text: string): string[] {
  const plain = text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1 && !stopWords.has(word))
  return words.map((word) => {
    const stem = word
      .replace(/ies$/, 'y')
      .replace(/(?<=ss|us|x|ch|sh)es$/, '')
      .replace(/(?<=[a-z]{2}[^su])s$/, '')
    return synonyms[word] ?? synonyms[stem] ?? stem
  })
}

/** Ranks actions by the words they share with an intent. Those that share none but a verb are dropped. */
export function rankActions(actions: readonly LiveAction[], intent: string): LiveAction[] {
  const wanted = [...new Set(wordsOf(intent))]
  const subjects = wanted.filter((word) => !verbs.has(word))
  const scored = actions.map((action) => {
    const names = new Set(wordsOf(`${action.key ?? ''} ${action.name}`))
    const described = new Set(wordsOf(action.description))
    const inNames = wanted.filter((word) => names.has(word))
    const weights = inNames.map((word) => (verbs.has(word) ? 1.5 : 3))
    const weight = weights.reduce((sum, one) => sum + one, 0)
    const inText = wanted.filter((word) => !names.has(word) && described.has(word)).length
    const fits = subjects.some((word) => names.has(word) || described.has(word))
    const surplus = [...names].filter((word) => !wanted.includes(word)).length
    return { action, score: fits || subjects.length === 0 ? weight + inText - surplus * 0.1 : 0 }
  })
  return scored
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .map(({ action }) => action)
}

export function unmatchedWords(actions: readonly LiveAction[], intent: string): string[] {
  const known = new Set(
    actions.flatMap(({ key, name, description }) => wordsOf(`${key} ${name} ${description}`)),
  )
  const isMissing = (part: string) => !known.has(part) && !readingVerbs.has(part)
  return intent.split(/\s+/).filter((word) => wordsOf(word).some(isMissing))
}

/** Whether the CLI heeded the intent: else its results are the beginning of the plain list. */
export const isRanked = (results: readonly LiveAction[], all: readonly LiveAction[]): boolean =>
  results.some(({ id }, index) => all[index]?.id !== id)
