import type { Capabilities } from '../../src/membrane/capabilities.ts'

const common = {
  actionGet: true,
  actionLimit: true,
  actionCursor: true,
  connectionEnsure: true,
  connectionWait: true,
  connectionCursor: true,
}
export const old: Capabilities = {
  ...common,
  version: '1.13.3',
  run: 'action run',
  proxy: 'request',
  act: false,
  loginStart: false,
  loginTenant: true,
}
export const current: Capabilities = {
  ...common,
  version: '1.18.3',
  run: 'act',
  proxy: 'act',
  act: true,
  loginStart: true,
  loginTenant: false,
}
export const dialects: [string, Capabilities][] = [
  ['old', old],
  ['new', current],
]
