import { type Complete, InvalidOptionError, withDefaults } from '../errors/index.ts'
import { type Logger, silentLogger } from '../observability/index.ts'
import type { McpCallerOf } from './mcp-caller.ts'
import type { McpJsonSchema } from './mcp-json-schema.ts'

/** What all of our MCP tools are given. */
export interface McpToolOptions<Schema> {
  /** Tells who makes a call, from what the SDK knows of the request. Fails closed. */
  readonly caller: McpCallerOf
  /**
   * Makes a schema of the SDK's version: `fromJsonSchema` of `@modelcontextprotocol/server` 2, or, for
   * `@modelcontextprotocol/sdk` 1, `z.fromJSONSchema` of zod 4.2 or newer.
   */
  readonly schema: (jsonSchema: McpJsonSchema) => Schema
  /** Where failures go of which the client is told no more than the code. Default: none. */
  readonly logger?: Logger | undefined
}

/** Checked {@link McpToolOptions}. */
export type ResolvedMcpToolOptions<Schema> = Complete<McpToolOptions<Schema>>

const DEFAULTS = Object.freeze({ caller: undefined, schema: undefined, logger: silentLogger })

/** Checks the options. @throws InvalidOptionError `INVALID_OPTION`. */
export function resolveMcpToolOptions<Schema>(
  options: McpToolOptions<Schema>,
): ResolvedMcpToolOptions<Schema> {
  const { caller, schema, logger } = withDefaults<McpToolOptions<Schema>, typeof DEFAULTS>(options, DEFAULTS)
  if (typeof caller !== 'function')
    throw new InvalidOptionError('caller', 'a function that tells who makes a call', caller)
  if (typeof schema !== 'function')
    throw new InvalidOptionError('schema', 'a function that makes a schema of a JSON schema', schema)
  return { caller, schema, logger }
}
