export type { CoercionLevel } from './coercion/coercion.ts'
export { describeFailure } from './describe-failure.ts'
export type { LlmAnswerFacts } from './finish-reason.ts'
export type { CoercionFixName, ExtractionFixName, Fix, FixName, PolicyFixName, RepairFixName } from './fix.ts'
export type { JsonFaultCode } from './json/json-fault.ts'
export type { AjvCheck, AjvClient, AjvFault } from './json-schema/ajv-client.ts'
export { fromJsonSchema } from './json-schema/from-json-schema.ts'
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
export {
  type AskOptions,
  DEFAULT_ASK_OPTIONS,
  type GenerateAnswer,
  type ModelAnswer,
  type ModelAttempt,
} from './re-ask/ask-options.ts'
export type { AskAttempt, AskFacts, AskOutcome, AskStop } from './re-ask/ask-outcome.ts'
export type { AttemptBudget, AttemptEnd, AttemptHold } from './re-ask/attempt-budget.ts'
export { type LlmUsage, type LlmUsageTotal, sumUsage } from './re-ask/llm-usage.ts'
export type { StandardSchema, StandardSchemaIssue, StandardSchemaResult } from './standard-schema.ts'
export type { DeepPartial } from './streaming/deep-partial.ts'
export { LlmStream, type LlmStreamOptions, type StreamedMember } from './streaming/llm-stream.ts'
export type { StreamPath, StreamState } from './streaming/partial-json.ts'
