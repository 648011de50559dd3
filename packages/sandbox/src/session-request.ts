import { checkInputs } from './check-inputs.ts'
import { checkCode, checkFieldNames, checkLimitNames, checkName, checkOrigin } from './check-request.ts'
import type { ExecutionLimits } from './execution-limits.ts'
import type { ExecutionRequest } from './execution-request.ts'
import type { SandboxBackend } from './ports/sandbox-backend.ts'
import { SandboxError } from './sandbox-error.ts'

/** What a session is opened with. */
export interface SessionRequest
  extends Pick<
    ExecutionRequest,
    'tenantId' | 'role' | 'priority' | 'language' | 'files' | 'env' | 'limits' | 'minimumIsolation'
  > {
  /** Names the session: 1 to 48 letters, digits, `_` and `-`, the first a letter or digit. Default a random one. */
  readonly sessionId?: string | undefined
  /** Milliseconds without a step after which the session ends, 1000 to 3600000. Default 300000 (5 minutes). */
  readonly idleTimeoutMs?: number | undefined
  /** Milliseconds after which it ends whatever it does, 1000 to 86400000. Default 3600000 (1 hour). */
  readonly lifetimeMs?: number | undefined
}

/** Limits that may differ from step to step; memory and stack are the session's. */
export type SessionStepLimits = Omit<ExecutionLimits, 'memoryLimitBytes' | 'stackLimitBytes'>

const STEP_LIMIT_NAMES: ReadonlySet<string> = new Set<keyof SessionStepLimits>([
  'timeoutMs',
  'cpuTimeMs',
  'stdoutLimitBytes',
  'stderrLimitBytes',
  'valueLimitBytes',
])
const SESSION_FIELDS: ReadonlySet<string> = new Set<keyof SessionRequest>([
  'sessionId',
  'tenantId',
  'role',
  'priority',
  'language',
  'files',
  'env',
  'limits',
  'minimumIsolation',
  'idleTimeoutMs',
  'lifetimeMs',
])
const MAX_SESSION_ID_LENGTH = 48

/**
 * Fills in the times that were not asked for, if each field keeps its rule; the ranges of limits are the backend's to check.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID` for the first field that does not.
 */
export function resolveSessionTimes(
  request: SessionRequest,
  { id, sessionLanguages = [], acceptedInputs }: SandboxBackend,
): { readonly idleTimeoutMs: number; readonly lifetimeMs: number } {
  checkFieldNames(request, SESSION_FIELDS)
  const { sessionId, language, idleTimeoutMs = 300_000, lifetimeMs = 3_600_000 } = request
  if (sessionId !== undefined) {
    checkName('sessionId', sessionId)
    if (sessionId.length > MAX_SESSION_ID_LENGTH) {
      throw SandboxError.requestInvalid('sessionId', `at most ${MAX_SESSION_ID_LENGTH} characters`)
    }
  }
  checkOrigin(request)
  if (!sessionLanguages.includes(language)) {
    const offered = sessionLanguages.length === 0 ? 'none' : `one of ${sessionLanguages.join(', ')}`
    throw SandboxError.requestInvalid('language', `a language of ${id}'s sessions: ${offered}`)
  }
  checkInputs({ files: request.files, env: request.env }, acceptedInputs)
  checkLimitNames(request.limits)
  checkTime('idleTimeoutMs', idleTimeoutMs, 3_600_000)
  checkTime('lifetimeMs', lifetimeMs, 86_400_000)
  return { idleTimeoutMs, lifetimeMs }
}

/**
 * Checks one step of a session.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID`
 */
export function checkStep(code: unknown, limits: Partial<SessionStepLimits> | undefined): void {
  checkCode(code)
  checkLimitNames(limits, STEP_LIMIT_NAMES)
}

function checkTime(field: string, value: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < 1000 || value > max) {
    throw SandboxError.requestInvalid(field, `an integer from 1000 to ${max}`)
  }
}
