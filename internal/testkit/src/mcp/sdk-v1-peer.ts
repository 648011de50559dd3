import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { called, type McpPeer } from './mcp-client.ts'

const INFO = { name: 'test', version: '1.0.0' }

/** `@modelcontextprotocol/sdk` 1. */
export const sdkV1Peer: McpPeer = {
  name: 'MCP SDK 1',
  carriesClientId: true,
  open: async (register, { person, clientId } = {}) => {
    const server = new McpServer(INFO)
    register(server, z.fromJSONSchema)
    const client = new Client(INFO, { capabilities: person === undefined ? {} : { elicitation: {} } })
    if (person !== undefined) {
      client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
        if (!('requestedSchema' in params)) throw new Error('no form')
        return { ...(await person(params)) }
      })
    }
    const [near, far] = InMemoryTransport.createLinkedPair()
    if (clientId !== undefined) {
      const send = near.send.bind(near)
      near.send = (message, options) =>
        send(message, { ...options, authInfo: { token: 't', clientId, scopes: [] } })
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
  },
}
