/** What a prompt may count on: which tools are offered, and which of them may write here. */
export interface ToolAvailability {
  has(tool: string): boolean
  writes(tool: string): boolean
}

export interface PromptArgument {
  name: string
  description: string
  required?: boolean
  /** Whether its value is a text of some length. */
  long?: boolean
  /** Values to complete it with. */
  values?: readonly string[]
}

/** What a model is told: what to do, in which order with which tools, what to mind, and the form of the answer. */
export interface PromptPlan {
  goal: string
  steps: readonly (string | false)[]
  rules: readonly (string | false)[]
  outputFormat: string
}

export interface PromptEntry {
  name: string
  title: string
  description: string
  arguments: readonly PromptArgument[]
  /** What it cannot be done without: of each list, one of the tools. */
  needs: readonly (readonly string[])[]
  plan(available: ToolAvailability, given: Readonly<Record<string, string>>): PromptPlan
}
