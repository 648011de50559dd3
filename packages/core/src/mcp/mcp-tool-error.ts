import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type McpToolErrorCode =
  | 'MCP_ANSWER_INVALID'
  | 'MCP_CALLER_UNKNOWN'
  | 'MCP_ELICITATION_UNAVAILABLE'
  | 'MCP_NEEDS_PERSON'
  | 'MCP_PERMISSION_DENIED'
  | 'MCP_QUESTION_TOO_LARGE'

/**
 * A tool was not carried out, for who asked or who was to be asked. Nothing was changed.
 * - `MCP_ANSWER_INVALID`: the form came back filled in otherwise than it asks.
 * - `MCP_CALLER_UNKNOWN`: the application does not say who asks.
 * - `MCP_ELICITATION_UNAVAILABLE`: the client cannot ask a person, or nobody answered in time.
 * - `MCP_NEEDS_PERSON`: the tool is for people, and an agent or a service asks.
 * - `MCP_PERMISSION_DENIED`: the caller lacks the permission (`details.permission`).
 * - `MCP_QUESTION_TOO_LARGE`: a form cannot show in whole what the person would decide on.
 */
export class McpToolError extends GoldenError<McpToolErrorCode> {}
