import type { Duplex } from 'node:stream'
import { RelayConnection } from './relay-connection.ts'
import { type RelayFrame, RelayFrameReader, relayFrame, WINDOW_BYTES } from './relay-frames.ts'

/** Why a channel was closed by the host: `untaken` where the relay left too much of what it was sent. */
export type ChannelBreach = 'nonsense' | 'too-many-bytes' | 'untaken'

/** What a frame that waits takes of the host's memory beside its bytes, at most. */
const FRAME_COST_BYTES = 512
/** Memory that may wait for the relay, for each connection: its window with room for smaller frames and for answers. */
const MAX_WAITING_BYTES = 4 * WINDOW_BYTES

/** What a channel is between, and its bounds. */
export interface RelayChannelOptions {
  readonly maxConnections: number
  readonly maxTotalConnections: number
  readonly maxBytes: number
  /** Sends bytes to the relay; `onSent` is called once they wait here no more. */
  readonly send: (data: Buffer, onSent: () => void) => void
  readonly onConnection: (connection: Duplex) => void
  /** Hears, once, why the channel was closed. */
  readonly onBreach: (breach: ChannelBreach) => void
}

/**
 * The connections of one sandbox, over the pipes of its relay. The relay is the guest's: a connection too many is refused, and
 * bytes too many, frames that make no sense, or too much that it is sent and does not take, close all of it for good.
 */
export class RelayChannel {
  readonly #options: RelayChannelOptions
  readonly #connections = new Map<number, RelayConnection>()
  readonly #reader = new RelayFrameReader((frame) => this.#take(frame))
  #totalConnections = 0
  #bytes = 0
  #waitingBytes = 0
  #isClosed = false

  constructor(options: RelayChannelOptions) {
    this.#options = options
  }

  /** Connections that are open. */
  get count(): number {
    return this.#connections.size
  }

  /** Takes bytes from the relay. */
  push(data: Buffer): void {
    if (this.#isClosed) return
    this.#count(data.length)
    if (!this.#isClosed && !this.#reader.push(data)) this.#breach('nonsense')
  }

  /** Ends every connection and takes no more. Harmless twice. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#connections.values()) connection.destroy()
  }

  #take({ kind, connection: id, data }: RelayFrame): void {
    if (this.#isClosed) return
    const connection = this.#connections.get(id)
    if (kind === 'open') {
      if (connection === undefined) this.#open(id)
      else this.#breach('nonsense')
      return
    }
    // One that has just been ended from this side may still be spoken of.
    if (connection === undefined) return
    if (kind === 'data') {
      if (!connection.receive(data)) this.#breach('nonsense')
    } else if (kind === 'end') connection.receiveEnd()
    else if (kind === 'close') connection.destroy()
    else if (!connection.acknowledge(data.readUInt32BE())) this.#breach('nonsense')
  }

  #open(id: number): void {
    const { maxConnections, maxTotalConnections, onConnection } = this.#options
    if (this.#connections.size >= maxConnections || this.#totalConnections >= maxTotalConnections) {
      this.#send(relayFrame('close', id))
      return
    }
    this.#totalConnections++
    const connection = new RelayConnection(
      id,
      (frame) => this.#send(frame),
      () => this.#connections.delete(id),
    )
    this.#connections.set(id, connection)
    onConnection(connection)
  }

  #send(frame: Buffer): void {
    if (this.#isClosed) return
    const costBytes = frame.length + FRAME_COST_BYTES
    this.#waitingBytes += costBytes
    this.#options.send(frame, () => {
      this.#waitingBytes -= costBytes
    })
    this.#count(frame.length)
    if (this.#waitingBytes > MAX_WAITING_BYTES * this.#options.maxConnections) this.#breach('untaken')
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#options.maxBytes) this.#breach('too-many-bytes')
  }

  #breach(breach: ChannelBreach): void {
    if (this.#isClosed) return
    this.close()
    this.#options.onBreach(breach)
  }
}
