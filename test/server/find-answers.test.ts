import { expect, test } from 'vitest'
import { sampleOrganisation } from '../../src/sandbox/store.ts'
import { type Harness, type Json, setup, setupOnce } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import { withOrganisation } from '../support/sandbox-data.ts'

async function found(harness: Harness, text: string): Promise<Json> {
  const answer = await harness.call('find-answers', { text })
  expect(answer.isError, answer.text).toBe(false)
  return answer.structured
}
const server = setupOnce({ args: ['--sandbox'] })

test('shortcuts and articles are found by words', async () => {
  const { data } = await found(server(), 'RETURN refund')
  expect(data.map(({ type, name }: Json) => [type, name])).toEqual([
    ['shortcut', 'Return label'],
    ['shortcut', 'Refund sent'],
    ['kb_article', 'Returns and refunds'],
    ['kb_article', 'An item arrived damaged'],
    ['kb_article', 'Delivery times'],
  ])
  expect(data[1]).toEqual({
    type: 'shortcut',
    id: '67a5dba05c00000011000002',
    name: 'Refund sent',
    text: 'Hi {{customer.firstName}}, your refund is on its way.',
  })
  expect(data[2]).toEqual({
    type: 'kb_article',
    id: '67ceaa10a471c1e013000001',
    name: 'Returns and refunds',
    text: 'You can return an order within 30 days. Ask us for a label, hand the parcel in, and we refund the price within 5 working days after the scan.',
    url: 'https://help.membrane-sandbox.example/en_us/returns-and-refunds',
  })
})

test('nothing found is said', async () => {
  const { data, notices } = await found(server(), 'zeppelin')
  expect(data).toEqual([])
  expect(notices?.join()).toContain('Nothing was found')
})

test.each<[Json]>([[{}], [{ text: ' ' }], [{ text: 'x', page: 2 }]])('%j is refused', async (args) => {
  const { isError, text } = await server().call('find-answers', args)
  expect([isError, text]).toEqual([true, expect.stringMatching(/^invalid-input: /)])
  expect(server().calls()).toEqual([])
})

const respond = (status: number, data: object) => ({
  json: { status, headers: {}, body: status < 400 ? { data } : { errors: [{ title: 'No.' }] } },
  ...(status < 400 ? {} : { exit: 1 }),
})
const shortcut = { type: 'shortcut', id: 'a', attributes: { name: 'Refund', draft: { text: 'Sent.' } } }
const article = { type: 'kb_article', id: 'b', attributes: { title: 'Refund' } }
const planWith = (shortcuts: object, articles: object) => ({
  connections: [connection],
  actions: liveActions,
  faults: [
    { when: `request ${connectionId} /v1/shortcuts `, ...shortcuts },
    { when: `request ${connectionId} /v1/kb/articles/search `, ...articles },
  ],
})

test.each<[string, object, object, string[], string]>([
  ['articles', respond(200, [shortcut]), respond(403, []), ['a'], 'Articles could not be read (forbidden).'],
  ['shortcuts', respond(404, []), respond(200, [article]), ['b'], 'Shortcuts could not be read (not-found).'],
])('where %s cannot be read, the others are given', async (_, shortcuts, articles, ids, notice) => {
  const harness = await setup({ plan: planWith(shortcuts, articles) })
  const { data, notices } = await found(harness, 'refund')
  expect(data.map(({ id }: Json) => id)).toEqual(ids)
  expect(notices).toContain(notice)
})

test('where neither can be read, it is an error', async () => {
  const harness = await setup({ plan: planWith(respond(403, []), respond(403, [])) })
  const { isError, text } = await harness.call('find-answers', { text: 'refund' })
  expect([isError, text]).toEqual([true, expect.stringMatching(/^forbidden: /)])
})

test('hostile articles become plain text', async () => {
  const organisation = await sampleOrganisation()
  const [first] = organisation.articles
  if (first === undefined) throw new Error('no article')
  Object.assign(first.attributes, {
    title: 'Zeppelin\u202e',
    htmlBody: `<style>p{}</style><h1>Fly</h1><p>A &amp; B&#33;</p><ul><li>one<li>two</ul><!-- hidden --><script>alert(1)</script>${'<p>more</p>'.repeat(2000)}`,
    url: 'javascript:alert(1)',
  })
  const harness = await setup({ args: ['--sandbox'], stateDir: await withOrganisation(organisation) })
  const { data } = await found(harness, 'zeppelin')
  expect(data).toEqual([
    {
      type: 'kb_article',
      id: first.id,
      name: 'Zeppelin',
      text: expect.stringMatching(/^Fly\n\nA & B!\n\n- one\n- two\n/),
    },
  ])
  expect(data[0].text).not.toMatch(/alert|hidden|<p>/)
  expect(data[0].text.length).toBeLessThan(1600)
})

test('it is there under --read-only', async () => {
  const harness = await setup({ args: ['--sandbox', '--read-only'] })
  expect((await found(harness, 'invoice')).data[0]).toMatchObject({ name: 'Copy of an invoice' })
})
