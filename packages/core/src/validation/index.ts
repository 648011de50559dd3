export { describeFailure } from './describe-failure.ts'
export type { JsonFaultCode } from './json/json-fault.ts'
export { DEFAULT_LLM_PARSE_LIMITS, type LlmParseLimits } from './parse-limits.ts'
export { type ParseLlmJsonOptions, parseLlmJson } from './parse-llm-json.ts'
export type {
  LlmJsonSource,
  LlmParseFailure,
  LlmParseFailureCode,
  LlmParseIssue,
  LlmParseResult,
  LlmParseSuccess,
} from './parse-result.ts'
export type { StandardSchema, StandardSchemaIssue, StandardSchemaResult } from './standard-schema.ts'
