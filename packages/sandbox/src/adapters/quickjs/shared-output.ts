import { OutputLimiter } from '../../output-limiter.ts'

const HEADER_WORDS = 4
const HEADER_BYTES = HEADER_WORDS * Int32Array.BYTES_PER_ELEMENT

/** Which stream a guest writes to. */
export type OutputStream = 'stdout' | 'stderr'

/**
 * The guest's two streams in memory that the worker writes and the host reads, so that nothing written is lost
 * when the worker is killed. Layout: four 32-bit words (bytes used and a truncation flag for each), then the bytes.
 */
export class SharedOutput {
  readonly buffer: SharedArrayBuffer
  readonly #header: Int32Array
  readonly #bytes: Readonly<Record<OutputStream, Uint8Array>>

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

  /** A function that writes to one of the streams and returns whether all of the text was taken. */
  writer(stream: OutputStream): (text: string) => boolean {
    const limiter = new OutputLimiter(this.#bytes[stream])
    const word = wordOf(stream)
    return (text) => {
      limiter.write(text)
      Atomics.store(this.#header, word, limiter.usedBytes)
      Atomics.store(this.#header, word + 1, limiter.isTruncated ? 1 : 0)
      return !limiter.isTruncated
    }
  }

  /** What a stream holds. */
  text(stream: OutputStream): string {
    const usedBytes = Atomics.load(this.#header, wordOf(stream))
    return Buffer.from(this.#bytes[stream].slice(0, usedBytes)).toString('utf8')
  }

  /** Whether a stream was cut. */
  isTruncated(stream: OutputStream): boolean {
    return Atomics.load(this.#header, wordOf(stream) + 1) === 1
  }
}

function wordOf(stream: OutputStream): number {
  return stream === 'stdout' ? 0 : 2
}
