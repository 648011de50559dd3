import {
  Client,
  type ClientOptions,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client'
import { createMcpHandler, fromJsonSchema, InMemoryTransport, McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { authInfoOf, called, type McpOpening, type McpPeer, noStandingStream } from './mcp-client.ts'

const INFO = { name: 'test', version: '1.0.0' }

const MODERN: ClientOptions = { versionNegotiation: { mode: { pin: '2026-07-28' } } }

type Register = Parameters<McpPeer['open']>[0]

/** `@modelcontextprotocol/server` 2 with a client that speaks the revisions of 2025. */
export const sdkV2Peer: McpPeer = {
  name: 'MCP SDK 2',
  carriesClientId: true,
  open: async (register, opening = {}) => {
    const { near, far } = inMemory(opening)
    const server = serverWith(register)
    await server.connect(far)
    return connected(clientWith(opening), near, () => server.close())
  },
}

/** `@modelcontextprotocol/server` 2 with a client that speaks the revision of 2026, in which a server asks by its result. */
export const sdkV2ModernPeer: McpPeer = {
  name: 'MCP SDK 2, revision 2026-07-28',
  carriesClientId: false,
  open: async (register, opening = {}) => {
    const { near, far } = inMemory(opening)
    const handle = serveStdio(() => serverWith(register), { transport: far })
    return connected(clientWith(opening, MODERN), near, () => handle.close())
  },
}

/** The same over HTTP, where each request has a server of its own. */
export const sdkV2HttpPeer: McpPeer = {
  name: 'MCP SDK 2, revision 2026-07-28, over HTTP',
  carriesClientId: true,
  open: async (register, opening = {}) => {
    const handler = createMcpHandler(() => serverWith(register))
    const fetch = noStandingStream((request) => handler.fetch(request, authInfoOf(opening.clientId)))
    const near = new StreamableHTTPClientTransport(new URL('http://mcp.test/'), { fetch })
    return connected(clientWith(opening, MODERN), near, () => handler.close())
  },
}

function serverWith(register: Register): McpServer {
  const server = new McpServer(INFO)
  // Typed by version 1, as `McpPeer` says; what our tools call of both has one shape.
  register(server as unknown as Parameters<Register>[0], fromJsonSchema as unknown as Parameters<Register>[1])
  return server
}

function clientWith({ person }: McpOpening, options: ClientOptions = {}): Client {
  const capabilities = person === undefined ? {} : { elicitation: { form: {} } }
  const client = new Client(INFO, { capabilities, ...options })
  if (person !== undefined) {
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      if (!('requestedSchema' in params)) throw new Error('no form')
      return { ...(await person(params)) }
    })
  }
  return client
}

function inMemory({ clientId }: McpOpening): {
  readonly near: InMemoryTransport
  readonly far: InMemoryTransport
} {
  const [near, far] = InMemoryTransport.createLinkedPair()
  const send = near.send.bind(near)
  near.send = (message, sending) => send(message, { ...sending, ...authInfoOf(clientId) })
  return { near, far }
}

async function connected(
  client: Client,
  transport: Transport,
  closeServer: () => Promise<void>,
): ReturnType<McpPeer['open']> {
  await client.connect(transport)
  return {
    tools: async () => (await client.listTools()).tools,
    call: async (name, input = {}, signal) =>
      called(await client.callTool({ name, arguments: input }, signal === undefined ? {} : { signal })),
    close: async () => {
      await client.close()
      await closeServer()
    },
  }
}
