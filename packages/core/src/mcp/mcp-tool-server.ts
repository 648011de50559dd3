/** What clients may be told of a tool. All four are facts here, but no client should rely on what a server says of itself. */
export interface McpToolAnnotations {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  readonly openWorldHint: boolean
}

/** A tool as a server of the MCP SDK is told of it. */
export interface McpToolConfig<Schema> {
  title: string
  description: string
  inputSchema: Schema
  outputSchema: Schema
  annotations: McpToolAnnotations
}

/** What a tool answers: a result, an error, or (in version 2 of the SDK) what it still has to be told. */
// A type, not an interface: only a type fits the index signatures of the SDK's results.
export type McpToolResult = {
  content: { type: 'text'; text: string }[]
  structuredContent?: Record<string, unknown>
  isError?: boolean
  resultType?: 'input_required'
  inputRequests?: Record<string, McpInputRequest>
}

/** What version 2 of the SDK asks the client before it calls the tool again. */
export type McpInputRequest = {
  method: 'elicitation/create'
  params: McpFormRequest & { mode: 'form' }
}

/** A form for a person. */
export type McpFormRequest = {
  message: string
  requestedSchema: { type: 'object'; properties: Record<string, McpFormField>; required?: string[] }
}

/** A field of a form: a text, or a choice. */
export type McpFormField = {
  type: 'string'
  title: string
  description?: string
} & ({ minLength?: number; maxLength?: number } | { enum: string[] })

/** What became of a form. */
export interface McpFormAnswer {
  readonly action: 'accept' | 'decline' | 'cancel'
  readonly content?: Readonly<Record<string, unknown>> | undefined
}

/** Who a bearer token names, as the SDK's own authentication or the application's says. */
export interface McpAuthInfo {
  readonly token: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/** What the SDK tells a tool of the call: version 1 beside one another, version 2 below `mcpReq` and `http`. */
export interface McpCallContext {
  readonly signal?: AbortSignal
  readonly authInfo?: McpAuthInfo | undefined
  readonly sessionId?: string | undefined
  readonly requestId?: string | number
  readonly mcpReq?: {
    readonly signal: AbortSignal
    readonly inputResponses?: Readonly<Record<string, unknown>> | undefined
    readonly envelope?: Readonly<Record<string, unknown>> | undefined
  }
  readonly http?: { readonly authInfo?: McpAuthInfo | undefined } | undefined
}

/**
 * The part of an `McpServer` that our tools need: of `@modelcontextprotocol/sdk` 1 or of `@modelcontextprotocol/server` 2.
 * `Schema` is what that version takes for schemas.
 */
export interface McpToolServer<Schema> {
  registerTool(
    name: string,
    config: McpToolConfig<Schema>,
    callback: (input: unknown, context: McpCallContext) => Promise<McpToolResult>,
  ): unknown
}

/** A server through which a person can be asked. */
export interface McpAskingServer<Schema> extends McpToolServer<Schema> {
  readonly server: {
    getClientCapabilities(): { readonly elicitation?: object | undefined } | undefined
    elicitInput(
      form: McpFormRequest,
      options: {
        readonly signal: AbortSignal
        readonly timeout: number
        readonly relatedRequestId?: string | number
      },
    ): Promise<McpFormAnswer>
  }
}
