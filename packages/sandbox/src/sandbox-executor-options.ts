import {
  type Complete,
  InvalidOptionError,
  isGoldenError,
  requireInteger,
  requireMethods,
  requireOneOf,
  withDefaults,
} from '@golden-arch/core/errors'
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

/** What a {@link SandboxExecutor} is built from. */
export interface SandboxExecutorOptions {
  /** Where guests run. It serves this executor alone, which does not close it. */
  readonly backend: SandboxBackend
  /** The weakest isolation that will do. Default: what the backend gives. */
  readonly minimumIsolation?: IsolationLevel | undefined
  /** Limits of executions that ask for no others. Default the backend's own. */
  readonly limits?: Partial<ExecutionLimits> | undefined
  /** Executions that run at one time, 1 to the backend's own `maxConcurrent`, which is the default. */
  readonly maxConcurrent?: number | undefined
  /**
   * Executions that may wait, 0 to 100000. Default 100. Once so many wait, a tenant gets in only in place of the newest of one that has
   * two more waiting.
   */
  readonly maxQueueLength?: number | undefined
  /** Longest wait for a turn in milliseconds, 1 to 3600000. Default 30000 (30 seconds). */
  readonly maxQueueWaitMs?: number | undefined
  /** Sessions that may be open at one time, 1 to `maxConcurrent`. Default one less than that, so that executions go on; 1 at least. */
  readonly maxSessions?: number | undefined
  /** How often each role may execute, for each tenant by itself; a role without a limit, and no role, as often as it likes. Default: none. */
  readonly rateLimits?: RoleRateLimits | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Where log lines go. Default: none. */
  readonly logger?: Logger | undefined
  /** Where measurements go. Default: none. */
  readonly metrics?: Metrics | undefined
  /** Each execution is a span. Default: none. */
  readonly tracer?: Tracer | undefined
}

/** The values used where none are given. */
const DEFAULT_SANDBOX_EXECUTOR_OPTIONS = Object.freeze({
  backend: undefined,
  minimumIsolation: undefined,
  limits: {},
  maxConcurrent: undefined,
  maxQueueLength: 100,
  maxQueueWaitMs: 30_000,
  maxSessions: undefined,
  rateLimits: {},
  clock: systemClock,
  logger: silentLogger,
  metrics: silentMetrics,
  tracer: silentTracer,
} as const)

/** The options with every default filled in. */
export interface ResolvedSandboxExecutorOptions extends Complete<SandboxExecutorOptions> {
  readonly limits: ExecutionLimits
}

/**
 * Fills in the defaults and checks the rest.
 * @throws InvalidOptionError `INVALID_OPTION`; SandboxError `SANDBOX_ISOLATION_UNAVAILABLE` where the backend
 * is weaker than `minimumIsolation`.
 */
export function resolveSandboxExecutorOptions(
  options: SandboxExecutorOptions,
): ResolvedSandboxExecutorOptions {
  const given = withDefaults(options, DEFAULT_SANDBOX_EXECUTOR_OPTIONS)
  const backend = requireMethods('backend', given.backend, ['acquire', 'resolveLimits'])
  const minimumIsolation = given.minimumIsolation ?? backend.isolation
  requireOneOf('minimumIsolation', minimumIsolation, ISOLATION_LEVELS)
  requireIsolation(backend, minimumIsolation)
  const maxConcurrent = given.maxConcurrent ?? backend.maxConcurrent
  requireInteger('maxConcurrent', maxConcurrent, { min: 1, max: backend.maxConcurrent })
  const maxSessions = given.maxSessions ?? Math.max(1, maxConcurrent - 1)
  requireInteger('maxQueueLength', given.maxQueueLength, { max: 100_000 })
  requireInteger('maxQueueWaitMs', given.maxQueueWaitMs, { min: 1, max: 3_600_000 })
  return {
    ...given,
    minimumIsolation,
    limits: requireLimits(backend, given.limits),
    maxConcurrent,
    maxSessions: requireInteger('maxSessions', maxSessions, { min: 1, max: maxConcurrent }),
    rateLimits: requireRoleRateLimits(given.rateLimits),
  }
}

function requireLimits(backend: SandboxBackend, limits: Partial<ExecutionLimits>): ExecutionLimits {
  try {
    checkLimitNames(limits)
    return backend.resolveLimits(limits)
  } catch (error) {
    if (!isGoldenError(error, 'SANDBOX_REQUEST_INVALID')) throw error
    throw new InvalidOptionError('limits', `what the backend takes: ${error.message}`, limits)
  }
}
