import { noteStreamedFailure } from '../failure/streamed-failure.ts'

/**
 * Waits for the first chunk of a stream and gives the whole stream. Used inside a call that is retried, it makes a
 * failure before the first chunk one of the call, so that the call is made again; a failure after it reaches the reader
 * and is never retried, wherever the reader stands.
 * @throws what the first chunk fails with.
 */
export async function startStream<Chunk>(
  stream: AsyncIterable<Chunk>,
): Promise<AsyncIterableIterator<Chunk>> {
  const iterator = stream[Symbol.asyncIterator]()
  return new StartedStream(await iterator.next(), iterator)
}

class StartedStream<Chunk> implements AsyncIterableIterator<Chunk> {
  #first: IteratorResult<Chunk, unknown> | undefined
  readonly #rest: AsyncIterator<Chunk, unknown>

  constructor(first: IteratorResult<Chunk, unknown>, rest: AsyncIterator<Chunk, unknown>) {
    this.#first = first
    this.#rest = rest
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Chunk, unknown>> {
    const first = this.#first
    if (first !== undefined) {
      this.#first = undefined
      return first
    }
    try {
      return await this.#rest.next()
    } catch (error) {
      noteStreamedFailure(error)
      throw error
    }
  }

  async return(): Promise<IteratorResult<Chunk, unknown>> {
    this.#first = undefined
    return (await this.#rest.return?.()) ?? { done: true, value: undefined }
  }
}
