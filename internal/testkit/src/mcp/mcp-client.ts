import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { z } from 'zod'

/** What a client asks a person, as the server sent it. */
export interface McpForm {
  readonly message: string
  readonly requestedSchema: {
    readonly properties: Readonly<Record<string, unknown>>
    readonly required?: readonly string[] | undefined
  }
}

/** What a person does with a form. */
export interface McpFormResult {
  readonly action: 'accept' | 'decline' | 'cancel'
  readonly content?: Record<string, string>
}

/** How a client comes. */
export interface McpOpening {
  /** Who is at the client. Default nobody: it shows no forms. */
  readonly person?: (form: McpForm) => McpFormResult | Promise<McpFormResult>
  /** What the server's authentication says of the client, where the transport can carry it. Default nothing. */
  readonly clientId?: string
}

/** A tool as a client lists it. */
export interface McpListedTool {
  readonly name: string
  readonly inputSchema: unknown
  readonly outputSchema?: unknown
  readonly annotations?: unknown
}

/** What came of a call. */
export interface McpCalled {
  readonly isError: boolean
  readonly text: string
  readonly structured: unknown
}

/** A client and its server, whatever their version. */
export interface McpClient {
  tools(): Promise<readonly McpListedTool[]>
  call(name: string, input?: Record<string, unknown>, signal?: AbortSignal): Promise<McpCalled>
  close(): Promise<void>
}

/** A version of the MCP SDK, with a client and a server that talk in memory. */
export interface McpPeer {
  readonly name: string
  /** Whether a test's `clientId` comes through. */
  readonly carriesClientId: boolean
  /** `register` is typed by version 1; what our tools call has one shape in both. */
  open(
    register: (server: McpServer, schema: typeof z.fromJSONSchema) => void,
    opening?: McpOpening,
  ): Promise<McpClient>
}

/** What came of a call, of a result of either version. */
export function called(result: Readonly<Record<string, unknown>>): McpCalled {
  const { content, structuredContent, isError } = result
  // The SDK has checked the result; ours have one part, a text.
  const [{ text }] = content as readonly [{ readonly text: string }]
  return { isError: isError === true, text, structured: structuredContent }
}

/** What a server's authentication says of the client. */
export function authInfoOf(clientId: string | undefined): {
  readonly authInfo?: { token: string; clientId: string; scopes: string[] }
} {
  return clientId === undefined ? {} : { authInfo: { token: 't', clientId, scopes: [] } }
}

/** A `fetch` that a server answers in this process, and that gives no stream for what belongs to no call. */
export function noStandingStream(
  answer: (request: Request) => Promise<Response>,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) =>
    init?.method === 'GET' ? new Response(null, { status: 405 }) : answer(new Request(url, init))
}
