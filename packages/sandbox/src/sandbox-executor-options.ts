import { InvalidOptionError, requireInteger, requireOneOf } from '@golden-arch/core/errors'
import {
  type Logger,
  type Metrics,
  silentLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { checkLimitNames } from './check-request.ts'
import type { ExecutionLimits } from './execution-limits.ts'
import { ISOLATION_LEVELS, type IsolationLevel } from './isolation.ts'
import type { SandboxBackend } from './ports/sandbox-backend.ts'
import { requireIsolation } from './require-isolation.ts'
import { type RoleRateLimits, requireRoleRateLimits } from './role-limiter.ts'
import { InvalidRequestError } from './sandbox-error.ts'

/** What a {@link SandboxExecutor} is built from. */
export interface SandboxExecutorOptions {
  /** Where guests run. It serves this executor alone, which does not close it. */
  readonly backend: SandboxBackend
  /** The weakest isolation that will do. Default: what the backend gives. */
  readonly minimumIsolation?: IsolationLevel
  /** Limits of executions that ask for no others. Default the backend's own. */
  readonly limits?: Partial<ExecutionLimits>
  /** Executions that run at one time, 1 to the backend's own `maxConcurrent`, which is the default. */
  readonly maxConcurrent?: number
  /**
   * Executions that may wait, 0 to 100000. Default 100. Once so many wait, a tenant gets in only in place of the newest of one that has
   * two more waiting.
   */
  readonly maxQueueLength?: number
  /** Longest wait for a turn in milliseconds, 1 to 3600000. Default 30000 (30 seconds). */
  readonly maxQueueWaitMs?: number
  /** Sessions that may be open at one time, 1 to `maxConcurrent`. Default one less than that, so that executions go on; 1 at least. */
  readonly maxSessions?: number
  /** How often each role may execute, for each tenant by itself; a role without a limit, and no role, as often as it likes. Default none. */
  readonly rateLimits?: RoleRateLimits
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** Where log lines go. Default nowhere. */
  readonly logger?: Logger
  /** Where measurements go. Default nowhere. */
  readonly metrics?: Metrics
  /** Each execution is a span. Default none. */
  readonly tracer?: Tracer
}

/** The options with every default filled in. */
export interface ResolvedSandboxExecutorOptions extends Required<SandboxExecutorOptions> {
  readonly limits: ExecutionLimits
}

const DEFAULTS = { maxQueueLength: 100, maxQueueWaitMs: 30_000 } as const

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`; IsolationUnavailableError `ISOLATION_UNAVAILABLE` where the backend
 * is weaker than `minimumIsolation`.
 */
export function resolveSandboxExecutorOptions(
  options: SandboxExecutorOptions,
): ResolvedSandboxExecutorOptions {
  const { backend } = options
  if (typeof backend?.acquire !== 'function') {
    throw new InvalidOptionError('backend', 'a sandbox backend', backend)
  }
  const { maxQueueLength, maxQueueWaitMs } = { ...DEFAULTS, ...options }
  const minimumIsolation = options.minimumIsolation ?? backend.isolation
  requireOneOf('minimumIsolation', minimumIsolation, ISOLATION_LEVELS)
  requireIsolation(backend, minimumIsolation)
  const maxConcurrent = options.maxConcurrent ?? backend.maxConcurrent
  requireInteger('maxConcurrent', maxConcurrent, { min: 1, max: backend.maxConcurrent })
  const maxSessions = options.maxSessions ?? Math.max(1, maxConcurrent - 1)
  return {
    backend,
    minimumIsolation,
    limits: requireLimits(backend, options.limits ?? {}),
    maxConcurrent,
    maxSessions: requireInteger('maxSessions', maxSessions, { min: 1, max: maxConcurrent }),
    rateLimits: requireRoleRateLimits(options.rateLimits ?? {}),
    maxQueueLength: requireInteger('maxQueueLength', maxQueueLength, { max: 100_000 }),
    maxQueueWaitMs: requireInteger('maxQueueWaitMs', maxQueueWaitMs, { min: 1, max: 3_600_000 }),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? silentMetrics,
    tracer: options.tracer ?? silentTracer,
  }
}

function requireLimits(backend: SandboxBackend, limits: Partial<ExecutionLimits>): ExecutionLimits {
  try {
    checkLimitNames(limits)
    return backend.resolveLimits(limits)
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error
    throw new InvalidOptionError('limits', `what the backend takes: ${error.message}`, limits)
  }
}
