import { fieldOf } from './field-of.ts'

/** How a connection failed: `refused` before anything was sent, `lost` on the way, `timeout` for want of an answer. */
export type ConnectionFailure = 'refused' | 'lost' | 'timeout'

const BY_CODE: ReadonlyMap<unknown, ConnectionFailure> = new Map<string, ConnectionFailure>([
  ['ECONNREFUSED', 'refused'],
  ['ENOTFOUND', 'refused'],
  ['EAI_AGAIN', 'refused'],
  ['EHOSTUNREACH', 'refused'],
  ['ENETUNREACH', 'refused'],
  ['UND_ERR_CONNECT_TIMEOUT', 'refused'],
  ['ECONNRESET', 'lost'],
  ['ECONNABORTED', 'lost'],
  ['EPIPE', 'lost'],
  ['UND_ERR_SOCKET', 'lost'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'lost'],
  ['ETIMEDOUT', 'timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'timeout'],
])

const BY_NAME: ReadonlyMap<unknown, ConnectionFailure> = new Map<string, ConnectionFailure>([
  ['APIConnectionTimeoutError', 'timeout'],
  ['TimeoutError', 'timeout'],
  ['APIConnectionError', 'lost'],
])

/** What the global fetch says when no answer comes, and when one ends too soon. */
const FETCH_MESSAGES: ReadonlySet<unknown> = new Set(['fetch failed', 'terminated', 'network error'])
const MAX_CAUSES = 5

/** How the connection failed, read off system codes, SDK names and causes; undefined where it did not. */
export function connectionFailureOf(error: unknown): ConnectionFailure | undefined {
  let found: ConnectionFailure | undefined
  for (let depth = 0, one = error; depth < MAX_CAUSES && one !== undefined; depth++) {
    // The innermost cause knows best: a wrapper only says that the connection failed.
    found = BY_CODE.get(fieldOf(one, 'code')) ?? found ?? byName(one)
    one = fieldOf(one, 'cause')
  }
  return found
}

function byName(error: unknown): ConnectionFailure | undefined {
  // SDKs that set no name on their errors are known by their class.
  const known =
    BY_NAME.get(fieldOf(error, 'name')) ?? BY_NAME.get(fieldOf(fieldOf(error, 'constructor'), 'name'))
  if (known !== undefined) return known
  return error instanceof TypeError && FETCH_MESSAGES.has(error.message) ? 'lost' : undefined
}
