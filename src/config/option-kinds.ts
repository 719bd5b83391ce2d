import * as z from 'zod'
import { homeFolder } from '../store/folders.ts'

/** Forms of other programs that ask for options: the MCP registry's, and that of the bundle for Claude Desktop. */
type Form = 'registry' | 'mcpb'

export interface Option<T> {
  kind: 'path' | 'list' | 'choice' | 'number' | 'switch' | 'text'
  /** Placeholder of the flag's value in the help; a switch has none. */
  value?: string
  /** Every accepted value of a choice. */
  choices?: readonly (T & string)[]
  /** Whether a path names something that has to be there. */
  mustExist?: true
  /** What is accepted, for the help and for the sentence about a wrong value. */
  accepts: string
  /** A function, so that only the schemas of given options are built. */
  schema: () => z.ZodType<T>
  default: NoInfer<T> | (() => Promise<NoInfer<T>>)
  help: string
  /** Its name in a form; the words of its flag when absent. */
  title?: string
  forms?: readonly Form[]
}

/** What a row of the table says beside its kind. */
type Row<T> = Pick<Option<T>, 'default' | 'help'> & Partial<Pick<Option<T>, 'value' | 'title' | 'forms'>>

export const toggle = (row: Omit<Row<boolean>, 'default'>): Option<boolean> => ({
  kind: 'switch',
  accepts: 'true or false',
  schema: () => z.union([z.boolean(), z.stringbool()]),
  default: false,
  ...row,
})

export const choice = <const T extends string>(
  choices: readonly [T, ...T[]],
  row: Row<T>,
): Option<T> & { value: string; choices: readonly T[] } => ({
  kind: 'choice',
  value: `<${choices.join('|')}>`,
  choices,
  accepts: choices.join(', ').replace(/, ([^,]+)$/, ' or $1'),
  schema: () => z.enum(choices),
  ...row,
})

export const wholeNumber = (
  minimum: number,
  maximum: number,
  row: Row<number>,
): Option<number> & { value: string } => ({
  kind: 'number',
  value: '<n>',
  accepts: `a whole number from ${minimum} to ${maximum}`,
  schema: () =>
    z
      .union([z.number(), z.string().trim().regex(/^\d+$/).transform(Number)])
      .pipe(z.number().int().min(minimum).max(maximum)),
  ...row,
})

/** Hosts pass a `~` on as it stands, so it is expanded here. */
const pathSchema = () =>
  z
    .string()
    .trim()
    .min(1)
    .transform((text) => text.replace(/^~(?=$|[\\/])/, () => homeFolder() ?? '~'))

type PathRow<T> = Row<T> & { value: string; accepts: string; mustExist?: true }

export const path = (row: PathRow<string>): Option<string> & { value: string } => ({
  kind: 'path',
  schema: pathSchema,
  ...row,
})

export const optionalPath = (
  row: Omit<PathRow<undefined>, 'default'>,
): Option<string | undefined> & { value: string } => ({
  kind: 'path',
  schema: () => pathSchema().optional(),
  default: undefined,
  ...row,
})

/** A list, in text separated by commas. */
export const names = (): z.ZodType<string[]> =>
  z
    .union([z.array(z.string()), z.string().transform((list) => list.split(','))])
    .transform((list) => list.map((name) => name.trim()).filter((name) => name !== ''))

const toolList = {
  kind: 'list',
  value: '<list>',
  accepts: 'tool or group names, separated by commas',
} as const

export const toolNames = (help: string): Option<string[]> & { value: string } => ({
  ...toolList,
  schema: names,
  default: [],
  help,
})

/** An empty list counts as none given. */
export const optionalToolNames = (help: string): Option<string[] | undefined> & { value: string } => ({
  ...toolList,
  schema: () => names().transform((list) => (list.length > 0 ? list : undefined)),
  default: undefined,
  help,
})

export const textList = (
  row: Omit<Row<string[]>, 'default'> & { value: string; accepts: string },
): Option<string[]> & { value: string } => ({ kind: 'text', schema: names, default: [], ...row })

export const optionalText = (
  row: Omit<Row<undefined>, 'default'> & { value: string; accepts: string },
): Option<string | undefined> & { value: string } => ({
  kind: 'text',
  schema: () => z.string().trim().min(1).optional(),
  default: undefined,
  ...row,
})
