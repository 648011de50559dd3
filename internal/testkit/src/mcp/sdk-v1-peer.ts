import { randomUUID } from 'node:crypto'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { authInfoOf, called, type McpOpening, type McpPeer, noStandingStream } from './mcp-client.ts'

const INFO = { name: 'test', version: '1.0.0' }

/** Two ends of a connection. */
interface Ends {
  readonly near: Transport
  readonly far: Transport
}

/** `@modelcontextprotocol/sdk` 1. */
export const sdkV1Peer: McpPeer = {
  name: 'MCP SDK 1',
  carriesClientId: true,
  open: (register, opening = {}) => connected(register, opening, inMemory(opening)),
}

/** `@modelcontextprotocol/sdk` 1 over HTTP, where a form goes out on the stream of the call that asks for it or not at all. */
export const sdkV1HttpPeer: McpPeer = {
  name: 'MCP SDK 1 over HTTP',
  carriesClientId: true,
  open: (register, opening = {}) => connected(register, opening, overHttp(opening)),
}

function inMemory({ clientId }: McpOpening): Ends {
  const [near, far] = InMemoryTransport.createLinkedPair()
  const send = near.send.bind(near)
  near.send = (message, options) => send(message, { ...options, ...authInfoOf(clientId) })
  return { near, far }
}

function overHttp({ clientId }: McpOpening): Ends {
  const far = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: randomUUID })
  const near = new StreamableHTTPClientTransport(new URL('http://mcp.test/'), {
    fetch: noStandingStream((request) => far.handleRequest(request, authInfoOf(clientId))),
  })
  // Their optional callbacks are typed without `undefined`, which this house tells apart; the SDK connects them all the same.
  return { near: near as Transport, far: far as Transport }
}

async function connected(
  register: Parameters<McpPeer['open']>[0],
  { person }: McpOpening,
  { near, far }: Ends,
): ReturnType<McpPeer['open']> {
  const server = new McpServer(INFO)
  register(server, z.fromJSONSchema)
  const client = new Client(INFO, { capabilities: person === undefined ? {} : { elicitation: {} } })
  if (person !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      if (!('requestedSchema' in params)) throw new Error('no form')
      return { ...(await person(params)) }
    })
  }
  await server.connect(far)
  await client.connect(near)
  return {
    tools: async () => (await client.listTools()).tools,
    call: async (name, input = {}, signal) =>
      called(
        await client.callTool(
          { name, arguments: input },
          CallToolResultSchema,
          signal === undefined ? {} : { signal },
        ),
      ),
    close: async () => {
      await client.close()
      await server.close()
    },
  }
}
