import type { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { fromJsonSchema, McpServer, StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { expectTypeOf } from 'vitest'
import type { ZodType, z } from 'zod'
import type { McpToolOptions } from './mcp-tool-options.ts'
import type { McpAskingServer } from './mcp-tool-server.ts'

expectTypeOf<McpServerV1>().toExtend<McpAskingServer<ZodType>>()
expectTypeOf<typeof z.fromJSONSchema>().toExtend<McpToolOptions<ZodType>['schema']>()
expectTypeOf<McpServer>().toExtend<McpAskingServer<StandardSchemaWithJSON>>()
expectTypeOf<typeof fromJsonSchema>().toExtend<McpToolOptions<StandardSchemaWithJSON>['schema']>()
