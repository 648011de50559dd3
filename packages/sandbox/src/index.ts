export { checkRequest } from './check-request.ts'
export { defaultLimits, type ExecutionLimits, type LimitRange, type LimitRanges } from './execution-limits.ts'
export { EXECUTION_PRIORITIES, type ExecutionPriority } from './execution-priority.ts'
export type { ExecutionRequest, SandboxFile, SandboxInputFile, SandboxLanguage } from './execution-request.ts'
export type {
  ExecutionEvent,
  ExecutionResult,
  ExecutionStatus,
  ExecutionTimings,
  GuestError,
  GuestOutcome,
  GuestPlace,
  GuestStream,
  GuestUsage,
  JsonValue,
  Provenance,
  Truncation,
} from './execution-result.ts'
export { ISOLATION_LEVELS, type IsolationLevel, satisfiesIsolation } from './isolation.ts'
export { OutputLimiter } from './output-limiter.ts'
export type {
  AcceptedInputs,
  GuestProgram,
  OutputListener,
  SandboxBackend,
  SandboxBackendStats,
  SandboxLease,
  SessionLease,
  SessionOpening,
  SessionStep,
} from './ports/sandbox-backend.ts'
export type { SandboxRateLimit } from './rate-allowance.ts'
export { resolveLimits } from './resolve-limits.ts'
export type { RoleRateLimits } from './role-limiter.ts'
export { SandboxError, type SandboxErrorCode, type SessionEnd } from './sandbox-error.ts'
export {
  type ExecutionOptions,
  type OpenSessionOptions,
  SandboxExecutor,
  type SandboxExecutorStats,
} from './sandbox-executor.ts'
export type { SandboxExecutorOptions } from './sandbox-executor-options.ts'
export type { SandboxSession, SessionStepOptions } from './sandbox-session.ts'
export type { SessionRequest, SessionStepLimits } from './session-request.ts'
