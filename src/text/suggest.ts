import { closestMatch } from 'leven'

/** What is often written for a name of ours; the first that is known counts. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  assignee: ['assignedUsers', 'assignee'],
  assigneduser: ['assignedUsers'],
  body: ['body', 'preview'],
  content: ['body', 'preview'],
  email: ['emails'],
  from: ['createdAfter'],
  keyword: ['text', 'intent'],
  limit: ['pageSize', 'limit'],
  maxresults: ['pageSize', 'limit'],
  message: ['body', 'preview'],
  params: ['query', 'pathParams'],
  perpage: ['pageSize'],
  phone: ['phones'],
  query: ['text', 'intent'],
  q: ['text', 'intent'],
  since: ['createdAfter'],
  subject: ['name'],
  team: ['assignedTeams'],
  text: ['body', 'preview'],
  title: ['name'],
  tool: ['action'],
  until: ['createdBefore'],
  url: ['path'],
}

/**
 * Takes a name and those that are known and returns the known one that was most likely meant: the same in another
 * spelling, one that is often called so, the same without `id`, one that few letters tell apart, or one of which only
 * the start or more than all was given. Pure.
 */
export function suggest(name: string, known: readonly string[]): string | undefined {
  const plain = plainOf(name)
  const same = (wanted: string) => known.find((one) => plainOf(one) === wanted)
  const alias = (Object.hasOwn(aliases, plain) ? aliases[plain] : undefined)?.find((one) =>
    known.includes(one),
  )
  const withoutId = /.ids?$/.test(plain) ? plain.replace(/ids?$/, '') : undefined
  return (
    same(plain) ??
    alias ??
    (withoutId === undefined ? undefined : (same(withoutId) ?? same('id'))) ??
    closest(plain, known) ??
    known.find((one) => isStart(plain, plainOf(one), 3) || isStart(plainOf(one), plain, 5))
  )
}

/** Takes a name that is not known and those that are, and returns it with the one that was most likely meant. Pure. */
export function withSuggestion(name: string, known: readonly string[]): string {
  const meant = suggest(name, known)
  return meant === undefined ? name : `${name} (did you mean ${meant}?)`
}

function closest(plain: string, known: readonly string[]): string | undefined {
  const maxDistance = plain.length < 4 ? 0 : plain.length < 6 ? 1 : plain.length < 10 ? 2 : 3
  if (maxDistance === 0 || plain.length > 64) return undefined
  const found = closestMatch(plain, known.map(plainOf), { maxDistance })
  return known.find((one) => plainOf(one) === found)
}

const isStart = (start: string, whole: string, letters: number) =>
  start.length >= letters && whole.startsWith(start)

const plainOf = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')
