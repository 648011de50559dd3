import { type Actor, requireActor } from '../audit/index.ts'
import { requireTenantId } from '../errors/index.ts'
import { McpToolError } from './mcp-tool-error.ts'
import type { McpAuthInfo, McpCallContext } from './mcp-tool-server.ts'

/** What the application is told of a call, to say who makes it. */
export interface McpRequest {
  /** What the server's authentication found; undefined where it has none, as over stdio. */
  readonly authInfo: McpAuthInfo | undefined
  /** Of the transport; undefined where it has none. */
  readonly sessionId: string | undefined
  /** The tool that is called. */
  readonly tool: string
  /** What the SDK gives beyond that: `RequestHandlerExtra` of version 1, `ServerContext` of version 2. */
  readonly context: unknown
}

/** Who calls a tool, as the application says; nothing of it is read from the arguments of the tool. */
export interface McpCaller {
  /** Whose data are read and changed: 1 to 128 characters. */
  readonly tenantId: string
  /** Who answers for what is done. Only a `human` may decide what waits for people. */
  readonly actor: Actor
  /** What the caller may do, such as `task:read`: each tool names the one that it needs. */
  readonly permissions: readonly string[]
}

/** Tells who makes a call. Undefined, or a failure: nobody, and the call is refused. */
export type McpCallerOf = (request: McpRequest) => McpCaller | undefined | Promise<McpCaller | undefined>

/**
 * Who makes the call, if that is certain and they may.
 * @throws McpToolError `MCP_CALLER_UNKNOWN`, also where `callerOf` fails (then with its cause); `MCP_PERMISSION_DENIED`.
 */
export async function identifyCaller(
  callerOf: McpCallerOf,
  context: McpCallContext,
  tool: string,
  permission: string,
): Promise<McpCaller> {
  const request = {
    authInfo: context.authInfo ?? context.http?.authInfo,
    sessionId: context.sessionId,
    tool,
    context,
  }
  const caller = await certainCaller(callerOf, request)
  if (caller.permissions.includes(permission)) return caller
  throw new McpToolError({
    code: 'MCP_PERMISSION_DENIED',
    message: `the tool ${tool} needs the permission ${permission}`,
    details: { tool, permission },
  })
}

async function certainCaller(callerOf: McpCallerOf, request: McpRequest): Promise<McpCaller> {
  const unknown = { code: 'MCP_CALLER_UNKNOWN', message: 'it is not known who asks' } as const
  let cause: unknown
  try {
    const caller = await callerOf(request)
    if (caller !== undefined) {
      const { tenantId, actor, permissions } = caller
      if (!Array.isArray(permissions)) throw new TypeError('permissions must be a list')
      return { tenantId: requireTenantId(tenantId), actor: requireActor(actor), permissions }
    }
  } catch (error) {
    cause = error
  }
  throw new McpToolError(cause === undefined ? unknown : { ...unknown, cause })
}
