/** One of several things a person can pick. */
export interface Choice {
  /** What is returned. */
  value: string
  /** What the person reads. */
  label: string
}

/** The answers of MCP's elicitation: cancel closes the question without a yes or a no. */
export type ConfirmResult = 'accept' | 'decline' | 'cancel'
export type ConfirmFn = (question: string, signal: AbortSignal) => Promise<ConfirmResult | undefined>

/** Asks the person at the client, as far as the client lets a server ask. Any question may stay unanswered. */
export interface Elicitation {
  /** Resolves with undefined when no answer came. */
  confirm: ConfirmFn
  /** Resolves with the value that was picked, or with undefined when none was. */
  choose(question: string, choices: readonly Choice[], signal: AbortSignal): Promise<string | undefined>
  /**
   * Asks to open a link. `true` means that the person agreed, not that they are done there. Absent where the client
   * does not open links.
   */
  open?: (question: string, url: string, signal: AbortSignal) => Promise<boolean | undefined>
}
