import { type HelpTexts, isDeprecated, lists } from './help-texts.ts'

/** One way to write a command, and what is known of it. */
export interface CommandForm {
  /** The member of `Capabilities` that says that it is used. */
  capability: string
  value: string | boolean
  /** What stands on the command line. */
  form: string
  /** The first version of the CLI that has it and the last one known to. */
  cli: readonly [first: string, last: string]
  /** The version of the vendor's SDK whose types describe the request behind it. */
  sdk: string
  basis: 'seen by users' | 'documented' | 'inferred'
  isListed(help: HelpTexts): boolean
  isDeprecated?(help: HelpTexts): boolean
}

/** The newest versions that any form is known of. */
export const newestKnown = { cli: '1.18.3', sdk: '0.29.2' }

const everything = (help: HelpTexts) => [help[''], help.action, help.connection].join('\n')
/** Where the help lists `run`: some versions list `action run` in the help of the program. */
const runHelp = (help: HelpTexts) => (/\baction run\b/.test(help['']) ? help[''] : help.action)
const listHelp = (help: HelpTexts) => help.action + help['action list']

/**
 * Every form that is chosen between. Those of one capability stand in the order of their age. Versions are those of the
 * vendor's documentation and of users' reports of February to October 2026; 1.9.0 as the first is inferred.
 */
export const commandForms: readonly CommandForm[] = [
  {
    capability: 'run',
    value: 'action run',
    form: 'action run <actionId> --connectionId=<id> --input=<json>',
    cli: ['1.9.0', '1.18.0'],
    sdk: '0.28.3',
    basis: 'seen by users',
    isListed: (help) => lists(runHelp(help), 'run'),
    isDeprecated: (help) => isDeprecated(runHelp(help), 'run'),
  },
  {
    capability: 'run',
    value: 'act',
    form: 'act --id=<actionId> --connectionId=<id> --input=<json>',
    cli: ['1.18.0', '1.18.3'],
    sdk: '0.28.3',
    basis: 'documented',
    isListed: (help) => lists(help[''], 'act'),
  },
  {
    capability: 'proxy',
    value: 'request',
    form: 'request <connectionId> <path> --method= --query= --header= --pathParam= --data=',
    cli: ['1.9.0', '1.18.0'],
    sdk: '0.28.3',
    basis: 'seen by users',
    isListed: (help) => lists(help[''], 'request'),
    isDeprecated: (help) => isDeprecated(help[''], 'request'),
  },
  {
    capability: 'proxy',
    value: 'act',
    form: 'act --api=<json> --connectionId=<id>',
    cli: ['1.18.0', '1.18.3'],
    sdk: '0.28.3',
    basis: 'documented',
    isListed: (help) => lists(help[''], 'act'),
  },
  {
    capability: 'act',
    value: true,
    form: 'act',
    cli: ['1.18.0', '1.18.3'],
    sdk: '0.28.3',
    basis: 'seen by users',
    isListed: (help) => lists(help[''], 'act'),
  },
  {
    capability: 'actionGet',
    value: true,
    form: 'action get <id>',
    cli: ['1.18.0', '1.18.3'],
    sdk: '0.28.3',
    basis: 'documented',
    isListed: (help) => lists(help.action, 'get') || /\baction get\b/.test(everything(help)),
  },
  {
    capability: 'actionLimit',
    value: true,
    form: 'action list --limit=<n>',
    cli: ['1.13.3', '1.18.3'],
    sdk: '0.28.3',
    basis: 'documented',
    isListed: (help) => listHelp(help).includes('--limit'),
  },
  {
    capability: 'actionCursor',
    value: true,
    form: 'action list --cursor=<cursor>',
    cli: ['1.18.0', '1.18.3'],
    sdk: '0.28.3',
    basis: 'inferred',
    isListed: (help) => listHelp(help).includes('--cursor'),
  },
  {
    capability: 'connectionEnsure',
    value: true,
    form: 'connection ensure <appUrl>',
    cli: ['1.13.3', '1.18.3'],
    sdk: '0.28.3',
    basis: 'documented',
    isListed: (help) => lists(help.connection, 'ensure') || /\bconnection ensure\b/.test(everything(help)),
  },
  {
    capability: 'connectionWait',
    value: true,
    form: 'connection get <id> --wait --timeout=<seconds>',
    cli: ['1.13.3', '1.18.3'],
    sdk: '0.28.3',
    basis: 'documented',
    isListed: (help) => help.connection.includes('--wait'),
  },
  {
    capability: 'connectionCursor',
    value: true,
    form: 'connection list --cursor=<cursor>',
    cli: ['1.18.0', '1.18.3'],
    sdk: '0.28.3',
    basis: 'documented',
    isListed: (help) => help.connection.includes('--cursor'),
  },
  {
    capability: 'loginTenant',
    value: true,
    form: 'login --tenant --non-interactive',
    cli: ['1.9.0', '1.13.3'],
    sdk: '0.28.3',
    basis: 'documented',
    isListed: (help) => help.login.includes('--tenant') || help.login.trim() === '',
  },
  {
    capability: 'loginStart',
    value: true,
    form: 'login start --non-interactive',
    cli: ['1.18.0', '1.18.3'],
    sdk: '0.29.2',
    basis: 'documented',
    isListed: (help) => /\blogin start\b|^\s*start\b/m.test(help.login),
  },
]

export const isNewerThanKnown = (version: string): boolean =>
  /^\d/.test(version) && version.localeCompare(newestKnown.cli, 'en', { numeric: true }) > 0
