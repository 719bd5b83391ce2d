import { describe, expect, test } from 'vitest'
import { setup, setupOnce } from '../support/harness.ts'

const [hint, always] = ['anthropic/searchHint', 'anthropic/alwaysLoad']
const metaOf = async ({ client }: Awaited<ReturnType<typeof setup>>) =>
  new Map((await client.listTools()).tools.map(({ name, _meta }) => [name, _meta]))
const args = ['--cli', '/nowhere/membrane']

describe('tools that clients load when they are needed', () => {
  const server = setupOnce({ args })

  test.each<[string, RegExp]>([
    ['search', /tickets.*customers/],
    ['get-conversation-thread', /ticket.*messages/],
    ['create-draft', /reply/],
  ])('%s is loaded at once, and found by words of people', async (name, words) => {
    expect((await metaOf(server())).get(name)).toEqual({
      [hint]: expect.stringMatching(words),
      [always]: true,
    })
  })

  test('no other tool is loaded at once', async () => {
    const tools = [...(await metaOf(server()))]
    const loaded = tools.filter(([, meta]) => meta?.[always] === true).map(([name]) => name)
    expect(loaded.sort()).toEqual(['create-draft', 'get-conversation-thread', 'search'])
  })

  test('every hint is a short line of words', async () => {
    const hints = [...(await metaOf(server())).values()].flatMap((meta) =>
      meta === undefined ? [] : [meta[hint]],
    )
    expect(hints.length).toBeGreaterThanOrEqual(3)
    for (const words of hints) expect(words).toMatch(/^[^\n]{10,120}$/)
    expect(new Set(hints).size).toBe(hints.length)
  })
})

test('read-only, the draft is not among them', async () => {
  const tools = await metaOf(await setup({ args: [...args, '--read-only'] }))
  const loaded = [...tools].filter(([, meta]) => meta?.[always] === true).map(([name]) => name)
  expect(loaded.sort()).toEqual(['get-conversation-thread', 'search'])
})
