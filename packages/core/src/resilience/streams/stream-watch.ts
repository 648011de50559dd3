/** Who watches a stream. */
export interface StreamObserver {
  /** The watch begins; `giveUp` ends it as failed, also where its reader takes no more steps. */
  began(giveUp: (error: Error) => void): void
  /** Waits for the next chunk; may end the wait with an error of its own. */
  wait<T>(step: PromiseLike<T>): PromiseLike<T>
  /** A chunk came. */
  progressed(): void
  /** The stream came to its end, or its reader stopped after a chunk at least: the service did its part. */
  succeeded(): void
  /** The reader stopped before the first chunk, so nothing is known. */
  stopped(): void
  /** The stream failed; gives the error that its reader gets. */
  failed(error: unknown): unknown
}

/** Notes how one stream ends, once, however many readers it has. */
export class StreamWatch {
  readonly #observer: StreamObserver
  #hasChunk = false
  #isOver = false

  constructor(observer: StreamObserver) {
    this.#observer = observer
    observer.began((error) => this.fail(error))
  }

  /** Takes one step of the stream and notes what came of it. */
  async step<R extends { readonly done?: boolean | undefined }>(take: () => PromiseLike<R> | R): Promise<R> {
    let result: R
    try {
      // The step is taken within a promise, so that one that throws at once is a failed stream too.
      result = await this.#observer.wait(Promise.resolve().then(take))
    } catch (error) {
      throw this.fail(error)
    }
    if (result.done === true) this.finish()
    else {
      this.#hasChunk = true
      if (!this.#isOver) this.#observer.progressed()
    }
    return result
  }

  /** The stream came to its end. */
  finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#observer.succeeded()
  }

  /** The reader wants no more. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#hasChunk) this.#observer.succeeded()
    else this.#observer.stopped()
  }

  /** The stream failed; gives the error that its reader gets. */
  fail(error: unknown): unknown {
    if (this.#isOver) return error
    this.#isOver = true
    return this.#observer.failed(error)
  }
}
