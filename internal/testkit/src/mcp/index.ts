import type { McpPeer } from './mcp-client.ts'
import { sdkV1HttpPeer, sdkV1Peer } from './sdk-v1-peer.ts'
import { sdkV2HttpPeer, sdkV2ModernPeer, sdkV2Peer } from './sdk-v2-peers.ts'

export type {
  McpCalled,
  McpClient,
  McpForm,
  McpFormResult,
  McpListedTool,
  McpOpening,
  McpPeer,
} from './mcp-client.ts'

/** The versions of the MCP SDK that our tools work with, in memory. */
export const MCP_PEERS: readonly McpPeer[] = [sdkV1Peer, sdkV2Peer, sdkV2ModernPeer]

/** The same versions over HTTP, answered in this process. */
export const MCP_HTTP_PEERS: readonly McpPeer[] = [sdkV1HttpPeer, sdkV2HttpPeer]
