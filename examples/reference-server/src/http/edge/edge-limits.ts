/** What the gateway takes from a client at most. All of it is here, so that it can be read at once. */
export interface EdgeLimits {
  /** Bytes of a request's body. More is answered 413. */
  readonly maxBodyBytes: number
  /** Bytes of a request's line and headers together. More is answered 431. */
  readonly maxHeaderBytes: number
  /** Characters of a request's target. More is answered 414. */
  readonly maxUrlLength: number
  /** Characters of one part of a path as it is written, `%` escapes included. More is answered 414. */
  readonly maxParamLength: number
  /** Objects and arrays within one another in a JSON body. More is answered 400. */
  readonly maxJsonDepth: number
  /** Members of all objects of a JSON body together. More is answered 400. */
  readonly maxJsonMembers: number
  /** Milliseconds for the headers of a request. Later is answered 408. */
  readonly headersTimeoutMs: number
  /** Milliseconds for a whole request, its body included. Later is answered 408. */
  readonly requestTimeoutMs: number
  /** Milliseconds that a connection may wait for its next request. Then it is closed. */
  readonly keepAliveTimeoutMs: number
  /** Milliseconds from the end of an answer to the whole head of a next request, whatever arrives in between. */
  readonly idleConnectionTimeoutMs: number
  /** Milliseconds between two looks for connections that are late. */
  readonly lateCheckIntervalMs: number
  /** Milliseconds in which a client must take something of its answer. Then its connection is closed. */
  readonly stalledAnswerTimeoutMs: number
  /**
   * Connections open at once from one address (a /64 of IPv6), proxies of ours excepted. Further ones are closed without
   * an answer.
   */
  readonly maxConnectionsPerAddress: number
  /** Connections open at once. Further ones are closed without an answer. */
  readonly maxConnections: number
}

/** 1 MiB of body, 16 KiB of headers, 10 s for the headers, 30 s for all of it, 2000 connections, 200 of them from one address. */
export const DEFAULT_EDGE_LIMITS: EdgeLimits = Object.freeze({
  maxBodyBytes: 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxUrlLength: 8 * 1024,
  // A task's id of 256 characters, each written as up to four encoded bytes.
  maxParamLength: 256 * 12,
  maxJsonDepth: 32,
  maxJsonMembers: 10_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  // Longer than a wait and the headers of a request that begins in its last moment.
  idleConnectionTimeoutMs: 80_000,
  lateCheckIntervalMs: 5000,
  stalledAnswerTimeoutMs: 60_000,
  maxConnectionsPerAddress: 200,
  maxConnections: 2000,
})
