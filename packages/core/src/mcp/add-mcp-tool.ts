import { errorResult, type McpOutput, outputResult } from './mcp-answer.ts'
import { identifyCaller, type McpCaller } from './mcp-caller.ts'
import type { McpJsonSchema } from './mcp-json-schema.ts'
import { type McpToolOptions, resolveMcpToolOptions } from './mcp-tool-options.ts'
import type { McpCallContext, McpToolAnnotations, McpToolServer } from './mcp-tool-server.ts'

/** What every tool says of itself. */
export interface McpToolDescription {
  /** 1 to 64 letters, digits, `_`, `-` and `.`, no other tool's of the server. */
  readonly name: string
  readonly title: string
  /** What a model is told of it. */
  readonly description: string
  /** What it takes; the SDK refuses all else. */
  readonly inputSchema: McpJsonSchema
  /** What it gives. */
  readonly outputSchema: McpJsonSchema
  readonly annotations: McpToolAnnotations
  /** What a caller must be allowed, such as `task:read`. */
  readonly permission: string
  /** Codes of the errors whose message a client may be told. */
  readonly tells: readonly string[]
}

/** A call as a tool is told of it. */
export interface McpCall {
  readonly caller: McpCaller
  /** Fires when the client calls it off, or is gone. */
  readonly signal: AbortSignal
}

/** A tool that does what it is asked. */
export interface McpTool extends McpToolDescription {
  /** `input` fits the input schema. */
  run(input: Readonly<Record<string, unknown>>, call: McpCall): Promise<McpOutput>
}

/**
 * Adds a tool to an MCP server: each call is made for who the application says makes it, with the permission that the tool
 * names, and each failure is an error result with its code.
 * @throws InvalidOptionError `INVALID_OPTION`; what the server throws, as on a name that it has.
 */
export function addMcpTool<Schema>(
  server: McpToolServer<NoInfer<Schema>>,
  options: McpToolOptions<Schema>,
  tool: McpTool,
): void {
  const { caller: callerOf, schema, logger } = resolveMcpToolOptions(options)
  server.registerTool(tool.name, toolConfig(tool, schema), async (input, context) => {
    try {
      const caller = await identifyCaller(callerOf, context, tool.name, tool.permission)
      return outputResult(await tool.run(inputOf(input), { caller, signal: signalOf(context) }))
    } catch (error) {
      return errorResult(error, tool, logger)
    }
  })
}

/** A tool in the words of the SDK. */
export function toolConfig<Schema>(
  { title, description, inputSchema, outputSchema, annotations }: McpToolDescription,
  schema: (jsonSchema: McpJsonSchema) => Schema,
): Parameters<McpToolServer<Schema>['registerTool']>[1] {
  return {
    title,
    description,
    inputSchema: schema(inputSchema),
    outputSchema: schema(outputSchema),
    annotations,
  }
}

/** The arguments of a call. */
export function inputOf(input: unknown): Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null ? { ...input } : {}
}

/** What ends a call, in either version. */
export function signalOf(context: McpCallContext): AbortSignal {
  return context.mcpReq?.signal ?? context.signal ?? new AbortController().signal
}
