/** One of several things a person may pick. */
export interface Choice {
  /** What is handed back. */
  value: string
  /** What the person reads. */
  label: string
}

export type ConfirmFn = (question: string, signal: AbortSignal) => Promise<ConfirmResult | undefined>
/** Dismissed: the question was closed without a yes or a no. */
export type ConfirmResult = 'agreed' | 'declined' | 'dismissed'

/**
 * The person at the host, as far as the host lets a server ask. A question may stay unanswered, so none of this is the
 * only way to anything: whoever asks goes on without an answer.
 */
export interface Elicitation {
  /** Resolves with undefined when nobody answered. */
  confirm: ConfirmFn
  /** Resolves with the value that was picked, or with undefined when none was. */
  choose(question: string, choices: readonly Choice[], signal: AbortSignal): Promise<string | undefined>
  /**
   * Asks to open a link that is fit to be shown. `true` says that the person agreed, not that they are done there.
   * Absent where the host does not open links.
   */
  open?: (question: string, url: string, signal: AbortSignal) => Promise<boolean | undefined>
}
