import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { identity } from '../../src/auth/identity.ts'
import type { Principal } from '../../src/auth/principal.ts'
import { verifyAudit } from '../../src/dispatch/audit-chain.ts'
import { jsonLines } from '../dispatch/support.ts'
import { temporaryFolder } from '../support/app.ts'
import { until } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import { startHttp } from './support.ts'

const otherId = '66b0c0ffee0000000000b002'
const other = { ...connection, id: otherId, name: 'Kustomer of another team', key: 'kustomer-b' }
const plan = { connections: [connection, other], actions: liveActions }
const note = { conversation: 'a'.repeat(24), body: 'Called back.' }

/** Every file below a folder, as its path and its text. */
async function filesBelow(folder: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as [string, string]))
}

describe('an identity', () => {
  const served = { connection: undefined, stateDir: '/state' }
  const anna: Principal = {
    issuer: 'token',
    subject: 'anna',
    scopes: new Set(),
    connection: 'a',
    tokenId: '1',
  }
  const scopeOf = (change: Partial<Principal>) => identity({ ...anna, ...change }, served).cacheScope

  it('is equal for all tokens of one subject on one connection', () => {
    expect(scopeOf({ tokenId: '2', scopes: new Set(['kustomer:write']) })).toBe(scopeOf({}))
  })

  it.each<Partial<Principal>>([
    { subject: 'ben' },
    { connection: 'b' },
    { connection: undefined },
    { issuer: 'x' },
  ])('is another with %j', (change) => {
    expect(scopeOf(change)).not.toBe(scopeOf({}))
  })

  it('makes no path of a subject', () => {
    const { stateDir } = identity({ ...anna, subject: '../../etc' }, served)
    expect(stateDir).toMatch(/^[/\\]state[/\\]principals[/\\][0-9a-f]{32}$/)
  })
})

describe('two principals', () => {
  it('use the connections of their tokens, and hear of no other', async () => {
    const { bearer, call, scripted } = await startHttp({ plan })
    const anna = await bearer('anna', ['kustomer:write', 'kustomer:connect'], connectionId)
    const ben = await bearer('ben', ['kustomer:write', 'kustomer:connect'], otherId)
    for (const [who, own, foreign] of [
      [anna, connectionId, otherId],
      [ben, otherId, connectionId],
    ] as const) {
      scripted.calls.length = 0
      expect(await call('list-customers', {}, who.authorization)).toMatchObject({ isError: false })
      const sent = scripted.calls.map(({ argv }) => argv.join(' ')).join('\n')
      expect(sent).toContain(own)
      expect(sent).not.toContain(foreign)
      for (const tool of ['connection-status', 'connect-kustomer']) {
        const { text } = await call(tool, {}, who.authorization)
        expect(text).toContain(own)
        expect(text).not.toContain(foreign)
      }
    }
  })

  it('cannot name a connection that their account does not have', async () => {
    const { bearer, call } = await startHttp({ plan })
    const { authorization } = await bearer('anna', ['kustomer:write'], 'missing')
    const answer = await call('list-customers', {}, authorization)
    expect(answer.isError).toBe(true)
    expect(answer.text).toMatch(/^not-connected: /)
    expect(answer.text).not.toContain(otherId)
  })

  it('cannot read the result pages of each other', async () => {
    const { bearer, call } = await startHttp({
      given: { sandbox: true, maxResultChars: 2000, cli: undefined },
    })
    const anna = await bearer('anna')
    const ben = await bearer('ben')
    const cut = await call('list-customers', {}, anna.authorization)
    const [, id] = /read-result.*?([0-9a-f]{16})/s.exec(cut.text) ?? []
    expect(id).toBeDefined()
    expect(await call('read-result', { id, page: 2 }, anna.authorization)).toMatchObject({ isError: false })
    const foreign = await call('read-result', { id, page: 2 }, ben.authorization)
    expect(foreign).toMatchObject({ isError: true })
    expect(foreign.text).toMatch(/^not-found: /)
  })

  it('do not share their reads', async () => {
    const fault = { when: 'action run', hang: true }
    const { bearer, call, scripted } = await startHttp({
      given: { connection: connectionId },
      plan: { ...plan, faults: [fault] },
    })
    const [anna, ben] = [await bearer('anna'), await bearer('ben')]
    const reads = [anna, ben].map(({ authorization }) => call('list-customers', {}, authorization))
    await until(() => scripted.running() === 2)
    await scripted.stop()
    for (const read of reads) expect(await read).toMatchObject({ isError: true })
  })

  it('cannot redeem the confirmations of each other', async () => {
    const { bearer, call } = await startHttp({ given: { confirm: 'writes', connection: connectionId }, plan })
    const anna = await bearer('anna')
    const ben = await bearer('ben')
    const { data } = await call('create-note', note, anna.authorization)
    expect(data).toMatchObject({ state: 'CONFIRMATION_REQUIRED' })
    const confirmed = { ...note, confirmationToken: data.confirmationToken }
    const foreign = await call('create-note', confirmed, ben.authorization)
    expect(foreign.data).toMatchObject({ state: 'CONFIRMATION_REQUIRED' })
    const own = await call('create-note', confirmed, anna.authorization)
    expect(own).toMatchObject({ isError: false, data: { ran: true } })
  })

  it('do not hold up or join the writes of each other', async () => {
    const unknown = { when: 'action run', exit: 1, stderr: 'socket hang up', times: 1 }
    const { bearer, call } = await startHttp({
      given: { connection: connectionId },
      plan: { ...plan, faults: [unknown] },
    })
    const anna = await bearer('anna')
    const ben = await bearer('ben')
    expect((await call('create-note', note, anna.authorization)).text).toMatch(/^outcome-unknown: /)
    expect(await call('create-note', note, ben.authorization)).toMatchObject({ isError: false })
    const again = await call('create-note', note, anna.authorization)
    expect(again.text).toMatch(/^outcome-unknown: The same write was sent/)
  })

  it('keep what they cache in folders of their own', async () => {
    const { bearer, call, stateDir } = await startHttp({ given: { sandbox: true, cli: undefined } })
    const anna = await bearer('anna')
    await call('list-customers', {}, anna.authorization)
    const before = new Map(await filesBelow(join(stateDir, 'principals')))
    expect(before.size).toBeGreaterThan(0)
    const ben = await bearer('ben')
    await call('search', { type: 'conversation', query: 'order' }, ben.authorization)
    await call('list-users', {}, ben.authorization)
    const after = new Map(await filesBelow(join(stateDir, 'principals')))
    for (const [file, text] of before) expect(after.get(file), file).toBe(text)
    const folders = await readdir(join(stateDir, 'principals'))
    expect(folders).toHaveLength(2)
  })

  it('are served when there are more of them than are kept', async () => {
    const fault = { when: 'action run', standard: true, delayMs: 50 }
    const { bearer, call, scripted } = await startHttp({
      given: { connection: connectionId },
      plan: { ...plan, faults: [fault] },
      limits: { identities: 1 },
    })
    const [anna, ben] = [await bearer('anna'), await bearer('ben')]
    const writing = call('create-note', note, anna.authorization)
    await until(() => scripted.running() === 1)
    // It takes the place of Anna's.
    const other = call('create-note', note, ben.authorization)
    expect([await writing, await other]).toMatchObject([{ isError: false }, { isError: false }])
    expect(await call('list-customers', {}, anna.authorization)).toMatchObject({ isError: false })
  })

  it('stand in the audit file by subject and token, on one chain', async () => {
    const auditFile = join(await temporaryFolder(), 'audit.jsonl')
    const { bearer, call, log } = await startHttp({ given: { connection: connectionId, auditFile }, plan })
    const anna = await bearer('anna')
    const ben = await bearer('ben')
    await Promise.all([
      call('create-note', note, anna.authorization),
      call('create-note', note, ben.authorization),
    ])
    const records = await jsonLines(auditFile)
    const asked = records.map(({ issuer, subject, token, outcome }) => [issuer, subject, token, outcome])
    for (const outcome of ['started', 'ok']) {
      expect(asked).toContainEqual(['token', 'anna', anna.id, outcome])
      expect(asked).toContainEqual(['token', 'ben', ben.id, outcome])
    }
    expect(await verifyAudit(auditFile)).toMatchObject({ records: 4, open: 0 })
    // The log names an identity by its digest.
    expect(log.text()).toMatch(/"principal":"[0-9a-f]{32}","tool":"create-note"/)
    expect(log.text()).not.toContain('anna')
  })
})

describe('what all principals share', () => {
  it('is one budget of requests', async () => {
    const { bearer, call } = await startHttp({
      given: { connection: connectionId, requestsPerMinute: 1 },
      plan,
    })
    const [anna, ben] = [await bearer('anna'), await bearer('ben')]
    expect(await call('list-customers', {}, anna.authorization)).toMatchObject({ isError: false })
    const refused = await call('list-customers', {}, ben.authorization)
    expect(refused).toMatchObject({ status: 200, isError: true })
    expect(refused.text).toMatch(/^rate-limited: /)
  })

  it('is one queue of processes', async () => {
    const { bearer, call, scripted } = await startHttp({
      given: { connection: connectionId, maxConcurrency: 2 },
      plan: { ...plan, faults: [{ when: 'action run', hang: true }] },
    })
    const [anna, ben] = [await bearer('anna'), await bearer('ben')]
    const writes = [anna, anna, ben, ben].map(({ authorization }, index) =>
      call('create-note', { ...note, body: `Note ${index}` }, authorization),
    )
    await until(() => scripted.running() === 2)
    await scripted.stop()
    for (const write of writes) expect(await write).toMatchObject({ isError: true })
    // What waited for its turn was not started.
    expect(scripted.calls.filter(({ argv }) => argv[1] === 'run')).toHaveLength(2)
  })
})
