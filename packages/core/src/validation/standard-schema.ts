/** What a schema says is wrong with a value: the Standard Schema v1 issue. */
export interface StandardSchemaIssue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/** What a schema's check gives: the value, or the issues. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] }

/**
 * The part of Standard Schema v1 that is read here. Schemas of zod 4, valibot and arktype fit as they are. Only
 * schemas that answer at once can be used: an answer's check is a pure decision, which waits for nothing.
 */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (
      value: unknown,
    ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** Whether `value` is a Standard Schema. Those of arktype are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema<unknown> {
  const isHolder = typeof value === 'function' || (typeof value === 'object' && value !== null)
  return isHolder && '~standard' in value
}
