import type { Argument, Command, Option } from 'commander'
import { type OptionName, optionOf, options } from '../../config/options.ts'

/** A word that completes what was typed; `:files` stands for the names of files. */
export type Candidate = { value: string; description: string } | ':files'

/** Read only where the name of a tool or a group is completed. */
export type ToolNames = () => Promise<readonly { name: string; title: string; group: string }[]>

/** Completes the last of the words typed after the name of the program, which may be empty. */
export async function candidates(
  program: Command,
  typed: readonly string[],
  toolNames: ToolNames,
): Promise<Candidate[]> {
  const { before, current, prefix } = split(typed)
  const { command, operands, pending } = walk(program, before)
  const found = await (pending !== undefined
    ? valuesOf(pending, current, toolNames)
    : current.startsWith('-')
      ? flagsOf(command)
      : operandsOf(command, operands, toolNames))
  return found.flatMap((candidate): Candidate[] => {
    if (candidate === ':files') return [candidate]
    return candidate.value.startsWith(current) ? [{ ...candidate, value: `${prefix}${candidate.value}` }] : []
  })
}

/** A flag and its value may be joined by `=`: in one word, or in three, as bash splits them. */
function split(typed: readonly string[]) {
  const words = [...typed]
  const last = words.pop() ?? ''
  if (last === '=' && words.at(-1)?.startsWith('--')) return { before: words, current: '', prefix: '' }
  if (words.at(-1) === '=' && words.at(-2)?.startsWith('--'))
    return { before: words.slice(0, -1), current: last, prefix: '' }
  const [, flag, value = ''] = /^(--[\w-]+)=(.*)$/s.exec(last) ?? []
  if (flag === undefined) return { before: words, current: last, prefix: '' }
  return { before: [...words, flag], current: value, prefix: `${flag}=` }
}

/** The command that the words lead to, how many operands it has, and the option whose value is still missing. */
function walk(program: Command, words: readonly string[]) {
  let command = program
  let operands = 0
  let pending: Option | undefined
  for (const word of words.filter((word) => word !== '=')) {
    if (pending !== undefined) pending = undefined
    else if (word.startsWith('--')) {
      const option = word.includes('=') ? undefined : findOption(command, word)
      pending = option !== undefined && (option.required || option.optional) ? option : undefined
    } else {
      const next = operands === 0 ? command.commands.find((child) => child.name() === word) : undefined
      if (next === undefined) operands++
      else command = next
    }
  }
  return { command, operands, pending }
}

const lineage = (command: Command): Command[] =>
  command.parent === null ? [command] : [command, ...lineage(command.parent)]

const findOption = (command: Command, flag: string) =>
  lineage(command)
    .flatMap((ancestor) => ancestor.options)
    .find((option) => option.long === flag)

function flagsOf(command: Command): Candidate[] {
  const visible = lineage(command).flatMap((ancestor) => ancestor.createHelp().visibleOptions(ancestor))
  const byFlag = new Map(visible.map(({ long, description }) => [long ?? '', description] as const))
  return [...byFlag].map(([value, description]) => ({ value, description }))
}

async function operandsOf(command: Command, position: number, toolNames: ToolNames): Promise<Candidate[]> {
  const commands = position > 0 ? [] : command.createHelp().visibleCommands(command)
  const argument = command.registeredArguments[position]
  return [
    ...commands.map((child) => ({ value: child.name(), description: child.description() })),
    ...(argument === undefined ? [] : await argumentValues(argument, toolNames)),
  ]
}

async function argumentValues(argument: Argument, toolNames: ToolNames): Promise<Candidate[]> {
  if (argument.argChoices) return argument.argChoices.map((value) => ({ value, description: '' }))
  if (argument.name() === 'file') return [':files']
  if (argument.name() !== 'tool') return []
  return (await toolNames()).map(({ name, title }) => ({ value: name, description: title }))
}

async function valuesOf(option: Option, current: string, toolNames: ToolNames): Promise<Candidate[]> {
  const name = option.attributeName()
  const row = Object.hasOwn(options, name) ? optionOf(name as OptionName) : undefined
  const choices = option.argChoices ?? row?.choices
  if (choices !== undefined) return choices.map((value) => ({ value, description: '' }))
  if (row?.kind === 'path') return [':files']
  const listed =
    row?.kind === 'list' ? await toolsAndGroups(toolNames) : name === 'client' ? await clients() : []
  // Of a list separated by commas the last name is completed.
  const done = current.slice(0, current.lastIndexOf(',') + 1)
  return listed.map(({ name, title }) => ({ value: `${done}${name}`, description: title }))
}

async function toolsAndGroups(toolNames: ToolNames) {
  const tools = await toolNames()
  const groups = [...new Set(tools.map(({ group }) => group))]
  return [...groups.map((name) => ({ name, title: 'a group of tools' })), ...tools]
}

async function clients() {
  const { clientNames, clientOf } = await import('../../clients/clients.ts')
  return clientNames.map((name) => ({ name, title: clientOf(name).title }))
}
