/** The controllers that streams handed out still need, for as long as somebody holds the stream. */
const KEPT = new WeakMap<object, AbortController>()
const COLLECTED = new FinalizationRegistry<() => void>((unlink) => unlink())

/** A signal of its own for one attempt, which also fires with the signal above it. */
export class LinkedAbort {
  readonly #controller = new AbortController()
  readonly #parent: AbortSignal | undefined
  readonly #onAbort: (() => void) | undefined

  constructor(parent: AbortSignal | undefined) {
    this.#parent = parent
    if (parent === undefined) return
    if (parent.aborted) {
      this.#controller.abort(parent.reason)
      return
    }
    this.#onAbort = () => this.#controller.abort(parent.reason)
    parent.addEventListener('abort', this.#onAbort, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason)
    this.#unlink()
  }

  /**
   * The attempt has ended. With a stream as its result the signal goes on following the one above it, for as long as
   * the stream is not collected: the caller must be able to end what is still being read.
   */
  release(result?: unknown): void {
    const parent = this.#parent
    const onAbort = this.#onAbort
    if (parent === undefined || onAbort === undefined) return
    this.#unlink()
    if (parent.aborted || !isOpenEnded(result)) return
    KEPT.set(result, this.#controller)
    const followed = follow(parent, this.#controller)
    COLLECTED.register(result, followed)
  }

  #unlink(): void {
    if (this.#onAbort !== undefined) this.#parent?.removeEventListener('abort', this.#onAbort)
  }
}

/** Apart from the class, so that the listener holds nothing but a weak reference. */
function follow(parent: AbortSignal, controller: AbortController): () => void {
  const weak = new WeakRef(controller)
  const onAbort = (): void => weak.deref()?.abort(parent.reason)
  parent.addEventListener('abort', onAbort, { once: true })
  return () => parent.removeEventListener('abort', onAbort)
}

function isOpenEnded(result: unknown): result is object {
  if (typeof result !== 'object' || result === null) return false
  return Symbol.asyncIterator in result || result instanceof Response
}
