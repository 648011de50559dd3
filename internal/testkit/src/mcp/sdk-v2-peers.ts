import { Client, type ClientOptions } from '@modelcontextprotocol/client'
import { fromJsonSchema, InMemoryTransport, McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { called, type McpOpening, type McpPeer } from './mcp-client.ts'

const INFO = { name: 'test', version: '1.0.0' }

type Register = Parameters<McpPeer['open']>[0]

/** `@modelcontextprotocol/server` 2 with a client that speaks the revisions of 2025. */
export const sdkV2Peer: McpPeer = {
  name: 'MCP SDK 2',
  carriesClientId: true,
  open: async (register, opening = {}) => {
    const server = serverWith(register)
    const { client, near, far } = clientWith(opening, {})
    await server.connect(far)
    return connected(client, near, () => server.close())
  },
}

/** `@modelcontextprotocol/server` 2 with a client that speaks the revision of 2026, in which a server asks by its result. */
export const sdkV2ModernPeer: McpPeer = {
  name: 'MCP SDK 2, revision 2026-07-28',
  carriesClientId: false,
  open: async (register, opening = {}) => {
    const { client, near, far } = clientWith(opening, {
      versionNegotiation: { mode: { pin: '2026-07-28' } },
    })
    const handle = serveStdio(() => serverWith(register), { transport: far })
    return connected(client, near, () => handle.close())
  },
}

function serverWith(register: Register): McpServer {
  const server = new McpServer(INFO)
  // Typed by version 1, as `McpPeer` says; what our tools call of both has one shape.
  register(server as unknown as Parameters<Register>[0], fromJsonSchema as unknown as Parameters<Register>[1])
  return server
}

function clientWith(
  { person, clientId }: McpOpening,
  options: ClientOptions,
): { readonly client: Client; readonly near: InMemoryTransport; readonly far: InMemoryTransport } {
  const capabilities = person === undefined ? {} : { elicitation: { form: {} } }
  const client = new Client(INFO, { capabilities, ...options })
  if (person !== undefined) {
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      if (!('requestedSchema' in params)) throw new Error('no form')
      return { ...(await person(params)) }
    })
  }
  const [near, far] = InMemoryTransport.createLinkedPair()
  if (clientId !== undefined) {
    const send = near.send.bind(near)
    near.send = (message, sending) =>
      send(message, { ...sending, authInfo: { token: 't', clientId, scopes: [] } })
  }
  return { client, near, far }
}

async function connected(
  client: Client,
  transport: InMemoryTransport,
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
