import { decideSlidingLog, type LimitVerdict } from '../decide-sliding-log.ts'
import { RecentMap } from '../recent-map.ts'

interface KeyLog {
  /** When this process admitted calls, ascending. */
  readonly admittedAtMs: number[]
  /** Until when a call that was admitted without asking anybody lies in the window. */
  aloneUntilMs: number
}

/**
 * What this process itself has admitted, whoever decided. By it a process that is left alone knows what it has given
 * away already, and one that is back knows what the others do not.
 */
export class ProcessLog {
  readonly #logs: RecentMap<KeyLog>

  constructor(maxKeys: number) {
    this.#logs = new RecentMap(maxKeys)
  }

  /** Whether a call of `key` that was admitted alone still lies in the window. */
  isAlone(key: string, nowMs: number): boolean {
    const log = this.#logs.get(key)
    return log !== undefined && nowMs < log.aloneUntilMs
  }

  /** Takes one of `share` calls, if there is one left. */
  take(key: string, share: number, windowMs: number, nowMs: number): LimitVerdict {
    const log = this.#open(key)
    const verdict = decideSlidingLog(log.admittedAtMs, share, windowMs, nowMs)
    log.admittedAtMs.splice(0, verdict.expiredCount)
    if (verdict.allowed) log.admittedAtMs.push(nowMs)
    return verdict
  }

  /** Marks the last call taken as admitted without asking anybody. */
  markAlone(key: string, windowMs: number, nowMs: number): void {
    this.#open(key).aloneUntilMs = nowMs + windowMs
  }

  /** Gives back a call that was taken at `atMs` and not admitted after all. */
  giveBack(key: string, atMs: number): void {
    const times = this.#logs.get(key)?.admittedAtMs ?? []
    const index = times.lastIndexOf(atMs)
    if (index >= 0) times.splice(index, 1)
  }

  /** Notes a call that others decided on; no more than `limit` are kept. */
  note(key: string, limit: number, windowMs: number, nowMs: number): void {
    const { admittedAtMs } = this.#open(key)
    const isFirstOver = nowMs - (admittedAtMs[0] ?? nowMs) >= windowMs
    if (isFirstOver || admittedAtMs.length >= limit) admittedAtMs.shift()
    admittedAtMs.push(nowMs)
  }

  #open(key: string): KeyLog {
    const log = this.#logs.get(key) ?? { admittedAtMs: [], aloneUntilMs: Number.NEGATIVE_INFINITY }
    this.#logs.set(key, log)
    return log
  }
}
