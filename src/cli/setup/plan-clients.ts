import { createTwoFilesPatch } from 'diff'
import { type ClientName, clientOf, type Scope } from '../../clients/clients.ts'
import { applyChange, type FileChange, planEntry, planRemoval } from '../../clients/config-file.ts'
import { ConfigFileError } from '../../clients/config-file-error.ts'
import type { LaunchCommand } from '../../clients/launch.ts'
import { configFileOf, exists, isInstalled, type System } from '../../clients/paths.ts'
import type { OptionName } from '../../config/options.ts'
import { redact } from '../../text/redact.ts'

/** A host with its file for one scope. */
export interface ClientTarget {
  name: ClientName
  title: string
  file: string
  installed: boolean
}

/** What is planned for a client: a change, or why there can be none. */
export type Plan = ClientTarget & ({ change: FileChange } | { problem: string })

/** Takes names, a scope and the machine, and returns the clients; those without a file for that scope are left out. */
export async function findClients(
  names: readonly ClientName[],
  scope: Scope,
  machine: System,
): Promise<ClientTarget[]> {
  const clients = names.map(async (name) => {
    const host = clientOf(name)
    const file = await configFileOf(host, scope, machine)
    if (file === undefined) return []
    const installed = scope === 'user' ? await isInstalled(file, machine) : await exists(file)
    return [{ name, title: host.title, file, installed }]
  })
  return (await Promise.all(clients)).flat()
}

/**
 * Plans the entry for each client, or its removal when no launch is given. Of the options of an entry that is there, those
 * in `renewed` are not kept. Changes nothing.
 */
export function planFor(
  clients: readonly ClientTarget[],
  launch: LaunchCommand | undefined,
  renewed: readonly OptionName[] = [],
): Promise<Plan[]> {
  return Promise.all(
    clients.map(async (client) => {
      const host = clientOf(client.name)
      try {
        const change =
          launch === undefined
            ? await planRemoval(client.file, host)
            : await planEntry(client.file, host, launch, renewed)
        return { ...client, change }
      } catch (error) {
        if (error instanceof ConfigFileError) return { ...client, problem: error.message }
        throw error
      }
    }),
  )
}

/** Makes a planned change and returns what to tell the person. Throws UnfitFile. */
export async function writeChange({ title, file }: ClientTarget, change: FileChange): Promise<string> {
  const backup = await applyChange(change)
  const what = change.after === undefined ? `removed ${file}` : `wrote ${file}`
  return `${title}: ${what}${backup === undefined ? '' : `, the file as it was is ${backup}`}`
}

const widest = 160

/**
 * Takes a change and returns it as a diff without the lines around it. Of a long line only the piece that differs is
 * shown: a file on one line may hold the keys of other servers.
 */
export function diffOf({ file, before, after }: FileChange): string {
  const [from, to] = [before === undefined ? '/dev/null' : file, after === undefined ? '/dev/null' : file]
  const [old, now] = [before ?? '', after ?? '']
  const patch = createTwoFilesPatch(from, to, old, now, undefined, undefined, { context: 0 })
  const lines = patch.split('\n').filter((line) => !/^(=+$|Index: )/.test(line))
  const isOnOneLine = old !== '' && now !== '' && !old.trim().includes('\n')
  if (!isOnOneLine && lines.every((line) => line.length <= widest))
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
