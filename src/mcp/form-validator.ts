import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation'
import * as z from 'zod'

/** Validates an elicitation form. The SDK's own validator needs ajv, which the bundle leaves out (packaging/build.mjs). */
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
