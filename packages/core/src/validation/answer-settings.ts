import type { CoercionLevel } from './coercion/coercion.ts'
import type { ReadRules } from './json/read-state.ts'
import type { ResolvedLlmParseLimits } from './parse-limits.ts'
import type { StandardSchema } from './standard-schema.ts'

/** How answers are read, with all that is not given filled in. */
export interface AnswerSettings<Value> {
  readonly schema: StandardSchema<Value>
  readonly coercion: CoercionLevel
  readonly limits: ResolvedLlmParseLimits
  readonly rules: ReadRules
}
