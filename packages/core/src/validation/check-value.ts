import { InvalidOptionError } from '../errors/index.ts'
import { coerceValue } from './coercion/coerce-value.ts'
import type { Coercion, CoercionLevel, CoercionRules } from './coercion/coercion.ts'
import type { LlmIssue } from './outcome.ts'
import { pathKey } from './path-key.ts'
import { toIssues } from './schema-issues.ts'
import type { StandardSchema, StandardSchemaResult } from './standard-schema.ts'

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
 * Checks a JSON value against a schema, converting it as far as `level` allows where it does not fit as it is.
 * `literals` gives the numbers within the value as they were written, by {@link pathKey}: it is asked once at most.
 * @throws InvalidOptionError `INVALID_OPTION` for a schema that answers later; whatever the schema itself throws.
 */
export function checkValue<Value>(
  schema: StandardSchema<Value>,
  json: unknown,
  level: CoercionLevel = 'none',
  literals?: () => ReadonlyMap<string, string>,
): CheckedValue<Value> {
  const result = checkAtOnce(schema, json)
  if (result.issues === undefined) return { ok: true, value: result.value, coercions: NO_COERCIONS }
  if (level !== 'none') {
    const rules = rulesOf(level, literals)
    const coerced = coerceValue((one) => checkAtOnce(schema, one), json, result.issues, rules)
    if (coerced.kind === 'fits') return { ok: true, value: coerced.value, coercions: coerced.coercions }
    if (coerced.kind === 'ambiguous') {
      const issue: LlmIssue = { path: coerced.path, expected: 'a value of one meaning', kind: 'ambiguous' }
      return { ok: false, code: 'AMBIGUOUS', issues: [issue] }
    }
  }
  return { ok: false, code: 'SCHEMA_MISMATCH', issues: toIssues(result.issues, json) }
}

function rulesOf(
  level: CoercionLevel,
  literals: (() => ReadonlyMap<string, string>) | undefined,
): CoercionRules {
  let known: ReadonlyMap<string, string> | undefined
  return {
    level,
    literalAt: (path) => {
      known ??= literals?.()
      return known?.get(pathKey(path))
    },
  }
}

function checkAtOnce<Value>(schema: StandardSchema<Value>, json: unknown): StandardSchemaResult<Value> {
  const result = schema['~standard'].validate(json)
  if (!(result instanceof Promise)) return result
  // The refused promise must not become an unhandled rejection.
  result.catch(() => {})
  throw new InvalidOptionError('schema', 'a schema that answers at once', result)
}
