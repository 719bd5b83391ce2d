/**
 * Takes a JSON-RPC code, a message and facts for a program, and returns the error that a request is answered with. The
 * SDK's McpError puts the code into the message, and a client that reads it does so once more.
 */
export function protocolError(code: number, message: string, data?: object): Error {
  return Object.assign(new Error(message), { code, ...(data === undefined ? {} : { data }) })
}
