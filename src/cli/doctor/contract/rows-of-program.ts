import { formsOf } from '../../../membrane/capabilities.ts'
import { isNewerThanKnown, newestKnown } from '../../../membrane/command-forms.ts'
import { connectorSchema } from '../../../membrane/documents.ts'
import { helpTopics, lists } from '../../../membrane/help-texts.ts'
import { itemsOf, textOf } from './known.ts'
import { helpId } from './probes.ts'
import { formOf, read } from './reading.ts'
import {
  asAssumed,
  endOf,
  failureOf,
  notSeen,
  onAnswer,
  onDocument,
  type Row,
  row,
  understood,
  wouldFail,
} from './row.ts'

const versionIn = (text: string) => /\d+\.\d+\.\d+/.exec(text)?.[0]

/** The program and its commands: §§1, 5.3 and 5.4 of what is known of the CLI. */
export const rowsOfProgram: readonly Row[] = [
  row(
    'version',
    '`--version` prints a version such as 1.18.3',
    onAnswer('version', (answer) => {
      const version = versionIn(textOf(answer))
      if (version === undefined) return understood(`no version, ${endOf(answer.result)}; help decides`)
      return asAssumed(version)
    }),
  ),
  row(
    'version-known',
    `the version is ${newestKnown.cli} or older`,
    onAnswer('version', (answer) => {
      const version = versionIn(textOf(answer))
      if (version === undefined) return notSeen('no version')
      return isNewerThanKnown(version)
        ? understood(`${version} is newer: the newest known commands that its help lists are used`)
        : asAssumed(version)
    }),
  ),
  row(
    'commands',
    '`--help` lists `connection` and `action`',
    onAnswer('help', (answer, { known }) => {
      if (known.capabilities !== undefined) return asAssumed('both')
      return wouldFail(`not both, ${endOf(answer.result)}: it is not taken for the Membrane CLI`)
    }),
  ),
  row('help-stream', 'help goes to stdout with exit code 0', ({ answers }) => {
    const helps = [...answers].filter(([id]) => id === 'version' || id.startsWith('help'))
    const other = helps.filter(([, { result }]) => result.stdout.trim() === '' || result.exitCode !== 0)
    if (other.length === 0) return asAssumed(`all ${helps.length}`)
    return understood(`not ${other.map(([id]) => id).join(', ')}; both streams and any exit code are read`)
  }),
  row('help-topics', 'each command with others below it has help of its own', ({ answers }) => {
    const whole = textOf(answers.get('help'))
    const topics = helpTopics.filter((topic) => topic !== '')
    const without = topics.filter((topic) => {
      const text = textOf(answers.get(helpId(topic)))
      return text.trim() === '' || text === whole
    })
    if (without.length === 0) return asAssumed(topics.join(', '))
    return understood(`none of its own for ${without.join(', ')}; flags that are not listed are not used`)
  }),
  row(
    'connection-commands',
    '`connection --help` lists `list` and `get`',
    onAnswer('help-connection', (answer) => {
      const missing = ['list', 'get'].filter((command) => !lists(textOf(answer), command))
      return missing.length === 0
        ? asAssumed('both')
        : understood(`not ${missing.join(', ')}; both are used all the same`)
    }),
  ),
  row('run-command', 'help lists `action run`, or `act`', ({ known: { capabilities }, answers }) => {
    if (capabilities === undefined) return notSeen('not the Membrane CLI')
    const form = formsOf(capabilities).find(({ capability }) => capability === 'run')
    const text = [textOf(answers.get('help')), textOf(answers.get('help-action'))].join('\n')
    const isListed = lists(text, 'run') || /\baction run\b/.test(text) || capabilities.act
    return isListed ? asAssumed(`${form?.form}`) : understood(`neither; \`${capabilities.run}\` is tried`)
  }),
  row('request-command', 'help lists `request`, or `act`', ({ known: { capabilities }, answers }) => {
    if (capabilities === undefined) return notSeen('not the Membrane CLI')
    const form = formsOf(capabilities).find(({ capability }) => capability === 'proxy')
    const isListed = lists(textOf(answers.get('help')), 'request') || capabilities.act
    return isListed ? asAssumed(`${form?.form}`) : understood(`neither; \`${capabilities.proxy}\` is tried`)
  }),
  row(
    'flag-names',
    'flags are written like `--connectionId`',
    onAnswer('help-action-list', (answer, { answers }) => {
      const text = textOf(answer)
      if (/--connectionId\b/.test(text)) return asAssumed('--connectionId')
      if (!/--connection-id\b/.test(text)) return understood('help does not say; they are used as assumed')
      return itemsOf(answers.get('actions')).length > 0
        ? understood('help says --connection-id; the other is taken too')
        : wouldFail('help says --connection-id, and the other is not taken')
    }),
  ),
  row(
    'login',
    '`login --help` lists `--tenant`, or `start`',
    onAnswer('help-login', (answer) => {
      const listed = ['--tenant', 'start'].filter((word) => textOf(answer).includes(word))
      return listed.length > 0
        ? asAssumed(listed.join(' and '))
        : understood('neither; `login --non-interactive` is used')
    }),
  ),
  row(
    'connect',
    '`connect --help` lists `--connectorId` and `--connectionId`',
    onAnswer('help-connect', (answer) => {
      const missing = ['--connectorId', '--connectionId'].filter((flag) => !textOf(answer).includes(flag))
      return missing.length === 0
        ? asAssumed('both')
        : understood(`not ${missing.join(', ')}; they are used all the same`)
    }),
  ),
  row('first-connection', 'help lists `connection ensure`, or `search` and `connect`', ({ known }) => {
    if (known.capabilities === undefined) return notSeen('not the Membrane CLI')
    if (known.capabilities.connectionEnsure) return asAssumed('connection ensure')
    return ['search', 'connect'].every((command) => lists(known.help, command))
      ? asAssumed('search and connect')
      : understood('neither; `search` and `connect` are tried')
  }),
  row(
    'status',
    '`status` says that somebody is signed in, with exit code 0',
    onAnswer('status', (answer) =>
      answer.result.exitCode === 0 &&
      /logged in/i.test(textOf(answer)) &&
      !/not logged in/i.test(textOf(answer))
        ? asAssumed('it does')
        : understood(`it does not, ${endOf(answer.result)}; it is not used`),
    ),
  ),
  row(
    'search',
    '`search kustomer --elementType=connector` finds the connector',
    onDocument(
      'search',
      (_, { answers }) => {
        const items = itemsOf(answers.get('search')).filter((item) => connectorSchema.safeParse(item).success)
        return items.length > 0
          ? asAssumed(`${items.length} found, each an \`element\` with its id`)
          : wouldFail('none found: `connect-kustomer` cannot make the first connection')
      },
      (failure) => wouldFail(`${failure}: \`connect-kustomer\` cannot make the first connection`),
    ),
  ),
  row(
    'unknown-command',
    'an unknown command is refused with a sentence that says so',
    onAnswer('unknown-command', (answer) => {
      const { error } = read(answer, formOf(answer.argv))
      if (error?.reason === 'cli-unsupported') return asAssumed(`refused, ${endOf(answer.result)}`)
      return understood(
        `${error === undefined ? 'taken' : failureOf(error, answer)}: no other command takes the place of one that is refused`,
      )
    }),
  ),
  row(
    'unknown-flag',
    'an unknown flag is refused with a sentence that says so, or ignored',
    onAnswer('unknown-flag', (answer) => {
      const { error } = read(answer, 'list')
      if (error === undefined) return asAssumed(`ignored, ${endOf(answer.result)}`)
      if (error.reason === 'cli-unsupported') return asAssumed(`refused, ${endOf(answer.result)}`)
      return understood(`${failureOf(error, answer)}; only flags that help lists are used`)
    }),
  ),
]
