import { AsyncLocalStorage } from 'node:async_hooks'
import { StorageError } from '../storage-error.ts'

/** Knows whether a call to the database comes from inside one of its own transactions or sessions. */
export class RootUseGuard {
  readonly #inside = new AsyncLocalStorage<{ isOpen: boolean }>()

  /** Runs `run` as the inside of a transaction or session. What it leaves running afterwards is outside again. */
  async runInside<T>(run: () => Promise<T>): Promise<T> {
    const mark = { isOpen: true }
    try {
      return await this.#inside.run(mark, run)
    } finally {
      mark.isOpen = false
    }
  }

  /** Throws `ROOT_DATABASE_IN_TRANSACTION` inside: there the call would miss the transaction, or wait for it for ever. */
  requireOutside(): void {
    if (this.#inside.getStore()?.isOpen !== true) return
    throw StorageError.of(
      'ROOT_DATABASE_IN_TRANSACTION',
      'inside a transaction or session use what it was given, not the database itself',
    )
  }
}
