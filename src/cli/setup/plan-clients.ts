import { createTwoFilesPatch } from 'diff'
import { type ClientName, clientOf, type Scope } from '../../clients/clients.ts'
import {
  applyChange,
  type EntryChoices,
  type FileChange,
  planEntry,
  planRemoval,
} from '../../clients/config-file.ts'
import { ConfigFileError } from '../../clients/config-file-error.ts'
import { entryIn } from '../../clients/document.ts'
import type { LaunchCommand } from '../../clients/launch.ts'
import { configFileOf, exists, isInstalled, type System } from '../../clients/paths.ts'
import { isObject } from '../../json.ts'
import { redact } from '../../text/redact.ts'
import { tryEntry } from '../try-entry.ts'

/** A client with its file for one scope. */
export interface ClientTarget {
  name: ClientName
  title: string
  file: string
  installed: boolean
}

/** What is planned for a client: a change, or why there can be none. */
export type Plan = ClientTarget & ({ change: FileChange } | { problem: string })

/** The clients of these names that have a file for the scope. */
export async function findClients(
  names: readonly ClientName[],
  scope: Scope,
  system: System,
): Promise<ClientTarget[]> {
  const clients = names.map(async (name) => {
    const client = clientOf(name)
    const file = await configFileOf(client, scope, system)
    if (file === undefined) return []
    const installed = scope === 'user' ? await isInstalled(file, system) : await exists(file)
    return [{ name, title: client.title, file, installed }]
  })
  return (await Promise.all(clients)).flat()
}

/** Plans an entry, or the removal of one where `launch` is undefined. Changes nothing. */
export async function planFor(
  target: ClientTarget,
  launch: LaunchCommand | undefined,
  choices: EntryChoices = {},
): Promise<Plan> {
  const client = clientOf(target.name)
  try {
    const change =
      launch === undefined
        ? await planRemoval(target.file, client)
        : await planEntry(target.file, client, launch, choices)
    return { ...target, change }
  } catch (error) {
    if (error instanceof ConfigFileError) return { ...target, problem: error.message }
    throw error
  }
}

/** Starts the planned entry as its client will; a plan whose entry does not start becomes a problem. */
export async function provenPlan(plan: Plan, system: System): Promise<Plan> {
  if ('problem' in plan || plan.change.after === undefined || isUnchanged(plan.change)) return plan
  const entry = entryIn(plan.change.after, clientOf(plan.name))
  const problem = isObject(entry) ? await tryEntry(entry, system) : 'it has no entry'
  if (problem === undefined) return plan
  const { name, title, file, installed } = plan
  return { name, title, file, installed, problem: `the new entry would not start: ${problem}` }
}

export const isUnchanged = ({ before, after }: FileChange): boolean => before === after

/** Makes a planned change and returns what to tell the user. Throws ConfigFileError. */
export async function writeChange({ title, file }: ClientTarget, change: FileChange): Promise<string> {
  const backup = await applyChange(change)
  const what = change.after === undefined ? `removed ${file}` : `wrote ${file}`
  return `${title}: ${what}${backup === undefined ? '' : `, and kept the old file as ${backup}`}`
}

const maxLineLength = 160

/**
 * A change as a diff without context. Of a long line only the piece that differs is shown: a file on one line may hold
 * the keys of other servers.
 */
export function diffOf({ file, before, after }: FileChange): string {
  const [from, to] = [before === undefined ? '/dev/null' : file, after === undefined ? '/dev/null' : file]
  const [old, now] = [before ?? '', after ?? '']
  const patch = createTwoFilesPatch(from, to, old, now, undefined, undefined, { context: 0 })
  const lines = patch.split('\n').filter((line) => !/^(=+$|Index: )/.test(line))
  const isOnOneLine = old !== '' && now !== '' && !old.trim().includes('\n')
  if (!isOnOneLine && lines.every((line) => line.length <= maxLineLength))
    return lines.map(redact).join('\n').trimEnd()
  const { start, end } = differenceOf(old, now)
  const pieces = [
    ...(old.length > start + end ? [`-…${old.slice(start, old.length - end)}…`] : []),
    ...(now.length > start + end ? [`+…${now.slice(start, now.length - end)}…`] : []),
  ]
  return [...lines.filter((line) => /^(---|\+\+\+|@@) /.test(line)), ...pieces.map(redact)].join('\n')
}

/** How many characters two texts have in common at their start and, beyond that, at their end. */
function differenceOf(a: string, b: string): { start: number; end: number } {
  const most = Math.min(a.length, b.length)
  let start = 0
  while (start < most && a[start] === b[start]) start++
  let end = 0
  while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return { start, end }
}
