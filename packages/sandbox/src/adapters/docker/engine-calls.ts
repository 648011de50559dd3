import { type Clock, withDeadline } from '@golden-arch/core/time'
import { SandboxError } from '../../sandbox-error.ts'

/** Asks the engine, each time with a deadline, and turns whatever goes wrong into `SANDBOX_INFRA`. */
export class EngineCalls {
  /** What its waits are measured by. */
  readonly clock: Clock
  readonly #timeoutMs: number

  constructor(clock: Clock, timeoutMs: number) {
    this.clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** @throws SandboxError `SANDBOX_INFRA` when the engine refuses, fails or does not answer in time. */
  async ask<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await withDeadline({ timeoutMs: this.#timeoutMs, clock: this.clock }, call)
    } catch (cause) {
      throw SandboxError.infra(`the container engine could not ${what}: ${messageOf(cause)}`, cause)
    }
  }
}

/** Whether the engine said that it does not know the container. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404
}

/** Whether the engine said that the container's state already is what was asked for, or is on its way there. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 300) : 'no reason given'
}
