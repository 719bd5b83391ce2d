import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withDeadline } from '../../src/async/deadline.ts'
import { lockFile, tryLock } from '../../src/store/file-lock.ts'
import { makeFolder } from '../../src/store/folders.ts'
import { temporaryFolder } from '../support/server.ts'

/** A lock that nobody holds, last touched so many seconds from now. */
async function leftBehind(seconds: number): Promise<string> {
  const file = join(await temporaryFolder(), 'file')
  await mkdir(`${file}.lock`)
  const time = Date.now() / 1000 + seconds
  await utimes(`${file}.lock`, time, time)
  return file
}

const elapsed = async (task: Promise<unknown>) => {
  const start = performance.now()
  await task
  return performance.now() - start
}

describe('a file lock', () => {
  it('is held by one at a time', async () => {
    const file = join(await temporaryFolder(), 'below', 'file')
    const order: string[] = []
    const unlock = await lockFile(file)
    const second = lockFile(file).then(async (release) => {
      order.push('second')
      await release()
    })
    order.push('first')
    await unlock()
    await second
    expect(order).toEqual(['first', 'second'])
  })

  it.each([-3600, -6, 6, 3600, 1e9])('is free at once when touched %i s from now', async (seconds) => {
    const file = await leftBehind(seconds)
    expect(await elapsed(lockFile(file).then((unlock) => unlock()))).toBeLessThan(1000)
  })

  it('ends its wait with the deadline of the call', async () => {
    const file = await leftBehind(0)
    const waiting = withDeadline(200, (signal) => lockFile(file, signal))
    const ended = expect(waiting).rejects.toMatchObject({
      reason: 'timeout',
      message: expect.stringContaining('Nothing was sent'),
    })
    expect(await elapsed(ended)).toBeLessThan(1500)
  })

  it('ends its wait when the call is cancelled', async () => {
    const file = await leftBehind(0)
    const controller = new AbortController()
    const waiting = lockFile(file, controller.signal)
    controller.abort(new Error('cancelled'))
    await expect(waiting).rejects.toThrow('cancelled')
  })

  it('delays one call at most when its holder died', { timeout: 10_000 }, async () => {
    const file = await leftBehind(0)
    await expect(withDeadline(2000, (signal) => lockFile(file, signal))).rejects.toMatchObject({
      reason: 'timeout',
    })
    expect(await elapsed(lockFile(file).then((unlock) => unlock()))).toBeLessThan(1500)
  })

  it('outlives a slow holder that still touches it', { timeout: 10_000 }, async () => {
    const file = join(await temporaryFolder(), 'file')
    const unlock = await lockFile(file)
    await expect(withDeadline(4000, (signal) => lockFile(file, signal))).rejects.toMatchObject({
      reason: 'timeout',
    })
    await unlock()
  })
})

describe('trying a lock', () => {
  it('gives undefined while another holds it', async () => {
    const folder = await temporaryFolder()
    const unlock = await tryLock(folder, 'key')
    expect(unlock).toBeDefined()
    expect(await tryLock(folder, 'key')).toBeUndefined()
    await unlock?.()
    expect(await tryLock(folder, 'key')).toBeDefined()
  })

  it('rejects when the folder cannot be written to', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    await expect(tryLock(join(file, 'below'), 'key')).rejects.toMatchObject({ code: 'ENOTDIR' })
  })
})

describe('making a folder', () => {
  it('makes those above it, and accepts one that exists', async () => {
    const folder = join(await temporaryFolder(), 'a', 'b')
    await makeFolder(folder)
    await makeFolder(folder)
    await writeFile(join(folder, 'file'), '')
  })

  it.skipIf(process.platform !== 'linux')('ends where none can be made', async () => {
    await expect(makeFolder('/proc/kustomer-mcp/below')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
