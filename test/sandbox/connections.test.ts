import { expect, test } from 'vitest'
import { kustomerId, sandbox } from './support.ts'

const states = async (run: Awaited<ReturnType<typeof sandbox>>['run']) => {
  const { json } = await run(['connection', 'list', '--json'])
  return json.items
    .filter(({ key }: { key: string }) => key !== 'slack')
    .map(({ state }: { state: string }) => state)
}

test.each([
  ['ready', ['READY']],
  ['no-connection', []],
  ['two-connections', ['READY', 'READY']],
  ['needs-attention', ['CLIENT_ACTION_REQUIRED']],
  ['setup-failed', ['SETUP_FAILED']],
  ['configuration-error', ['CONFIGURATION_ERROR']],
])('a fresh folder that starts as %s', async (start, expected) => {
  const { run } = await sandbox({ MEMBRANE_SANDBOX_START: start })
  expect(await states(run)).toEqual(expected)
  expect(await states((argv) => run(argv, { MEMBRANE_SANDBOX_START: 'ready' }))).toEqual(expected)
})

test('from signed out to a ready connection', async () => {
  const { run, act } = await sandbox({ MEMBRANE_SANDBOX_START: 'signed-out' })
  for (const refused of [await run(['connection', 'list', '--json']), await act('list-users')]) {
    expect([refused.exitCode, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toMatch(/membrane login/)
  }
  expect((await run(['status'])).stdout).toMatch(/Not logged in/)
  const login = await run(['login', '--tenant', '--non-interactive'])
  expect([login.exitCode, login.stdout]).toEqual([0, expect.stringMatching(/https:\/\/\S+\.example\//)])
  expect(login.stdout).toMatch(/type any code of six characters or more, for example 123456/)
  for (const code of ['short', 'wrong-code'])
    expect(await run(['login', 'complete', code])).toMatchObject({ exitCode: 1, stdout: '' })
  expect(await run(['login', 'complete', '123456'])).toMatchObject({ exitCode: 0 })
  expect(await states(run)).toEqual([])
  const { json: found } = await run(['search', 'kustomer', '--elementType=connector', '--json'])
  const [{ element }] = found.items
  const asked = await run(['connect', `--connectorId=${element.id}`, '--non-interactive', '--json'])
  expect(asked.json).toMatchObject({ status: 'pending', url: expect.stringMatching(/^https:/) })
  expect((await run(['connection', 'list', '--json'])).json.items).toContainEqual(
    expect.objectContaining({
      id: kustomerId,
      state: 'CLIENT_ACTION_REQUIRED',
      connected: false,
      clientAction: expect.objectContaining({ type: 'connect', uiUrl: asked.json.url }),
    }),
  )
  expect(await states(run)).toEqual(['READY'])
  expect((await act('list-users')).exitCode).toBe(0)
})

test('ensure starts a failed connection anew', async () => {
  const { run } = await sandbox({ MEMBRANE_SANDBOX_START: 'setup-failed', MEMBRANE_SANDBOX_DIALECT: 'new' })
  const ensure = () => run(['connection', 'ensure', 'https://www.kustomer.com/', '--json'])
  expect((await ensure()).json).toMatchObject({ id: kustomerId, state: 'BUILDING', connected: false })
  expect((await ensure()).json).toMatchObject({ id: kustomerId, state: 'BUILDING' })
  const get = () => run(['connection', 'get', 'kustomer', '--wait', '--timeout=5', '--json'])
  expect((await get()).json).toMatchObject({ state: 'CLIENT_ACTION_REQUIRED' })
  expect((await get()).json).toMatchObject({ state: 'READY', connected: true })
  expect((await ensure()).json).toMatchObject({ state: 'READY' })
  expect((await run(['connection', 'patch', kustomerId, '--data={"name":"Main"}', '--json'])).json.name).toBe(
    'Main',
  )
  for (const url of ['kustomer', 'https://slack.com/'])
    expect((await run(['connection', 'ensure', url, '--json'])).json).toMatchObject({ type: 'bad_request' })
})

test('refuses calls until a connection is connected again', async () => {
  const { run, act, request } = await sandbox({ MEMBRANE_SANDBOX_START: 'needs-attention' })
  const cause = { type: 'connection', key: 'connection_is_defunct' }
  expect((await act('list-users')).json).toMatchObject({ type: 'action_run', causedByError: cause })
  expect((await request('/v1/teams')).json).toMatchObject(cause)
  expect(await states(run)).toEqual(['CLIENT_ACTION_REQUIRED'])
  await run(['connect', `--connectionId=${kustomerId}`, '--non-interactive', '--json'])
  expect(await states(run)).toEqual(['CLIENT_ACTION_REQUIRED'])
  expect(await states(run)).toEqual(['READY'])
})

test('an unknown connection is not found', async () => {
  const { run } = await sandbox()
  const { json, exitCode, stderr } = await run(['connection', 'get', '000000000000000000000000', '--json'])
  expect([exitCode, json]).toEqual([
    1,
    { type: 'bad_request', key: 'not_found', message: expect.any(String) },
  ])
  expect(stderr).toMatch(/Connection with id '0{24}' not found/)
})
