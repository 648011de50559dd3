import { GoldenError } from '@golden-arch/core/errors'
import type { IsolationLevel } from './isolation.ts'

/** Codes of the errors of this package. What the guest does is never one of them: that is a result. */
export type SandboxErrorCode =
  | 'INVALID_REQUEST'
  | 'ISOLATION_UNAVAILABLE'
  | 'QUEUE_FULL'
  | 'QUEUE_TIMEOUT'
  | 'RATE_LIMITED'
  | 'SANDBOX_CLOSED'
  | 'SANDBOX_INFRA'
  | 'SESSION_BUSY'
  | 'SESSION_ENDED'
  | 'TOO_MANY_SESSIONS'

/** The host could not, or would not, carry out an execution. */
export class SandboxError<Code extends SandboxErrorCode = SandboxErrorCode> extends GoldenError<Code> {
  /** `QUEUE_TIMEOUT` (retryable): no turn came within `maxQueueWaitMs`; the guest never ran. */
  static queueTimeout(maxQueueWaitMs: number): SandboxError<'QUEUE_TIMEOUT'> {
    return new SandboxError({
      code: 'QUEUE_TIMEOUT',
      message: `no turn within ${maxQueueWaitMs} ms`,
      retryable: true,
      details: { maxQueueWaitMs },
    })
  }

  /** `SANDBOX_CLOSED`: the executor or backend takes no more work. */
  static closed(what: string): SandboxError<'SANDBOX_CLOSED'> {
    return new SandboxError({ code: 'SANDBOX_CLOSED', message: `${what} is closed` })
  }

  /** `TOO_MANY_SESSIONS` (retryable): as many sessions are open as may be at one time. */
  static tooManySessions(maxSessions: number): SandboxError<'TOO_MANY_SESSIONS'> {
    return new SandboxError({
      code: 'TOO_MANY_SESSIONS',
      message: `${maxSessions} sessions are open already`,
      retryable: true,
      details: { maxSessions },
    })
  }

  /** `SESSION_BUSY` (retryable): another step of the session runs; nothing ran. */
  static sessionBusy(): SandboxError<'SESSION_BUSY'> {
    return new SandboxError({
      code: 'SESSION_BUSY',
      message: 'another step of the session runs',
      retryable: true,
    })
  }

  /**
   * `SANDBOX_INFRA` (retryable): the machinery around the guest failed. The guest may have run, in part or in
   * whole; it is never run again without the caller asking.
   */
  static infra(message: string, cause?: unknown): SandboxError<'SANDBOX_INFRA'> {
    return new SandboxError({
      code: 'SANDBOX_INFRA',
      message,
      retryable: true,
      ...(cause === undefined ? {} : { cause }),
    })
  }
}

/** Why a session takes no more steps. */
export type SessionEnd =
  | 'closed'
  | 'executor-closed'
  | 'failed'
  | 'guest-ended'
  | 'idle'
  | 'lifetime'
  | 'never-opened'
  | 'stopped'

/** The session takes no more steps. Code `SESSION_ENDED`; its state is gone, so another session must be opened. */
export class SessionEndedError extends SandboxError<'SESSION_ENDED'> {
  /** Why it ended. */
  readonly end: SessionEnd

  constructor(end: SessionEnd) {
    super({ code: 'SESSION_ENDED', message: `the session has ended: ${end}`, details: { end } })
    this.end = end
  }
}

/**
 * A field of an execution request breaks its rule. Code `INVALID_REQUEST`; details `field` and `rule`. Unlike `INVALID_OPTION`, which
 * is the host's own mistake, it is one of whoever wrote the request, often a model, and may be answered there: it never repeats
 * what was received, which is not to be trusted.
 */
export class InvalidRequestError extends SandboxError<'INVALID_REQUEST'> {
  constructor(field: string, rule: string) {
    super({
      code: 'INVALID_REQUEST',
      message: `request field ${field} must be ${rule}`,
      details: { field, rule },
    })
  }
}

/** The isolation asked for is stronger than the backend's. Code `ISOLATION_UNAVAILABLE`; nothing ran. */
export class IsolationUnavailableError extends SandboxError<'ISOLATION_UNAVAILABLE'> {
  constructor(required: IsolationLevel, available: IsolationLevel, backend: string) {
    super({
      code: 'ISOLATION_UNAVAILABLE',
      message: `isolation ${required} or stronger was asked for, backend ${backend} gives ${available}`,
      details: { required, available, backend },
    })
  }
}

/** The queue is full. Code `QUEUE_FULL` (retryable); `retryAfterMs` says when asking again is worthwhile: an estimate from recent executions. */
export class QueueFullError extends SandboxError<'QUEUE_FULL'> {
  constructor(maxQueueLength: number, retryAfterMs: number) {
    super({
      code: 'QUEUE_FULL',
      message: `${maxQueueLength} executions already wait`,
      retryable: true,
      details: { maxQueueLength, retryAfterMs },
    })
  }
}

/** The role's rate limit does not allow another execution yet. Code `RATE_LIMITED` (retryable), `retryAfterMs` until the next is; nothing ran. */
export class RateLimitedError extends SandboxError<'RATE_LIMITED'> {
  constructor(role: string, retryAfterMs: number) {
    super({
      code: 'RATE_LIMITED',
      message: `role ${role} may execute again in ${retryAfterMs} ms`,
      retryable: true,
      details: { role, retryAfterMs },
    })
  }
}
