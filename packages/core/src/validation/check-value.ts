import { InvalidOptionError } from '../errors/index.ts'
import type { CoercionFixName } from './fix.ts'
import type { LlmIssue } from './outcome.ts'
import { toIssues } from './schema-issues.ts'
import type { StandardSchema } from './standard-schema.ts'

/** How far a value may be converted to fit its schema. */
export type CoercionLevel = 'none' | 'safe' | 'lenient'

/** One conversion that made a value fit. */
export interface Coercion {
  readonly name: CoercionFixName
  readonly path: ReadonlyArray<string | number>
}

/** What checking a value gives. */
export type CheckedValue<Value> =
  | { readonly ok: true; readonly value: Value; readonly coercions: readonly Coercion[] }
  | {
      readonly ok: false
      readonly code: 'SCHEMA_MISMATCH' | 'AMBIGUOUS'
      readonly issues: readonly LlmIssue[]
    }

const NO_COERCIONS: readonly Coercion[] = Object.freeze([])

/**
 * Checks a JSON value against a schema.
 * @throws InvalidOptionError `INVALID_OPTION` for a schema that answers later; whatever the schema itself throws.
 */
export function checkValue<Value>(schema: StandardSchema<Value>, json: unknown): CheckedValue<Value> {
  const result = schema['~standard'].validate(json)
  if (result instanceof Promise) {
    // The refused promise must not become an unhandled rejection.
    result.catch(() => {})
    throw new InvalidOptionError('schema', 'a schema that answers at once', result)
  }
  if (result.issues === undefined) return { ok: true, value: result.value, coercions: NO_COERCIONS }
  return { ok: false, code: 'SCHEMA_MISMATCH', issues: toIssues(result.issues) }
}
