import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { doTasks, sum, tasks, ways } from './run.ts'

/** Started together: each has a server and an organisation of its own. */
const learned = join(inject('learned'), 'sandbox')
const [compact, raw] = [doTasks(ways.tools, learned), doTasks(ways.rawProxy, learned)]
const minutes = 60_000

test('there are at least 20 support tasks, and each is done right with the tools', {
  timeout: 3 * minutes,
}, async () => {
  expect(tasks.length).toBeGreaterThanOrEqual(20)
  expect((await compact).filter(({ error }) => error !== undefined)).toEqual([])
})

test('the same tasks are done right with proxy_request alone', { timeout: 3 * minutes }, async () => {
  expect((await raw).filter(({ error }) => error !== undefined)).toEqual([])
})

test('compact answers cost at most a third of the raw ones', async () => {
  const [read, readRaw] = [await compact, await raw].map((done) => sum(done.map(({ cost }) => cost)).read)
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThanOrEqual((readRaw ?? 0) / 3)
})
