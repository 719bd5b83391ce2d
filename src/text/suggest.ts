import { closestMatch } from 'leven'

/** Keys are lower case; the first listed name that is known counts. */
export type Aliases = Readonly<Record<string, readonly string[]>>

/** The known name most likely meant: by spelling, alias, a dropped `id`, few wrong letters, or a common start. */
export function suggest(name: string, known: readonly string[], aliases: Aliases = {}): string | undefined {
  const plain = plainOf(name)
  const same = (wanted: string) => known.find((candidate) => plainOf(candidate) === wanted)
  const listed = Object.hasOwn(aliases, plain) ? aliases[plain] : undefined
  const withoutId = /.ids?$/.test(plain) ? plain.replace(/ids?$/, '') : undefined
  return (
    same(plain) ??
    listed?.find((candidate) => known.includes(candidate)) ??
    (withoutId === undefined ? undefined : (same(withoutId) ?? same('id'))) ??
    closest(plain, known) ??
    known.find((candidate) => isStart(plain, plainOf(candidate), 3) || isStart(plainOf(candidate), plain, 5))
  )
}

export function withSuggestion(name: string, known: readonly string[]): string {
  const meant = suggest(name, known)
  return meant === undefined ? name : `${name} (did you mean ${meant}?)`
}

/** Allows one wrong letter, or up to three in a longer name with the same first letter. */
function closest(plain: string, known: readonly string[]): string | undefined {
  if (plain.length < 4 || plain.length > 64) return undefined
  const nearest = (candidates: readonly string[], maxDistance: number) =>
    closestMatch(plain, candidates, { maxDistance })
  const names = known.map(plainOf)
  const alike = names.filter((candidate) => candidate[0] === plain[0])
  const found = nearest(names, 1) ?? nearest(alike, Math.min(3, Math.floor(plain.length / 3)))
  return known.find((candidate) => plainOf(candidate) === found)
}

const isStart = (start: string, whole: string, letters: number) =>
  start.length >= letters && whole.startsWith(start)

const plainOf = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')
