/** A JSON-RPC error. The SDK's McpError puts the code into the message, and a client puts it there once more. */
export function protocolError(code: number, message: string, data?: object): Error {
  return Object.assign(new Error(message), { code, ...(data === undefined ? {} : { data }) })
}
