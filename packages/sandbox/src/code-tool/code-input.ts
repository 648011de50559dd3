/** What a model gives: the program to run. */
export interface CodeInput {
  readonly code: string
}

/** The JSON schema of {@link CodeInput}. */
// A type, as no interface fits where any members are allowed.
export type CodeInputJsonSchema = {
  type: 'object'
  properties: { code: { type: 'string'; minLength: number; maxLength: number; description: string } }
  required: string[]
  additionalProperties: false
}

/** An object with a text of 1 to `maxLength` characters, and nothing else. */
export function codeInputJsonSchema(maxLength: number, description: string): CodeInputJsonSchema {
  return {
    type: 'object',
    properties: { code: { type: 'string', minLength: 1, maxLength, description } },
    required: ['code'],
    additionalProperties: false,
  }
}

/** A standard schema with its JSON schema (standardschema.dev, version 1), as the AI SDK and others take it. */
export interface CodeInputSchema {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: 'golden-arch'
    readonly types?: { readonly input: CodeInput; readonly output: CodeInput } | undefined
    validate(
      value: unknown,
    ): { readonly value: CodeInput } | { readonly issues: readonly { readonly message: string }[] }
    readonly jsonSchema: {
      input(): Record<string, unknown>
      output(): Record<string, unknown>
    }
  }
}

/** The schema of {@link CodeInput}, which is as `codeInputJsonSchema` says. */
export function codeInputSchema(maxLength: number, description: string): CodeInputSchema {
  const jsonSchema = () => codeInputJsonSchema(maxLength, description)
  return {
    '~standard': {
      version: 1,
      vendor: 'golden-arch',
      validate: (value) => {
        if (isInput(value) && value.code !== '' && value.code.length <= maxLength)
          return { value: { code: value.code } }
        return { issues: [{ message: `an object with code alone, a text of 1 to ${maxLength} characters` }] }
      },
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  }
}

function isInput(value: unknown): value is CodeInput {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).join() === 'code' &&
    'code' in value &&
    typeof value.code === 'string'
  )
}
