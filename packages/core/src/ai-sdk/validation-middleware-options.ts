import { InvalidOptionError, requireInteger, requireObject } from '../errors/index.ts'
import { isStandardSchema, type LlmValidatorOptions, type StandardSchema } from '../validation/index.ts'

/**
 * What the model must answer: a Standard Schema that answers at once, or a function that makes one of the JSON Schema that
 * a call carries. The function is asked once for each schema, while 100 others were not seen since.
 */
export type OutputSchema =
  | StandardSchema<unknown>
  | ((jsonSchema: Readonly<Record<string, unknown>>) => StandardSchema<unknown>)

/** What {@link validationMiddleware} is made of. */
export interface ValidationMiddlewareOptions
  extends Omit<LlmValidatorOptions<unknown>, 'schema' | 'bigNumbers'> {
  /** What the answers must be. */
  readonly schema: OutputSchema
  /** A number that a double does not keep. Default `refuse`; the AI SDK reads JSON, which has no `bigint`. */
  readonly bigNumbers?: 'refuse' | 'string' | 'round' | undefined
  /** How often the model is asked again after an answer that was refused, 0 to 19. Default 2. */
  readonly maxReAsks?: number | undefined
}

const DEFAULT_MAX_RE_ASKS = 2

/** Options as the code may rely on them. */
export interface ResolvedValidationMiddlewareOptions {
  readonly schema: OutputSchema
  readonly maxReAsks: number
  /** How answers are read. */
  readonly reading: Omit<LlmValidatorOptions<unknown>, 'schema'>
}

/**
 * Checks the options that are not the validator's and fills in their defaults.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function resolveValidationMiddlewareOptions(
  options: ValidationMiddlewareOptions,
): ResolvedValidationMiddlewareOptions {
  const { schema, maxReAsks = DEFAULT_MAX_RE_ASKS, ...reading } = requireObject('options', options)
  if (typeof schema !== 'function' && !isStandardSchema(schema)) {
    throw new InvalidOptionError('schema', 'a Standard Schema, or a function that makes one', schema)
  }
  // The types rule it out; whoever has none would see numbers rounded without a word.
  const bigNumbers: unknown = reading.bigNumbers
  if (bigNumbers === 'bigint') {
    throw new InvalidOptionError('bigNumbers', '"refuse", "string" or "round"', bigNumbers)
  }
  return { schema, maxReAsks: requireInteger('maxReAsks', maxReAsks, { min: 0, max: 19 }), reading }
}
