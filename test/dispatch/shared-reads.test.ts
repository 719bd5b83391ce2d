import { describe, expect, it } from 'vitest'
import { withDeadline } from '../../src/async/deadline.ts'
import type { JudgedCall } from '../../src/dispatch/pipeline.ts'
import { shareReads } from '../../src/dispatch/shared-reads.ts'
import { ToolError } from '../../src/errors.ts'
import type { ToolOutput } from '../../src/response/envelope.ts'

/** Calls that end when they are told to. */
function setup() {
  const share = shareReads()
  const running: { signal: AbortSignal; end: (data: unknown) => void; fail: (error: Error) => void }[] = []
  const next = ({ signal }: JudgedCall) =>
    new Promise<ToolOutput>((resolve, reject) => {
      running.push({ signal, end: (data) => resolve({ data }), fail: reject })
      signal.addEventListener('abort', () => reject(new ToolError('cancelled', 'ended')))
    })
  const call = (
    name: string,
    args: object,
    signal = new AbortController().signal,
    risk = 'read',
    group = 'actions',
  ) => share({ tool: { name, group }, args, prepared: { risk }, signal } as unknown as JudgedCall, next)
  return { running, call, write: () => call('create-note', {}, undefined, 'internal') }
}

describe('equal reads at the same time', () => {
  it('are one', async () => {
    const { call, running } = setup()
    const reads = [call('list', { page: 1 }), call('list', { page: 1 })]
    expect(running).toHaveLength(1)
    running[0]?.end('answer')
    expect(await Promise.all(reads)).toEqual([{ data: 'answer' }, { data: 'answer' }])
  })

  it('fail together', async () => {
    const { call, running } = setup()
    const reads = [call('list', {}), call('list', {})]
    running[0]?.fail(new ToolError('not-found', 'missing'))
    for (const read of reads) await expect(read).rejects.toMatchObject({ reason: 'not-found' })
    expect(running).toHaveLength(1)
  })

  it.each<[string, (given: ReturnType<typeof setup>) => unknown]>([
    ['have other arguments', ({ call }) => call('list', { page: 2 })],
    ['are of another tool', ({ call }) => call('search', {})],
  ])('are two when they %s', (_, ask) => {
    const given = setup()
    void given.call('list', {})
    void ask(given)
    expect(given.running).toHaveLength(2)
  })

  it('are two when the first has ended', async () => {
    const { call, running } = setup()
    const first = call('list', {})
    running[0]?.end(1)
    await first
    void call('list', {})
    expect(running).toHaveLength(2)
  })

  it('are two when a write began or ended between them', async () => {
    const { call, write, running } = setup()
    void call('list', {})
    const writing = write()
    void call('list', {})
    expect(running).toHaveLength(3)
    running[1]?.end('done')
    await writing
    void call('list', {})
    expect(running).toHaveLength(4)
  })

  it('are two steps of signing in', () => {
    const { call, running } = setup()
    void call('connect-kustomer', {}, undefined, 'read', 'connection')
    void call('connect-kustomer', {}, undefined, 'read', 'connection')
    expect(running).toHaveLength(2)
  })
})

describe('a caller that gives up', () => {
  it('does not end the read of another', async () => {
    const { call, running } = setup()
    const leaving = new AbortController()
    const left = call('list', {}, leaving.signal)
    const waiting = call('list', {})
    leaving.abort(new ToolError('cancelled', 'left'))
    await expect(left).rejects.toMatchObject({ message: 'left' })
    expect(running[0]?.signal.aborted).toBe(false)
    running[0]?.end('answer')
    expect(await waiting).toEqual({ data: 'answer' })
  })

  it('ends the read when it is the last, and hears how it ended', async () => {
    const { call, running } = setup()
    const [first, second] = [new AbortController(), new AbortController()]
    const reads = [call('list', {}, first.signal), call('list', {}, second.signal)]
    const [heardFirst, heardLast] = reads.map((read) => read.catch(({ message }: Error) => message))
    first.abort(new ToolError('cancelled', 'left'))
    second.abort(new ToolError('cancelled', 'left'))
    expect([await heardFirst, await heardLast]).toEqual(['left', 'ended'])
    expect(running[0]?.signal.aborted).toBe(true)
    void call('list', {})
    expect(running).toHaveLength(2)
  })

  it('at its deadline leaves the read to the others', async () => {
    const { call, running } = setup()
    const first = withDeadline(1, (signal) => call('list', {}, signal))
    const waiting = call('list', {})
    await expect(first).rejects.toMatchObject({ reason: 'timeout' })
    running[0]?.end('answer')
    expect(await waiting).toEqual({ data: 'answer' })
  })
})
