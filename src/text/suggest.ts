import { closestMatch } from 'leven'

/** Other names of a thing, lower case; of those listed the first that is known counts. */
export type Aliases = Readonly<Record<string, readonly string[]>>

/**
 * Finds the known name that was most likely meant: the same in another spelling, an alias, the same without `id`, one
 * that few letters tell apart, or one that begins as the other does.
 */
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

/** The unknown name, followed by the suggestion if there is one. */
export function withSuggestion(name: string, known: readonly string[]): string {
  const meant = suggest(name, known)
  return meant === undefined ? name : `${name} (did you mean ${meant}?)`
}

/** One wrong letter, or up to three in a longer name whose first letter is right. */
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
