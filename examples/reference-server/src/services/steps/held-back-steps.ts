import type { StepSort } from '@golden-arch/core/tasks'
import { type Clock, systemClock } from '@golden-arch/core/time'

/** Which steps this process leaves alone for a while, as the last one of their tenant and kind could not begin. */
export class HeldBackSteps {
  readonly #until = new Map<string, StepSort & { readonly atMs: number }>()
  readonly #clock: Clock

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Leaves steps of this tenant and kind alone for so many milliseconds. */
  add({ tenantId, kind }: StepSort, forMs: number): void {
    const atMs = this.#clock.monotonicMs() + forMs
    this.#until.set(nameOf({ tenantId, kind }), { tenantId, kind, atMs })
  }

  /** Lets steps of this tenant and kind begin again; whether they were held back. */
  remove(sort: StepSort): boolean {
    return this.#until.delete(nameOf(sort))
  }

  /** What is left alone now. */
  sorts(): readonly StepSort[] {
    const nowMs = this.#clock.monotonicMs()
    for (const [name, { atMs }] of this.#until) if (atMs <= nowMs) this.#until.delete(name)
    return [...this.#until.values()]
  }
}

function nameOf({ tenantId, kind }: StepSort): string {
  return JSON.stringify([tenantId, kind])
}
