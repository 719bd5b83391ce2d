import type { Deviation } from './changes.ts'
import { deviationsOfCalls } from './deviations-of-calls.ts'
import { deviationsOfLists } from './deviations-of-lists.ts'
import { deviationsOfProgram } from './deviations-of-program.ts'

/** One deviation for each assumption, in the order of the table. */
export const deviations: Readonly<Record<string, Deviation>> = {
  ...deviationsOfProgram,
  ...deviationsOfLists,
  ...deviationsOfCalls,
}
