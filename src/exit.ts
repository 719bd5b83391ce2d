/** Ends a command with an exit code of its own; `main` prints the message, where there is one, on stderr. */
export class ExitError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message = '') {
    super(message)
    this.name = 'Exit'
    this.exitCode = exitCode
  }
}
