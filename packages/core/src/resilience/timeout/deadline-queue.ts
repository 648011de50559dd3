import type { Clock, ScheduledTimer } from '../../time/index.ts'

/** Something with a deadline, as its place in a {@link DeadlineQueue}. */
export abstract class Deadline {
  /** In milliseconds of the queue's monotonic clock; for the queue alone to set. */
  dueMs = 0
  before: Deadline | undefined
  after: Deadline | undefined

  /** Called once at the deadline, unless it was taken out before. */
  abstract expire(): void
}

/**
 * Deadlines that all lie equally far ahead, so that they fall due in the order they come: a linked list with one timer
 * for its head in place of a timer for each.
 */
export class DeadlineQueue {
  readonly #clock: Clock
  readonly #timeoutMs: number
  #head: Deadline | undefined
  #tail: Deadline | undefined
  #timer: ScheduledTimer | undefined

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  add(deadline: Deadline): void {
    deadline.dueMs = this.#clock.monotonicMs() + this.#timeoutMs
    deadline.before = this.#tail
    if (this.#tail === undefined) this.#head = deadline
    else this.#tail.after = deadline
    this.#tail = deadline
    if (this.#timer === undefined) this.#timer = this.#clock.schedule(this.#timeoutMs, this.#onDue)
    else if (this.#head === deadline) this.#timer.hold?.(true)
  }

  /** Takes it out; without effect if it is out already. */
  remove(deadline: Deadline): void {
    const { before, after } = deadline
    if (before === undefined && this.#head !== deadline) return
    if (before === undefined) this.#head = after
    else before.after = after
    if (after === undefined) this.#tail = before
    else after.before = before
    deadline.before = undefined
    deadline.after = undefined
    if (this.#head !== undefined) return
    if (this.#timer?.hold !== undefined) {
      // Left to wait for the next deadline: calls that follow one another then need no timer each.
      this.#timer.hold(false)
      return
    }
    this.#timer?.cancel()
    this.#timer = undefined
  }

  readonly #onDue = (): void => {
    this.#timer = undefined
    const nowMs = this.#clock.monotonicMs()
    const due: Deadline[] = []
    for (let one = this.#head; one !== undefined && one.dueMs <= nowMs; one = this.#head) {
      this.remove(one)
      due.push(one)
    }
    if (this.#head !== undefined) {
      this.#timer = this.#clock.schedule(Math.max(0, this.#head.dueMs - nowMs), this.#onDue)
    }
    for (const one of due) one.expire()
  }
}
