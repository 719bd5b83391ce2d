import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation'
import * as z from 'zod'

/**
 * Checks what a person filled into a form against the schema that was asked with. The SDK's own check needs ajv, which
 * the bundle leaves out: it would be loaded at every start (packaging/build.mjs).
 */
export const zodFormValidator: jsonSchemaValidator = {
  getValidator<T>(schema: unknown) {
    const form = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
    return (input) => {
      const { success, data, error } = form.safeParse(input)
      return success
        ? { valid: true, data: data as T, errorMessage: undefined }
        : { valid: false, data: undefined, errorMessage: z.prettifyError(error) }
    }
  },
}
