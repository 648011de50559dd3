export type { CheckedValue, Coercion, CoercionLevel } from './check-value.ts'
export { describeFailure } from './describe-failure.ts'
export type { LlmAnswerFacts } from './finish-reason.ts'
export type { CoercionFixName, ExtractionFixName, Fix, FixName, PolicyFixName, RepairFixName } from './fix.ts'
export type { JsonFaultCode } from './json/json-fault.ts'
export { LlmValidator, type LlmValidatorOptions } from './llm-validator.ts'
export type {
  LlmFailure,
  LlmFailureCode,
  LlmIssue,
  LlmJsonSource,
  LlmOutcome,
  LlmSpan,
  LlmSuccess,
} from './outcome.ts'
export { DEFAULT_LLM_PARSE_LIMITS, type LlmParseLimits } from './parse-limits.ts'
export { DEFAULT_LLM_PARSE_POLICIES, type LlmParsePolicies } from './parse-policies.ts'
export type { StandardSchema, StandardSchemaIssue, StandardSchemaResult } from './standard-schema.ts'
