import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js'

/**
 * Stands in for the SDK's validator, which costs a schema library at start. The answers to forms are checked where they
 * are used, so that one that does not fit is a no, and not an error.
 */
export const acceptAnyForm: jsonSchemaValidator = {
  getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
}
