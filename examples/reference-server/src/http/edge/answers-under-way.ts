import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Which requests of each connection are not yet answered to their end. */
export class AnswersUnderWay {
  readonly #pending = new WeakMap<Duplex, Set<Exchange>>()
  readonly #requests = new WeakMap<Duplex, number>()
  readonly #latest = new WeakMap<Duplex, Exchange>()

  /** Takes note of every request that `server` reads from now on. */
  constructor(server: Server) {
    // Before the listener that may answer at once.
    server.prependListener('request', (request, response) =>
      this.#follow(request.socket, { request, response }),
    )
  }

  /** How many requests came over this connection so far. */
  requestsOf(socket: Duplex): number {
    return this.#requests.get(socket) ?? 0
  }

  /** Whether a request on this connection waits for the end of its answer. */
  isBusy(socket: Duplex): boolean {
    return (this.#pending.get(socket)?.size ?? 0) > 0
  }

  /**
   * Whether bytes written to the connection now would be read as the answer to what arrived last: not while an earlier
   * request waits for its answer, nor where the last one has its own.
   */
  mayAnswer(socket: Duplex): boolean {
    const pending = this.#pending.get(socket)
    const latest = this.#latest.get(socket)
    if (latest === undefined) return true
    if (pending === undefined || pending.size === 0) return latest.request.complete
    return (
      pending.size === 1 && pending.has(latest) && !latest.request.complete && !latest.response.headersSent
    )
  }

  #follow(socket: Duplex, exchange: Exchange): void {
    const pending = this.#pending.get(socket) ?? new Set()
    this.#pending.set(socket, pending.add(exchange))
    this.#requests.set(socket, this.requestsOf(socket) + 1)
    this.#latest.set(socket, exchange)
    exchange.response.once('close', () => pending.delete(exchange))
  }
}
