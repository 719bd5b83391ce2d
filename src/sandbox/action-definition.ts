/** An action as data: how its input becomes one request to Kustomer. */
export interface ActionDefinition {
  key?: string
  name: string
  description: string
  method: string
  /** With `{name}` where a member of the input stands. */
  path: string
  query?: readonly string[]
  /** What the body is: one member of the input, or all that stand neither in the path nor in the query. */
  body?: 'rest' | { from: string } | undefined
  inputSchema: object
  state?: 'BUILDING'
}

export interface Action extends ActionDefinition {
  id: string
}
