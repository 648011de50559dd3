import { isGoldenError } from '../errors/index.ts'
import { type Counter, METRICS } from '../observability/index.ts'
import type { SqlExecutor } from '../storage/index.ts'
import { type CloseOptions, requireDrainTimeout, type ScheduledTimer, withDeadline } from '../time/index.ts'
import { insertEntries } from './adapters/sql/insert-entries.ts'
import type { AuditEntry } from './audit-entry.ts'
import { AuditError } from './audit-error.ts'
import {
  type AuditWriterOptions,
  type ResolvedAuditWriterOptions,
  resolveAuditWriterOptions,
} from './audit-writer-options.ts'
import { sealPersonal } from './personal/personal-vault.ts'
import { storedEntry } from './stored-entry.ts'

interface WaitingEntry {
  readonly entry: AuditEntry
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Writes entries about acts that have no transaction of their own, such as a refused call, many in one statement. What a
 * process that dies had not resolved yet is not written; what was resolved is.
 */
export class AuditWriter {
  readonly #options: ResolvedAuditWriterOptions
  readonly #written: Counter
  #waiting: WaitingEntry[] = []
  #timer: ScheduledTimer | undefined
  #flushing: Promise<void> | undefined
  #isClosed = false

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: AuditWriterOptions) {
    this.#options = resolveAuditWriterOptions(options)
    this.#written = this.#options.metrics.counter(METRICS.auditEntriesWritten)
  }

  /**
   * Resolves once the entry is stored.
   * @throws AuditError `AUDIT_QUEUE_FULL` (retryable) at once, `AUDIT_WRITER_CLOSED`, `AUDIT_ENTRY_TOO_LARGE`,
   * `AUDIT_VAULT_MISSING`; StorageError by code, after `OUTCOME_UNKNOWN` the entry may be stored.
   */
  write(entry: AuditEntry): Promise<void> {
    const { maxQueueLength, maxBatchLength, lingerMs, clock } = this.#options
    if (this.#isClosed) return Promise.reject(writerClosed())
    if (this.#waiting.length >= maxQueueLength) return Promise.reject(queueFull(maxQueueLength))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject })
      if (this.#waiting.length >= maxBatchLength) this.#start()
      else this.#timer ??= clock.schedule(lingerMs, () => this.#start())
    })
  }

  /**
   * Takes no more entries, and resolves once those that wait are stored or refused: what still waits after
   * `drainTimeoutMs` is refused with `AUDIT_WRITER_CLOSED`. Calling it again waits again.
   * @throws InvalidOptionError `INVALID_OPTION` on a time out of its range.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const timeoutMs = requireDrainTimeout(options)
    this.#isClosed = true
    this.#start()
    try {
      await withDeadline({ timeoutMs, clock: this.#options.clock }, async () => this.#flushing)
    } catch {
      // The batch at hand ends by the time limit of its statement, and is told by itself.
      for (const one of this.#waiting) one.reject(writerClosed())
      this.#waiting = []
    }
  }

  /** As {@link AuditWriter.close} does, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #start(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#waiting.length > 0) this.#flushing ??= this.#flush()
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#options.maxBatchLength)
      this.#waiting = this.#waiting.slice(batch.length)
      await this.#store(batch)
    }
    // In one step with the look at the queue above: an entry that comes after it starts a flush of its own.
    this.#flushing = undefined
  }

  async #store(batch: readonly WaitingEntry[]): Promise<void> {
    try {
      await this.#insert(batch)
    } catch (error) {
      if (batch.length > 1 && isRefusal(error)) {
        // Nothing of the batch was stored, and one entry must not take the others with it.
        for (const one of batch) await this.#store([one])
        return
      }
      for (const one of batch) one.reject(error)
      return
    }
    this.#written.increment({}, batch.length)
    for (const one of batch) one.resolve()
  }

  async #insert(batch: readonly WaitingEntry[]): Promise<void> {
    const { database } = this.#options
    const entries = batch.map((one) => one.entry)
    if (entries.some((entry) => entry.personal !== undefined)) {
      await database.transaction((tx) => this.#insertWith(tx, entries))
    } else {
      await this.#insertWith(database, entries)
    }
  }

  async #insertWith(executor: SqlExecutor, entries: readonly AuditEntry[]): Promise<void> {
    const { redaction, vault } = this.#options
    const stored = []
    for (const entry of entries) {
      stored.push(storedEntry(entry, redaction, await sealPersonal(vault, executor, entry)))
    }
    await insertEntries(executor, stored)
  }
}

/** Whether the fault may be that of a single entry. An outage is that of all, and what may be stored must not be repeated. */
function isRefusal(error: unknown): boolean {
  if (isGoldenError(error, 'OUTCOME_UNKNOWN')) return false
  return !isGoldenError(error) || !error.retryable
}

function writerClosed(): AuditError {
  return new AuditError({ code: 'AUDIT_WRITER_CLOSED', message: 'the audit writer is closed' })
}

function queueFull(maxQueueLength: number): AuditError {
  return new AuditError({
    code: 'AUDIT_QUEUE_FULL',
    message: `${maxQueueLength} audit entries wait already`,
    retryable: true,
    details: { maxQueueLength },
  })
}
