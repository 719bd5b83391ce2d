import { describe, expect, it } from 'vitest'
import { createDirectory, type Directory } from '../../src/directory/directory.ts'
import type { ReadPage } from '../../src/directory/read-list.ts'
import { ToolError } from '../../src/errors.ts'
import type { Cache } from '../../src/store/cache.ts'

const connectionId = 'connection'
const idOf = (index: number) => index.toString(16).padStart(24, '0')
const signal = new AbortController().signal

interface Person {
  id?: string
  name: string
  email?: string
}

const records = (people: readonly Person[]) =>
  people.map(({ id = idOf(1), ...attributes }) => ({ type: 'user', id, attributes }))

/** A cache in memory. */
function memoryCache(): Cache & { kept: Map<string, unknown> } {
  const kept = new Map<string, unknown>()
  return {
    kept,
    read: async (kind, key, schema) => schema.safeParse(kept.get(`${kind} ${key}`)).data,
    write: async (kind, key, value) => void kept.set(`${kind} ${key}`, JSON.parse(JSON.stringify(value))),
    remove: async (kind, key) => void kept.delete(`${kind} ${key}`),
    prune: async () => undefined,
  }
}

/** A directory over an organisation that the test changes, with every read recorded. */
function setup(
  organisation: { users: Person[]; deleted?: Person[]; error?: Error; perPage?: number },
  cache = memoryCache(),
) {
  const reads: string[] = []
  let now = 1_000_000
  const read: ReadPage = async (_, path, query) => {
    const { page, deleted } = Object.fromEntries(query)
    reads.push([path, page, deleted === undefined ? '' : 'deleted'].join(' ').trim())
    await Promise.resolve()
    if (organisation.error !== undefined) throw organisation.error
    const all = deleted === undefined ? organisation.users : (organisation.deleted ?? [])
    const size = organisation.perPage ?? 100
    const from = (Number(page) - 1) * size
    const next = from + size < all.length ? `${path}?page=${Number(page) + 1}` : null
    return { data: records(all.slice(from, from + size)), links: { next } }
  }
  const directory = createDirectory({ read, cache, scope: 'test', now: () => now })
  return {
    directory,
    reads,
    cache,
    wait: (ms: number) => {
      now += ms
    },
    find: (text: string) => find(directory, text),
    nameOf: async (id: string) =>
      (await directory.lookUp(connectionId, new Map([['user', new Set([id])]]), signal)).get(id)?.name,
  }
}

const find = async (directory: Directory, text: string): Promise<string> => {
  try {
    return (await directory.find(connectionId, 'user', text, signal)).id
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return `${error.reason}: ${error.message}`
  }
}

const first = '/v1/users 1'
const both = [first, `${first} deleted`]

describe('a directory', () => {
  it('reads a list when it is first needed, once for all who wait', async () => {
    const { directory, reads, find: resolve } = setup({ users: [{ name: 'Noor' }] })
    expect(reads).toEqual([])
    expect(await Promise.all([resolve('noor'), find(directory, 'NOOR'), resolve('Noor')])).toEqual(
      Array(3).fill(idOf(1)),
    )
    expect(reads).toEqual(both)
  })

  it('asks nothing for an id', async () => {
    const { reads, find: resolve } = setup({ users: [] })
    expect(await resolve(` ${idOf(7)} `)).toBe(idOf(7))
    expect(reads).toEqual([])
  })

  it.each([
    [`https://acme.kustomerapp.com/app/users/${idOf(7)}`, idOf(7)],
    [`https://acme.kustomerapp.com/app/conversations/${idOf(7)}`, 'does not lead to a user'],
    [`https://acme.kustomerapp.com.evil.example/app/users/${idOf(7)}`, 'no user is called'],
  ])('takes a link of the app: %s', async (link, result) => {
    expect(await setup({ users: [] }).find(link)).toContain(result)
  })

  it('reads again before it says that a name is missing', async () => {
    const organisation: { users: Person[] } = { users: [{ name: 'Noor' }] }
    const { reads, wait, find: resolve } = setup(organisation)
    await resolve('Noor')
    organisation.users.push({ id: idOf(2), name: 'New Colleague' })
    wait(60_000)
    expect(await resolve('New Colleague')).toBe(idOf(2))
    expect(reads).toEqual([...both, ...both])
    expect(await resolve('Nobody Here')).toMatch(/^invalid-input: no user is called “Nobody Here”/)
    expect(reads).toHaveLength(4)
  })

  it('answers from an old list for names, and reads it again beside', async () => {
    const organisation: { users: Person[] } = { users: [{ name: 'Noor' }] }
    const { reads, wait, nameOf } = setup(organisation)
    expect(await nameOf(idOf(1))).toBe('Noor')
    organisation.users = [{ name: 'Noor Haddad' }]
    wait(11 * 60_000)
    expect(await nameOf(idOf(1))).toBe('Noor')
    expect(reads).toEqual([...both, ...both])
    await new Promise((resolve) => setImmediate(resolve))
    expect(await nameOf(idOf(1))).toBe('Noor Haddad')
  })

  it('does not find by an old list', async () => {
    const organisation: { users: Person[] } = { users: [{ name: 'Noor' }] }
    const { wait, find: resolve } = setup(organisation)
    await resolve('Noor')
    organisation.users = [{ name: 'Priya' }, { id: idOf(2), name: 'Noor' }]
    wait(11 * 60_000)
    expect(await resolve('Noor')).toBe(idOf(2))
  })

  it('remembers former names, also after a restart', async () => {
    const organisation = { users: [{ name: 'Billing' }] }
    const { cache, wait, find: resolve } = setup(organisation)
    await resolve('Billing')
    organisation.users = [{ name: 'Payments' }]
    wait(11 * 60_000)
    expect(await resolve('Billing')).toMatch(/no user is called “Billing” any more/)
    const later = setup(organisation, cache)
    expect(await later.find('Billing')).toMatch(/no user is called “Billing” any more/)
    expect(await later.find('Payments')).toBe(idOf(1))
  })

  it('names deleted users, and does not find them', async () => {
    const { nameOf, find: resolve } = setup({ users: [], deleted: [{ name: 'Jun Takeda' }] })
    expect(await nameOf(idOf(1))).toBe('Jun Takeda')
    expect(await resolve('Jun Takeda')).toMatch(/any more: it was renamed or deleted/)
  })

  it('finds users where the service lists all as deleted too', async () => {
    const users = [{ name: 'Noor' }]
    expect(await setup({ users, deleted: users }).find('Noor')).toBe(idOf(1))
  })

  it.each([1, 2, 3, 7, 10])('reads a list of %i pages whole', async (pages) => {
    const users = Array.from({ length: pages * 2 }, (_, index) => ({
      id: idOf(index),
      name: `User ${index}`,
    }))
    const { reads, find: resolve } = setup({ users, perPage: 2 })
    expect(await resolve(`User ${pages * 2 - 1}`)).toBe(idOf(pages * 2 - 1))
    expect(new Set(reads).size).toBe(reads.length)
  })

  it('finds by the list from the disk without reading', async () => {
    const { cache, find: resolve } = setup({ users: [{ name: 'Noor' }] })
    await resolve('Noor')
    const later = setup({ users: [] }, cache)
    expect(await later.find('Noor')).toBe(idOf(1))
    expect(later.reads).toEqual([])
  })

  it('keeps the lists of two connections apart', async () => {
    const { directory, reads } = setup({ users: [{ name: 'Noor' }] })
    await directory.find('one', 'user', 'Noor', signal)
    await directory.find('other', 'user', 'Noor', signal)
    expect(reads).toEqual([...both, ...both])
  })
})

describe('pages', () => {
  const user = (index: number) => ({ type: 'user', id: idOf(index), attributes: { name: `User ${index}` } })
  const full = (page: number) => Array.from({ length: 500 }, (_, index) => user(page * 1000 + index))
  const directoryOver = (answer: (page: number) => unknown) => {
    const pages: number[] = []
    const read: ReadPage = async (_, __, query) => {
      const { page, deleted } = Object.fromEntries(query)
      if (deleted !== undefined) return { data: [] }
      pages.push(Number(page))
      return answer(Number(page))
    }
    return { pages, directory: createDirectory({ read, cache: memoryCache(), scope: 'test' }) }
  }

  it('that say nothing of the next go on while they are full', async () => {
    const { directory } = directoryOver((page) => ({ data: page < 3 ? full(page) : [user(7)] }))
    expect(await find(directory, 'User 7')).toBe(idOf(7))
    expect(await find(directory, 'User 2499')).toBe(idOf(2499))
  })

  it('that repeat themselves end', async () => {
    const { directory, pages } = directoryOver(() => ({ data: full(1) }))
    expect(await find(directory, 'User 1001')).toMatch(
      /^invalid-input: there are more users than can be read/,
    )
    expect(pages.length).toBeLessThanOrEqual(3)
  })

  it('without end leave a list in which no name is sure', async () => {
    const { directory, pages } = directoryOver((page) => ({ data: full(page), links: { next: '/v1/users' } }))
    expect(await find(directory, 'User 1001')).toMatch(
      /^invalid-input: there are more users than can be read/,
    )
    expect(pages).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  })
})

describe('the entries of ids as they are now', () => {
  it('come from a fresh list', async () => {
    const organisation: { users: Person[] } = { users: [{ name: 'vip' }] }
    const { directory, wait, find: resolve } = setup(organisation)
    await resolve('vip')
    organisation.users = [{ name: 'vip2' }]
    wait(11 * 60_000)
    const entries = await directory.current(connectionId, 'user', new Set([idOf(1)]), signal)
    expect(entries.get(idOf(1))).toMatchObject({ name: 'vip2', isUnique: true })
  })

  it('say whether another has the name', async () => {
    const { directory } = setup({ users: [{ name: 'vip' }, { id: idOf(2), name: 'VIP' }] })
    const entries = await directory.current(connectionId, 'user', new Set([idOf(1)]), signal)
    expect(entries.get(idOf(1))).toMatchObject({ isUnique: false })
  })

  it('fail where the list cannot be read', async () => {
    const { directory } = setup({ users: [], error: new ToolError('forbidden', 'No.') })
    await expect(directory.current(connectionId, 'user', new Set([idOf(1)]), signal)).rejects.toMatchObject({
      reason: 'forbidden',
    })
  })
})

describe('a list that cannot be read', () => {
  const error = new ToolError('forbidden', 'No.')

  it('fails a call that needs it', async () => {
    expect(await setup({ users: [], error }).find('Noor')).toBe('forbidden: No.')
  })

  it('costs names alone, and is not asked again for a minute', async () => {
    const organisation: { users: Person[]; error?: Error } = { users: [{ name: 'Noor' }], error }
    const { reads, wait, nameOf } = setup(organisation)
    expect(await nameOf(idOf(1))).toBeUndefined()
    delete organisation.error
    wait(30_000)
    expect(await nameOf(idOf(1))).toBeUndefined()
    expect(reads).toEqual(both)
    wait(31_000)
    expect(await nameOf(idOf(1))).toBe('Noor')
  })

  it('is asked again by a call that needs it', async () => {
    const organisation: { users: Person[]; error?: Error } = { users: [{ name: 'Noor' }], error }
    const { find: resolve } = setup(organisation)
    await resolve('Noor')
    delete organisation.error
    expect(await resolve('Noor')).toBe(idOf(1))
  })
})
