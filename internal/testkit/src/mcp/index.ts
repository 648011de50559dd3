import type { McpPeer } from './mcp-client.ts'
import { sdkV1Peer } from './sdk-v1-peer.ts'
import { sdkV2ModernPeer, sdkV2Peer } from './sdk-v2-peers.ts'

export type {
  McpCalled,
  McpClient,
  McpForm,
  McpFormResult,
  McpListedTool,
  McpOpening,
  McpPeer,
} from './mcp-client.ts'

/** The versions of the MCP SDK that our tools work with. */
export const MCP_PEERS: readonly McpPeer[] = [sdkV1Peer, sdkV2Peer, sdkV2ModernPeer]
