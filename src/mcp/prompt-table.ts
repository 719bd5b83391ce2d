import type { PromptEntry } from './prompt-entry.ts'
import { draftReply, handoverNote } from './prompt-replies.ts'
import { findDuplicates, summarizeCustomer, triage } from './prompt-reviews.ts'

/** All prompts, in the order in which they are listed. Adding one is one entry. */
export const prompts: readonly PromptEntry[] = [
  triage,
  summarizeCustomer,
  draftReply,
  handoverNote,
  findDuplicates,
]
