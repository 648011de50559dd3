import { Duplex } from 'node:stream'
import { MAX_FRAME_BYTES, relayFrame, takenFrame, WINDOW_BYTES } from './relay-frames.ts'

/**
 * One connection of a program, seen from the host. What is on its way is bounded in both directions. It emits `stir` for all that
 * the relay says of it.
 */
export class RelayConnection extends Duplex {
  readonly #id: number
  readonly #send: (frame: Buffer) => void
  readonly #onGone: () => void
  #untakenBytes = 0
  #hasEnded = false
  #creditBytes = WINDOW_BYTES
  #unsent: Buffer = Buffer.alloc(0)
  #onSent: (() => void) | undefined

  constructor(id: number, send: (frame: Buffer) => void, onGone: () => void) {
    super({ allowHalfOpen: true, readableHighWaterMark: 65_536, writableHighWaterMark: 65_536 })
    this.#id = id
    this.#send = send
    this.#onGone = onGone
    // Whoever is at the other end is told by the frame; a break is no error of the host's.
    this.on('error', () => {})
  }

  /** Takes data from the relay. Returns false where it sent more than it may, or after its end. */
  receive(data: Buffer): boolean {
    this.#untakenBytes += data.length
    if (this.#hasEnded || this.#untakenBytes > WINDOW_BYTES) return false
    this.emit('stir')
    this.push(Buffer.from(data))
    return true
  }

  /** The relay has nothing more to send. */
  receiveEnd(): void {
    if (!this.#hasEnded) this.push(null)
    this.#hasEnded = true
  }

  /** The relay has passed on what it was sent. Returns false where that is more than it was. */
  acknowledge(bytes: number): boolean {
    this.#creditBytes += bytes
    if (this.#creditBytes > WINDOW_BYTES) return false
    this.emit('stir')
    this.#flush()
    return true
  }

  override _read(): void {
    if (this.#untakenBytes === 0) return
    this.#send(takenFrame(this.#id, this.#untakenBytes))
    this.#untakenBytes = 0
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#unsent = chunk
    this.#onSent = done
    this.#flush()
  }

  override _final(done: () => void): void {
    this.#send(relayFrame('end', this.#id))
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#send(relayFrame('close', this.#id))
    this.#onGone()
    done(error)
  }

  #flush(): void {
    while (this.#unsent.length > 0 && this.#creditBytes > 0) {
      const part = this.#unsent.subarray(0, Math.min(MAX_FRAME_BYTES, this.#creditBytes))
      this.#creditBytes -= part.length
      this.#unsent = this.#unsent.subarray(part.length)
      this.#send(relayFrame('data', this.#id, part))
    }
    if (this.#unsent.length > 0) return
    const done = this.#onSent
    this.#onSent = undefined
    done?.()
  }
}
