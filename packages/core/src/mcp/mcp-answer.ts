import { isGoldenError } from '../errors/index.ts'
import type { Logger } from '../observability/index.ts'
import { McpToolError } from './mcp-tool-error.ts'
import type { McpToolResult } from './mcp-tool-server.ts'

/** What a tool found, as JSON values. */
export type McpOutput = Readonly<Record<string, unknown>>

/** The result of a tool: its output, and the same as text for clients that read nothing else. */
export function outputResult(output: McpOutput): McpToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(output) }], structuredContent: { ...output } }
}

/**
 * What a client is told of a failure: the code and, where the tool tells errors of this code, the message. Others may name
 * hosts, statements or files: their message goes to the log alone.
 */
export function errorResult(
  error: unknown,
  tool: { readonly name: string; readonly tells: readonly string[] },
  logger: Logger,
): McpToolResult {
  const code = isGoldenError(error) ? error.code : 'INTERNAL_ERROR'
  const isTold = isGoldenError(error) && (error instanceof McpToolError || tool.tells.includes(code))
  if (!isTold || error.cause !== undefined) logger.error({ err: error, tool: tool.name }, 'mcp tool failed')
  const message = isTold ? error.message : 'it could not be carried out'
  return { content: [{ type: 'text', text: `${code}: ${message}` }], isError: true }
}
