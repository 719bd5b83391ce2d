/** The process that a command runs in. */
export interface RuntimeContext {
  version: string
  env: Readonly<Record<string, string | undefined>>
  /** Folder of the running bundle. */
  bundleDir: string
  /** Writes text with a line end to stdout. `serve` does not use it: there stdout carries MCP alone. */
  print(text: string): void
}
