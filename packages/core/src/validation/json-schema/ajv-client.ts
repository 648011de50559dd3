/** One fault that Ajv 8 found, as far as it is read here. */
export interface AjvFault {
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string | undefined
}

/** A check that Ajv compiled. */
export interface AjvCheck {
  (value: unknown): unknown
  readonly errors?: readonly AjvFault[] | null
}

/**
 * The part of an Ajv 8 instance that is used here. With `allErrors: true` every fault is told at once: better feedback, and
 * unions whose branch takes more than one conversion. Without it such a value is refused.
 */
export interface AjvClient {
  compile(schema: Readonly<Record<string, unknown>>): AjvCheck
  readonly opts: {
    readonly coerceTypes?: unknown
    readonly useDefaults?: unknown
    readonly removeAdditional?: unknown
  }
}
