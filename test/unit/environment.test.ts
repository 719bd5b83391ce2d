import { delimiter, dirname } from 'node:path'
import { expect, it } from 'vitest'
import { childEnvironment } from '../../src/membrane/environment.ts'

const own = { NO_COLOR: '1', CI: '1', TERM: 'dumb' }
const ownFolders = ['/opt/cli', dirname(process.execPath)]

it('passes on what a program needs to find its home, its language and its way out', () => {
  const env = {
    HOME: '/h',
    LANG: 'de_DE.UTF-8',
    LC_ALL: 'C',
    TZ: 'UTC',
    TMPDIR: '/t',
    XDG_CONFIG_HOME: '/x',
    HTTPS_PROXY: 'http://proxy',
    https_proxy: 'http://proxy',
    no_proxy: '*',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    SSL_CERT_FILE: '/ca.pem',
    SystemRoot: 'C:\\Windows',
    APPDATA: 'C:\\A',
    MEMBRANE_WORKSPACE_KEY: 'k',
    MEMBRANE_API_URI: 'https://api.example',
  }
  expect(childEnvironment(env, '/opt/cli/membrane')).toEqual({
    ...env,
    ...own,
    PATH: ownFolders.join(delimiter),
  })
})

it.each([
  'AWS_SECRET_ACCESS_KEY',
  'KUSTOMER_API_KEY',
  'KUSTOMER_MCP_CLI',
  'NODE_OPTIONS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'LD_PRELOAD',
  'DYLD_INSERT_LIBRARIES',
  'BASH_ENV',
  'GITHUB_TOKEN',
  'XPATH',
  'PATH_EXTRA',
  'MY_HOME',
  'NOT_MEMBRANE_X',
  'MEMBRANE_',
  'PATH\nX',
])('keeps %j to itself', (name) => {
  expect(childEnvironment({ [name]: 'x' }, '/opt/cli/membrane')).not.toHaveProperty([name])
})

it('adds the folders of the CLI and of our node behind PATH, whatever its case', () => {
  expect(childEnvironment({ Path: '/a' }, '/opt/cli/membrane')['Path']).toBe(
    ['/a', ...ownFolders].join(delimiter),
  )
  expect(childEnvironment({ PATH: '' }, '/opt/cli/membrane')['PATH']).toBe(ownFolders.join(delimiter))
})

it('overrides what would colour or prompt, and leaves out what is unset', () => {
  const env = childEnvironment(
    { TERM: 'xterm', CI: 'false', FORCE_COLOR: '3', HOME: undefined },
    '/opt/cli/membrane',
  )
  expect(env).toEqual({ ...own, PATH: ownFolders.join(delimiter) })
})
