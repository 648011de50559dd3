export { type ConsensusAnswer, safeParseConsensus } from './answers/consensus.ts'
export {
  type FailurePattern,
  type PatternsAnswer,
  safeParsePatterns,
} from './answers/patterns.ts'
export { type SynthesisAnswer, safeParseSynthesis } from './answers/synthesis.ts'
export type { CoercionLevel } from './coercion/coercion.ts'
export { describeFailure } from './describe-failure.ts'
export { encodeCsvCell, encodeCsvRow } from './encoders/encode-csv.ts'
export { encodeHtmlAttribute, encodeHtmlText } from './encoders/encode-html.ts'
export { encodeLogLine, type LogLineOptions } from './encoders/encode-log-line.ts'
export { encodeSqlIdentifier } from './encoders/encode-sql-identifier.ts'
export { encodeUrlComponent, encodeUrlPathSegment } from './encoders/encode-url.ts'
export { EncodingError, type EncodingErrorCode } from './encoders/encoding-error.ts'
export { quotePosixForDisplay, type ShellCommand, shellArguments } from './encoders/shell-arguments.ts'
export type { LlmAnswerFacts } from './finish-reason.ts'
export type { CoercionFixName, ExtractionFixName, Fix, FixName, PolicyFixName, RepairFixName } from './fix.ts'
export {
  type HtmlPolicy,
  type HtmlTag,
  htmlSanitizer,
  type SanitizeHtml,
  type SanitizeHtmlSettings,
} from './html/html-sanitizer.ts'
export { IdentifierError, type IdentifierErrorCode } from './identifiers/identifier-error.ts'
export {
  validateAgentId,
  validateIdentifier,
  validateProjectId,
  validateTaskId,
  validateTenantId,
  validateToolName,
} from './identifiers/validate-identifiers.ts'
export type { JsonFaultCode } from './json/json-fault.ts'
export type { AjvCheck, AjvClient, AjvFault } from './json-schema/ajv-client.ts'
export { fromJsonSchema } from './json-schema/from-json-schema.ts'
export { LlmValidator, type LlmValidatorOptions } from './llm-validator.ts'
export type {
  JsonKind,
  LlmFailure,
  LlmFailureCode,
  LlmIssue,
  LlmJsonSource,
  LlmOutcome,
  LlmSpan,
  LlmSuccess,
} from './outcome.ts'
export type { LlmParseLimits } from './parse-limits.ts'
export type { LlmParsePolicies } from './parse-policies.ts'
export {
  type JoinedPrompt,
  type JoinPromptOptions,
  joinPrompt,
  type PromptSection,
} from './prompts/join-prompt.ts'
export { PromptError, type PromptErrorCode } from './prompts/prompt-error.ts'
export {
  type Spotlighted,
  type SpotlightMode,
  type SpotlightOptions,
  spotlight,
} from './prompts/spotlight.ts'
export { TaggedText, type TrustLevel, tagText } from './prompts/tagged-text.ts'
export type {
  AskOptions,
  GenerateAnswer,
  ModelAnswer,
  ModelAttempt,
} from './re-ask/ask-options.ts'
export type { AskAttempt, AskFacts, AskOutcome, AskStop } from './re-ask/ask-outcome.ts'
export type { AttemptBudget, AttemptEnd, AttemptHold } from './re-ask/attempt-budget.ts'
export type { LlmUsage, LlmUsageTotal } from './re-ask/llm-usage.ts'
export { redactingLogger } from './redaction/redacting-logger.ts'
export {
  type RedactedText,
  Redactor,
  type RedactorOptions,
  SECRET_KINDS,
} from './redaction/redactor.ts'
export type { SecretKind, SecretSpan } from './redaction/secret-span.ts'
export type { StreamRedactor, StreamRedactorOptions } from './redaction/stream-redactor.ts'
export { type SqlTag, sql } from './sql/sql.ts'
export { SqlFragment, type SqlInput, type SqlPart, type SqlValue } from './sql/sql-fragment.ts'
export {
  isStandardSchema,
  type StandardSchema,
  type StandardSchemaIssue,
  type StandardSchemaResult,
} from './standard-schema.ts'
export type { DeepPartial } from './streaming/deep-partial.ts'
export { LlmStream, type LlmStreamOptions, type StreamedMember } from './streaming/llm-stream.ts'
export type { StreamPath, StreamState } from './streaming/partial-json.ts'
export {
  type HostResolver,
  type InspectUrlOptions,
  inspectUrl,
  type UrlInspection,
  type UrlRefusalCode,
} from './threats/addresses/inspect-url.ts'
export { detectThreats } from './threats/detect-threats.ts'
export { THREAT_RULES } from './threats/rules/threat-rules.ts'
export { sanitizeLlmResponse } from './threats/sanitize-llm-response.ts'
export { type Shadow, shadowOf } from './threats/shadow/shadow.ts'
export type { ThreatContext, ThreatSink } from './threats/threat-context.ts'
export type { DetectThreatsOptions, ThreatPolicy } from './threats/threat-options.ts'
export type { ThreatFinding, ThreatReport } from './threats/threat-report.ts'
export type {
  ThreatFamily,
  ThreatMatch,
  ThreatMatcher,
  ThreatRule,
  ThreatSeverity,
} from './threats/threat-rule.ts'
export type { ThreatText } from './threats/threat-text.ts'
