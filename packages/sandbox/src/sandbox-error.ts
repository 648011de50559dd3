import { GoldenError } from '@golden-arch/core/errors'
import type { IsolationLevel } from './isolation.ts'

/** Codes of the errors of this package. What the guest does is never one of them: that is a result. */
export type SandboxErrorCode =
  | 'SANDBOX_CLOSED'
  | 'SANDBOX_INFRA'
  | 'SANDBOX_ISOLATION_UNAVAILABLE'
  | 'SANDBOX_QUEUE_FULL'
  | 'SANDBOX_QUEUE_TIMEOUT'
  | 'SANDBOX_RATE_LIMITED'
  | 'SANDBOX_REQUEST_INVALID'
  | 'SANDBOX_SESSION_BUSY'
  | 'SANDBOX_SESSION_ENDED'
  | 'SANDBOX_SESSIONS_FULL'

/** Why a session takes no more steps. */
export type SessionEnd =
  | 'closed'
  | 'executor-closed'
  | 'failed'
  | 'guest-ended'
  | 'idle'
  | 'lifetime'
  | 'stopped'

/** The host could not, or would not, carry out an execution. */
export class SandboxError<Code extends SandboxErrorCode = SandboxErrorCode> extends GoldenError<Code> {
  /**
   * `SANDBOX_REQUEST_INVALID`: a field of an execution request breaks its rule; details `field` and `rule`. Unlike
   * `INVALID_OPTION`, which is the host's own mistake, it is one of whoever wrote the request, often a model, and may be
   * answered there: it never repeats what was received, which is not to be trusted.
   */
  static requestInvalid(field: string, rule: string): SandboxError<'SANDBOX_REQUEST_INVALID'> {
    return new SandboxError({
      code: 'SANDBOX_REQUEST_INVALID',
      message: `request field ${field} must be ${rule}`,
      details: { field, rule },
    })
  }

  /** `SANDBOX_ISOLATION_UNAVAILABLE`: the isolation asked for is stronger than the backend's; nothing ran. */
  static isolationUnavailable(
    required: IsolationLevel,
    available: IsolationLevel,
    backend: string,
  ): SandboxError<'SANDBOX_ISOLATION_UNAVAILABLE'> {
    return new SandboxError({
      code: 'SANDBOX_ISOLATION_UNAVAILABLE',
      message: `isolation ${required} or stronger was asked for, backend ${backend} gives ${available}`,
      details: { required, available, backend },
    })
  }

  /** `SANDBOX_RATE_LIMITED` (retryable): the role may not execute again yet; `retryAfterMs` until it may. Nothing ran. */
  static rateLimited(role: string, retryAfterMs: number): SandboxError<'SANDBOX_RATE_LIMITED'> {
    return new SandboxError({
      code: 'SANDBOX_RATE_LIMITED',
      message: `role ${role} may execute again in ${retryAfterMs} ms`,
      retryable: true,
      details: { role, retryAfterMs },
    })
  }

  /**
   * `SANDBOX_QUEUE_FULL` (retryable): as many executions wait as may; `retryAfterMs` says when asking again is
   * worthwhile, an estimate from recent executions.
   */
  static queueFull(maxQueueLength: number, retryAfterMs: number): SandboxError<'SANDBOX_QUEUE_FULL'> {
    return new SandboxError({
      code: 'SANDBOX_QUEUE_FULL',
      message: `${maxQueueLength} executions already wait`,
      retryable: true,
      details: { maxQueueLength, retryAfterMs },
    })
  }

  /** `SANDBOX_QUEUE_TIMEOUT` (retryable): no turn came within `maxQueueWaitMs`; the guest never ran. */
  static queueTimeout(maxQueueWaitMs: number): SandboxError<'SANDBOX_QUEUE_TIMEOUT'> {
    return new SandboxError({
      code: 'SANDBOX_QUEUE_TIMEOUT',
      message: `no turn within ${maxQueueWaitMs} ms`,
      retryable: true,
      details: { maxQueueWaitMs },
    })
  }

  /** `SANDBOX_CLOSED`: the executor or backend takes no more work. */
  static closed(what: string): SandboxError<'SANDBOX_CLOSED'> {
    return new SandboxError({ code: 'SANDBOX_CLOSED', message: `${what} is closed` })
  }

  /** `SANDBOX_SESSIONS_FULL` (retryable): as many sessions are open as may be at one time. */
  static sessionsFull(maxSessions: number): SandboxError<'SANDBOX_SESSIONS_FULL'> {
    return new SandboxError({
      code: 'SANDBOX_SESSIONS_FULL',
      message: `${maxSessions} sessions are open already`,
      retryable: true,
      details: { maxSessions },
    })
  }

  /** `SANDBOX_SESSION_BUSY` (retryable): another step of the session runs; nothing ran. */
  static sessionBusy(): SandboxError<'SANDBOX_SESSION_BUSY'> {
    return new SandboxError({
      code: 'SANDBOX_SESSION_BUSY',
      message: 'another step of the session runs',
      retryable: true,
    })
  }

  /** `SANDBOX_SESSION_ENDED`: the session takes no more steps, as `details.end` says; its state is gone, so another must be opened. */
  static sessionEnded(end: SessionEnd): SandboxError<'SANDBOX_SESSION_ENDED'> {
    return new SandboxError({
      code: 'SANDBOX_SESSION_ENDED',
      message: `the session has ended: ${end}`,
      details: { end },
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
