import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** What came over one connection. */
interface Connection {
  readonly pending: Set<Exchange>
  requests: number
  latest: Exchange
}

/** Which requests of each connection are not yet answered to their end. */
export class AnswersUnderWay {
  readonly #connections = new WeakMap<Duplex, Connection>()

  /** Takes note of every request that `server` reads from now on. */
  constructor(server: Server) {
    // Before the listener that may answer at once.
    server.prependListener('request', (request, response) =>
      this.#follow(request.socket, { request, response }),
    )
  }

  /** How many requests came over this connection so far. */
  requestsOf(socket: Duplex): number {
    return this.#connections.get(socket)?.requests ?? 0
  }

  /** Whether a request on this connection waits for the end of its answer. */
  isBusy(socket: Duplex): boolean {
    return (this.#connections.get(socket)?.pending.size ?? 0) > 0
  }

  /**
   * Whether bytes written to the connection now would be read as the answer to what arrived last: not while an earlier
   * request waits for its answer, nor where the last one has its own.
   */
  mayAnswer(socket: Duplex): boolean {
    const connection = this.#connections.get(socket)
    if (connection === undefined) return true
    const { pending, latest } = connection
    if (pending.size === 0) return latest.request.complete
    return (
      pending.size === 1 && pending.has(latest) && !latest.request.complete && !latest.response.headersSent
    )
  }

  #follow(socket: Duplex, exchange: Exchange): void {
    const { pending } = this.#note(socket, exchange)
    pending.add(exchange)
    exchange.response.once('close', () => pending.delete(exchange))
  }

  #note(socket: Duplex, latest: Exchange): Connection {
    const known = this.#connections.get(socket)
    if (known === undefined) {
      const made = { pending: new Set<Exchange>(), requests: 1, latest }
      this.#connections.set(socket, made)
      return made
    }
    known.requests++
    known.latest = latest
    return known
  }
}
