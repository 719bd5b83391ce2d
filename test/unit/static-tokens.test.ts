import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { createStaticTokens } from '../../src/auth/static-tokens.ts'
import { createToken, listTokens, revokeToken } from '../../src/cli/manage-tokens.ts'
import { UsageError } from '../../src/errors.ts'
import { temporaryFolder } from '../support/app.ts'

const dayMs = 86_400_000
let folder: string
beforeEach(async () => {
  folder = join(await temporaryFolder(), 'state')
})

const reader = { subject: 'anna', scopes: ['kustomer:read'] } as const

describe('a token', () => {
  it('stands for its principal', async () => {
    const { id, token } = await createStaticTokens(folder).create({ ...reader, connection: 'con1' })
    expect(token).toMatch(new RegExp(`^kmcp_${id}_[\\w-]{43}$`))
    expect(await createStaticTokens(folder).verify(token)).toEqual({
      issuer: 'token',
      subject: 'anna',
      scopes: new Set(['kustomer:read']),
      connection: 'con1',
      tokenId: id,
    })
  })

  it('is stored as a digest in a file of 0600', async () => {
    const { token } = await createStaticTokens(folder).create(reader)
    const file = join(folder, 'tokens.json')
    expect(await readFile(file, 'utf8')).not.toContain(token.slice(-43))
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('is revoked for a store that read it before', async () => {
    const server = createStaticTokens(folder)
    const { id, token } = await server.create(reader)
    expect(await server.verify(token)).toMatchObject({ subject: 'anna' })
    expect(await createStaticTokens(folder).revoke(id)).toBe(true)
    expect(await server.verify(token)).toBe('revoked')
  })

  it('expires at its time', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const tokens = createStaticTokens(folder, () => now)
    const { token } = await tokens.create({ ...reader, expiresInDays: 2 })
    now += 2 * dayMs - 1
    expect(await tokens.verify(token)).toMatchObject({ subject: 'anna' })
    now += 1
    expect(await tokens.verify(token)).toBe('expired')
  })

  it.each([
    ['of another form', () => 'eyJhbGciOiJub25lIn0.e30.', 'malformed'],
    ['with another secret', (token: string) => `${token.slice(0, -43)}${'A'.repeat(43)}`, 'unknown'],
    ['with another id', (token: string) => `kmcp_000000000000${token.slice(17)}`, 'unknown'],
    ['with more behind it', (token: string) => `${token}A`, 'malformed'],
  ])('%s is refused', async (_, change, refusal) => {
    const tokens = createStaticTokens(folder)
    const { token } = await tokens.create(reader)
    expect(await tokens.verify(change(token))).toBe(refusal)
  })

  it('is not lost when several are made at once', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => createStaticTokens(folder).create(reader)))
    const listed = await createStaticTokens(folder).list()
    expect(listed.map(({ id }) => id).toSorted()).toEqual(made.map(({ id }) => id).toSorted())
  })

  it('is refused when the file cannot be read', async () => {
    const tokens = createStaticTokens(folder)
    const { token } = await tokens.create(reader)
    await writeFile(join(folder, 'tokens.json'), '{"tokens":[{}]}')
    await expect(tokens.verify(token)).rejects.toThrow('is not a token file')
  })
})

describe('the command tokens', () => {
  const printed: string[] = []
  const runtime = {
    version: '0',
    env: {},
    bundleDir: '/',
    print: (text: string) => void printed.push(text),
  }
  beforeEach(() => {
    printed.length = 0
  })
  const input = { subject: 'anna@example.com', scope: 'kustomer:read,kustomer:write', json: true }

  it('makes, lists and revokes a token', async () => {
    await createToken(folder, runtime, { ...input, connection: 'con1', expires: 30 })
    const made = JSON.parse(printed.pop() ?? '')
    expect(made).toMatchObject({
      subject: 'anna@example.com',
      scopes: ['kustomer:read', 'kustomer:write'],
      connection: 'con1',
    })
    expect(await createStaticTokens(folder).verify(made.token)).toMatchObject({ tokenId: made.id })
    await revokeToken(folder, runtime, made.id)
    await listTokens(folder, runtime, true)
    const list = printed.pop() ?? ''
    expect(JSON.parse(list)).toMatchObject([{ id: made.id, state: 'revoked', subject: 'anna@example.com' }])
    expect(list).not.toContain(made.token.slice(-43))
  })

  it.each([
    [{ scope: 'kustomer:wirte' }, 'did you mean kustomer:write?'],
    [{ scope: ' ' }, 'none is given'],
    [{ subject: 'a b' }, '--subject'],
  ])('refuses %j', async (wrong, says) => {
    const making = createToken(folder, runtime, { ...input, ...wrong })
    await expect(making).rejects.toThrow(UsageError)
    await expect(making).rejects.toThrow(says)
  })

  it('says which id is not there', async () => {
    await expect(revokeToken(folder, runtime, '000')).rejects.toThrow('no token with the id "000"')
  })
})
