import * as z from 'zod'
import { type CommandForm, commandForms, isNewerThanKnown } from './command-forms.ts'
import { type HelpTexts, lists } from './help-texts.ts'

export const capabilitiesSchema = z.object({
  version: z.string(),
  act: z.boolean(),
  /** The verb that runs an action; the CLI's vendor is moving from the first to the second. */
  run: z.enum(['action run', 'act']),
  proxy: z.enum(['request', 'act']),
  actionGet: z.boolean(),
  actionLimit: z.boolean(),
  actionCursor: z.boolean(),
  connectionEnsure: z.boolean(),
  connectionWait: z.boolean(),
  connectionCursor: z.boolean(),
  loginStart: z.boolean(),
  loginTenant: z.boolean(),
})
export type Capabilities = z.infer<typeof capabilitiesSchema>

/** Undefined for other programs called `membrane`: none has both a `connection` and an `action` command. */
export function readCapabilities(versionText: string, help: HelpTexts): Capabilities | undefined {
  if (!lists(help[''], 'connection') || !lists(help[''], 'action')) return undefined
  const version = /\d+\.\d+\.\d+/.exec(versionText)?.[0] ?? 'unknown'
  const names = Object.keys(capabilitiesSchema.shape).filter((name) => name !== 'version')
  const chosen = names.map((name) => [name, choose(name, version, help)])
  return capabilitiesSchema.parse({ version, ...Object.fromEntries(chosen) })
}

/**
 * The oldest form that the help lists and does not call deprecated; of a version that is newer than all known ones, the
 * newest. A flag that is not listed is not used.
 */
function choose(capability: string, version: string, help: HelpTexts): CommandForm['value'] {
  const byAge = commandForms.filter((form) => form.capability === capability)
  const forms = isNewerThanKnown(version) ? byAge.toReversed() : byAge
  const listed = forms.filter((form) => form.isListed(help))
  const current = listed.find((form) => form.isDeprecated?.(help) !== true) ?? listed.at(-1)
  return (current ?? (forms.length > 1 ? forms[0] : undefined))?.value ?? false
}

/** The forms that a CLI is called in. */
export const formsOf = (capabilities: Capabilities): CommandForm[] =>
  commandForms.filter((form) =>
    Object.entries(capabilities).some(([name, value]) => name === form.capability && value === form.value),
  )
