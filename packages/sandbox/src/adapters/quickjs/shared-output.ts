import type { GuestStream } from '../../execution-result.ts'
import { OutputLimiter } from '../../output-limiter.ts'

const HEADER_WORDS = 5
const HEADER_BYTES = HEADER_WORDS * Int32Array.BYTES_PER_ELEMENT
/** Whether a notice is on its way to the host. */
const NOTICE_WORD = 4

/**
 * The guest's two streams in memory that the worker writes and the host reads, so that nothing written is lost when the worker
 * is killed. Layout: five 32-bit words (bytes used and a truncation flag for each, the notice flag), then the bytes.
 */
export class SharedOutput {
  readonly buffer: SharedArrayBuffer
  readonly #header: Int32Array
  readonly #bytes: Readonly<Record<GuestStream, Uint8Array>>
  readonly #toldBytes: Record<GuestStream, number> = { stdout: 0, stderr: 0 }

  private constructor(buffer: SharedArrayBuffer, stdoutLimitBytes: number) {
    this.buffer = buffer
    this.#header = new Int32Array(buffer, 0, HEADER_WORDS)
    this.#bytes = {
      stdout: new Uint8Array(buffer, HEADER_BYTES, stdoutLimitBytes),
      stderr: new Uint8Array(buffer, HEADER_BYTES + stdoutLimitBytes),
    }
  }

  /** New and empty, with these sizes in bytes. */
  static allocate(stdoutLimitBytes: number, stderrLimitBytes: number): SharedOutput {
    return new SharedOutput(
      new SharedArrayBuffer(HEADER_BYTES + stdoutLimitBytes + stderrLimitBytes),
      stdoutLimitBytes,
    )
  }

  /** The same memory, seen from the other side. */
  static attach(buffer: SharedArrayBuffer, stdoutLimitBytes: number): SharedOutput {
    return new SharedOutput(buffer, stdoutLimitBytes)
  }

  /**
   * A function that writes to one of the streams and returns whether all of the text was taken. `onWritten` is called after a
   * write unless the host has yet to read since the last call.
   */
  writer(stream: GuestStream, onWritten: () => void = () => {}): (text: string) => boolean {
    const limiter = new OutputLimiter(this.#bytes[stream])
    const word = wordOf(stream)
    return (text) => {
      limiter.write(text)
      Atomics.store(this.#header, word, limiter.usedBytes)
      Atomics.store(this.#header, word + 1, limiter.isTruncated ? 1 : 0)
      if (Atomics.compareExchange(this.#header, NOTICE_WORD, 0, 1) === 0) onWritten()
      return !limiter.isTruncated
    }
  }

  /** What a stream holds. */
  text(stream: GuestStream): string {
    return this.#textFrom(stream, 0)
  }

  /** Tells what was written since the last call, if anything. It ends between characters, as every write does. */
  tellNew(onOutput: (stream: GuestStream, text: string) => void): void {
    Atomics.store(this.#header, NOTICE_WORD, 0)
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#textFrom(stream, this.#toldBytes[stream])
      this.#toldBytes[stream] += Buffer.byteLength(text)
      if (text !== '') onOutput(stream, text)
    }
  }

  /** Whether a stream was cut. */
  isTruncated(stream: GuestStream): boolean {
    return Atomics.load(this.#header, wordOf(stream) + 1) === 1
  }

  #textFrom(stream: GuestStream, startBytes: number): string {
    const usedBytes = Atomics.load(this.#header, wordOf(stream))
    return Buffer.from(this.#bytes[stream].slice(startBytes, usedBytes)).toString('utf8')
  }
}

function wordOf(stream: GuestStream): number {
  return stream === 'stdout' ? 0 : 2
}
