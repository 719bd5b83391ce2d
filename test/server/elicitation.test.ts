import { describe, expect, test } from 'vitest'
import { type Harness, type Json, type Plan, setup, temporaryFolder } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'
import { atItsTime, stopClock } from '../support/time.ts'

const second = { ...connection, id: '66b0c0ffee0000000000a002', name: 'Kustomer EU' }
const broken = { ...connection, id: '66b0c0ffee0000000000a009', name: 'Kustomer old', state: 'SETUP_FAILED' }
const plan: Plan = { connections: [connection, second, broken], actions: liveActions }
const link = 'https://app.getmembrane.com/login?session=abc'

const ran = async ({ calls }: Harness) =>
  calls()
    .map(({ argv }) => argv.join(' '))
    .filter((line) => line.startsWith('action run'))

describe('several usable connections', () => {
  test('the picked one is used, also after a restart', async () => {
    const asked: Json[] = []
    const stateDir = await temporaryFolder()
    const harness = await setup({
      plan,
      stateDir,
      elicit: (_, params) => {
        asked.push(params)
        return { action: 'accept', content: { choice: second.id } }
      },
    })
    const answers = await Promise.all([harness.call('list-notes'), harness.call('list-users')])
    expect(answers.map(({ isError }) => isError)).toEqual([false, false])
    expect(asked).toHaveLength(1)
    expect(asked[0].requestedSchema.properties.choice).toEqual({
      type: 'string',
      enum: [connection.id, second.id],
      enumNames: [`Kustomer (${connection.id})`, `Kustomer EU (${second.id})`],
    })
    const later = await setup({ plan, stateDir })
    expect((await later.call('list-notes')).isError).toBe(false)
    for (const line of [...(await ran(harness)), ...(await ran(later))]) expect(line).toContain(second.id)
  })

  test.each<[string, Json]>([
    ['the person declines', { action: 'decline' }],
    ['the person picks what was not offered', { action: 'accept', content: { choice: broken.id } }],
    ['the host answers with nonsense', { action: 'maybe' }],
  ])('%s: the call fails, and nobody is asked again', async (_, answer) => {
    let asked = 0
    const { call } = await setup({
      plan,
      elicit: () => {
        asked++
        return answer
      },
    })
    for (const name of ['list-notes', 'list-users']) {
      const { isError, text } = await call(name)
      expect([isError, text]).toEqual([true, expect.stringMatching(/^ambiguous-connection: /)])
    }
    expect(asked).toBe(1)
  })

  test.each([
    ['the deadline of the call', '8000', 8000],
    ['thirty seconds', '60000', 30_000],
  ])('a client that never answers costs %s', async (_, timeoutMs, afterMs) => {
    const args = ['--timeout-ms', timeoutMs]
    const harness = await setup({ plan, args, elicit: () => new Promise(() => undefined) })
    stopClock()
    const start = Date.now()
    const { isError, text } = await atItsTime(harness.call('list-notes'))
    expect([isError, text]).toEqual([true, expect.stringMatching(/^ambiguous-connection: /)])
    expect(Date.now() - start).toBe(afterMs)
  })
})

describe('nobody signed in', () => {
  const faults = [
    { when: 'login', stdout: `Open this link to sign in:\n  ${link}\n` },
    { when: 'connection list', stderr: 'You are not logged in. Run `membrane login`.\n', exit: 1 },
  ]

  test('a client that opens links gets the sign-in once', async () => {
    const asked: Json[] = []
    const { call } = await setup({
      plan: { faults },
      opensLinks: true,
      elicit: (_, params) => {
        asked.push(params)
        return { action: 'accept' }
      },
    })
    for (const name of ['list-notes', 'list-users']) {
      const { isError, text } = await call(name)
      expect([isError, text]).toEqual([true, expect.stringMatching(/^signed-out: .*agreed to open it/)])
    }
    expect(asked).toMatchObject([{ mode: 'url', url: link }])
    const { structured } = await call('connect-kustomer')
    expect(structured.data).toMatchObject({ state: 'SIGN_IN', url: link })
    expect(structured.notices?.join()).toContain('agreed to open it')
    expect(asked).toHaveLength(2)
  })

  test.each([false, true])(
    'a refused sign-in names connect-kustomer, opening links: %s',
    async (opensLinks) => {
      const harness = await setup({ plan: { faults }, opensLinks, elicit: () => ({ action: 'decline' }) })
      const { isError, text } = await harness.call('list-notes')
      expect([isError, text]).toEqual([true, expect.stringMatching(/^signed-out: .*Call connect-kustomer/)])
      expect(text).not.toContain('agreed')
      const logins = harness.calls().filter(({ argv }) => argv[0] === 'login' && argv.at(-1) !== '--help')
      expect(logins).toHaveLength(opensLinks ? 1 : 0)
      expect((await harness.call('connect-kustomer')).structured.data).toMatchObject({ url: link })
    },
  )
})
