import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import { decideEgress, type EgressRefusal } from './decide-egress.ts'
import type { ResolvedEgressOptions } from './egress-options.ts'

/** One decision of the proxy. Host and port are the program's words. */
export interface EgressAttempt {
  readonly host: string
  readonly port: number
  /** The address that is connected to; undefined where it was refused. */
  readonly address?: string
  readonly refusal?: EgressRefusal | 'NOT_A_PROXY_REQUEST' | 'TOO_MANY'
}

const MAX_HEAD_BYTES = 16_384
const MAX_LOGGED_HOST_LENGTH = 256
/** Headers that are between the program and the proxy alone (RFC 9110, section 7.6.1). */
const BETWEEN_HOPS =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|expect|http2-settings)$/

/**
 * An HTTP proxy without a port of its own: it takes connections that were carried here. CONNECT and absolute addresses with
 * `http:` are decided over one by one, each request anew; all else is refused.
 */
export class EgressProxy {
  readonly #options: ResolvedEgressOptions
  readonly #clock: Clock
  readonly #onAttempt: (attempt: EgressAttempt) => void
  readonly #server: Server
  /** Requests that are being decided over or carried, and all that ever were. */
  #active = 0
  #total = 0

  constructor(options: ResolvedEgressOptions, clock: Clock, onAttempt: (attempt: EgressAttempt) => void) {
    this.#options = options
    this.#clock = clock
    this.#onAttempt = onAttempt
    this.#server = createServer({ maxHeaderSize: MAX_HEAD_BYTES, insecureHTTPParser: false })
    // What fails here is one connection's: nothing else of the host may end with it.
    this.#server.on('connect', (asked, carried, head) => {
      this.#tunnel(asked, carried, head).catch(() => carried.destroy())
    })
    this.#server.on('request', (asked, answer) => {
      this.#forward(asked, answer).catch(() => answer.destroy())
    })
    this.#server.on('clientError', (_error, carried) => carried.destroy())
  }

  /** Takes a connection of a program. */
  take(carried: Duplex): void {
    this.#endWhenIdle(carried)
    this.#server.emit('connection', carried)
  }

  async #tunnel(asked: IncomingMessage, carried: Duplex, head: Buffer): Promise<void> {
    const [, host = '', digits = ''] = /^([^:/?#@[\]]+):(\d{1,5})$/.exec(asked.url ?? '') ?? []
    const address = await this.#decide(host, Number(digits), asked.url)
    if (address === undefined) {
      carried.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      return
    }
    const remote = connect({ host: address, port: Number(digits), allowHalfOpen: true })
    this.#tie(carried, remote)
    remote.once('close', () => {
      this.#active--
      // After an end in peace, what has come from it is still on its way to the program.
      if (remote.errored !== null) carried.destroy()
    })
    remote.once('connect', () => {
      carried.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) remote.write(head)
      carried.pipe(remote).pipe(carried)
    })
  }

  async #forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = URL.parse(asked.url ?? '')
    const isPlain = url?.protocol === 'http:' && url.username === '' && url.password === ''
    const port = Number(url?.port || 80)
    const address = await this.#decide(isPlain ? url.hostname : '', port, asked.url)
    if (url === null || address === undefined) {
      answer.writeHead(403, { connection: 'close' }).end()
      return
    }
    const outgoing = request({
      host: address,
      port,
      method: asked.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { ...endToEnd(asked.headersDistinct), host: url.host },
      agent: false,
      maxHeaderSize: MAX_HEAD_BYTES,
    })
    outgoing.once('close', () => {
      this.#active--
      if (!answer.headersSent) answer.writeHead(502, { connection: 'close' }).end()
    })
    outgoing.once('socket', (socket) => this.#tie(asked.socket, socket))
    outgoing.once('response', (incoming) => {
      try {
        answer.writeHead(incoming.statusCode ?? 502, endToEnd(incoming.headersDistinct))
      } catch {
        // Node reads what it refuses to write, such as the status 000.
        outgoing.destroy()
        return
      }
      incoming.pipe(answer)
      incoming.once('error', () => answer.destroy())
    })
    outgoing.on('error', () => {
      if (answer.headersSent) answer.destroy()
    })
    asked.pipe(outgoing)
  }

  /** The address to connect to, which counts from now on; undefined where there is none. Who listens has heard of it. */
  async #decide(host: string, port: number, url = ''): Promise<string | undefined> {
    const { maxConnections, maxTotalConnections } = this.#options
    const said = { host: (host || url).slice(0, MAX_LOGGED_HOST_LENGTH), port: host === '' ? 0 : port }
    this.#total++
    if (this.#active >= maxConnections || this.#total > maxTotalConnections) {
      // Beyond the number in all, once is enough to be told.
      if (this.#total <= maxTotalConnections + 1) this.#onAttempt({ ...said, refusal: 'TOO_MANY' })
      return undefined
    }
    if (host === '') {
      this.#onAttempt({ ...said, refusal: 'NOT_A_PROXY_REQUEST' })
      return undefined
    }
    this.#active++
    const decision = await decideEgress({ host, port }, this.#options, this.#clock)
    if (decision.ok) {
      this.#onAttempt({ ...said, address: decision.address })
      return decision.address
    }
    this.#active--
    this.#onAttempt({ ...said, refusal: decision.refusal })
    return undefined
  }

  /** Ends the remote side with the carried one, and where it does not connect in time. */
  #tie(carried: Duplex, remote: Socket): void {
    const end = (): void => void remote.destroy()
    const late = (): void => void remote.destroy(new Error('no connection in time'))
    const timer = this.#clock.schedule(this.#options.connectTimeoutMs, late)
    carried.once('close', end)
    remote.once('connect', () => timer.cancel())
    remote.once('close', () => {
      timer.cancel()
      carried.off('close', end)
    })
    remote.on('error', () => {})
    if (carried.destroyed) remote.destroy()
  }

  #endWhenIdle(carried: Duplex): void {
    const { idleTimeoutMs } = this.#options
    let timer: ScheduledTimer | undefined
    let lastAtMs = this.#clock.monotonicMs()
    const stir = (): void => {
      lastAtMs = this.#clock.monotonicMs()
    }
    const look = (): void => {
      const leftMs = lastAtMs + idleTimeoutMs - this.#clock.monotonicMs()
      if (leftMs <= 0) carried.destroy()
      else timer = this.#clock.schedule(leftMs, look)
    }
    carried.on('stir', stir)
    carried.once('close', () => timer?.cancel())
    timer = this.#clock.schedule(idleTimeoutMs, look)
  }
}

function endToEnd(headers: NodeJS.Dict<string[]>): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !BETWEEN_HOPS.test(name)))
}
