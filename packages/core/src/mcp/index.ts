export {
  addMcpPersonTool,
  type McpPersonTool,
  type McpPersonToolOptions,
  type McpQuestion,
} from './add-mcp-person-tool.ts'
export { addMcpTool, type McpCall, type McpTool, type McpToolDescription } from './add-mcp-tool.ts'
export type { McpOutput } from './mcp-answer.ts'
export type { McpCaller, McpCallerOf, McpRequest } from './mcp-caller.ts'
export { type McpJsonSchema, objectSchema } from './mcp-json-schema.ts'
export { McpToolError, type McpToolErrorCode } from './mcp-tool-error.ts'
export type { McpToolOptions } from './mcp-tool-options.ts'
export type {
  McpAskingServer,
  McpAuthInfo,
  McpCallContext,
  McpFormAnswer,
  McpFormField,
  McpFormRequest,
  McpInputRequest,
  McpToolAnnotations,
  McpToolConfig,
  McpToolResult,
  McpToolServer,
} from './mcp-tool-server.ts'
