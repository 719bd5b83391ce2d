import { expect, test } from 'vitest'
import { callKustomer } from '../../src/sandbox/kustomer/api.ts'
import { createLedger } from '../../src/sandbox/ledger.ts'
import { publishedLimits } from '../../src/sandbox/settings.ts'
import { openStore } from '../../src/sandbox/store.ts'
import { cases, type Json, sandbox, start, temporaryFolder } from './support.ts'

const path = `/v1/conversations/${cases.openConversation}/tags`

test('processes that tag one conversation lose no tag', { timeout: 60_000 }, async () => {
  const { request } = await sandbox({}, start)
  const names = Array.from({ length: 24 }, (_, number) => `parallel-${number}`)
  const ends = await Promise.all(
    names.map((name) => request(path, '-X', 'POST', `--data=${JSON.stringify([name])}`)),
  )
  expect(ends.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(names.map(() => [0, '']))
  const { tags } = (await request(`/v1/conversations/${cases.openConversation}`)).json.body.data.attributes
  const known = (await request('/v1/tags')).json.body.data
  const held = known
    .filter(({ id }: Json) => tags.includes(id))
    .map(({ attributes }: Json) => attributes.name)
  expect(held.sort()).toEqual(['damaged-item', 'refund', ...names].sort())
  expect(new Set(tags).size).toBe(tags.length)
})

test('adding and removing at once, 200 times', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder()
  const clock = () => Date.parse('2026-11-22T12:00:00.000Z')
  const agents = [1, 2].map(() => ({
    organisation: openStore(folder, 'ready').organisation,
    ledger: createLedger(folder, clock),
    limits: { ...publishedLimits, budget: 10_000, perObject: 10_000 },
    fault: undefined,
    clock,
  }))
  const headers = { authorization: 'Bearer x' }
  const query = new URLSearchParams()
  const tag = (agent: number, method: string, name: string) =>
    callKustomer({ method, path, query, headers, body: JSON.stringify([name]) }, agents[agent] as never)
  for (let round = 0; round < 100; round += 1) {
    const [first, second] = await Promise.all([tag(0, 'POST', `a-${round}`), tag(1, 'POST', `b-${round}`)])
    expect([first.status, second.status]).toEqual([200, 200])
    if (round % 2 === 1)
      await Promise.all([tag(0, 'DELETE', `a-${round - 1}`), tag(1, 'DELETE', `b-${round - 1}`)])
  }
  const { tags, conversations } = await openStore(folder, 'ready').organisation.read()
  const { attributes } = conversations.find(({ id }) => id === cases.openConversation) as Json
  const held = attributes.tags.map((id: string) => tags.find((one) => one.id === id)?.attributes['name'])
  const odd = Array.from({ length: 50 }, (_, index) => 2 * index + 1)
  expect(held.sort()).toEqual(['damaged-item', 'refund', ...odd.flatMap((n) => [`a-${n}`, `b-${n}`])].sort())
})
