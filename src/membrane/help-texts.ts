export const helpTopics = ['', 'connection', 'action', 'action list', 'login'] as const
export type HelpTexts = Readonly<Record<(typeof helpTopics)[number], string>>

/** The line of help text that lists a command: the command comes first, behind the program's name at the most. */
const lineOf = (help: string, command: string) =>
  help
    .split('\n')
    .find((line) =>
      new RegExp(`^[^\\w-]*(?:membrane +)?(?:(?:connection|action|login) +)?${command}(?![\\w-])`).test(line),
    )

export const lists = (help: string, command: string): boolean => lineOf(help, command) !== undefined

export const isDeprecated = (help: string, command: string): boolean =>
  /deprecated/i.test(lineOf(help, command) ?? '')
