import { checkInputs } from './check-inputs.ts'
import type { ExecutionLimits } from './execution-limits.ts'
import { EXECUTION_PRIORITIES } from './execution-priority.ts'
import type { ExecutionRequest, SandboxLanguage } from './execution-request.ts'
import { ISOLATION_LEVELS } from './isolation.ts'
import type { AcceptedInputs } from './ports/sandbox-backend.ts'
import { SandboxError } from './sandbox-error.ts'

/** The greatest program, in bytes of UTF-8: 1 MiB. */
export const MAX_CODE_BYTES = 1_048_576

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const CONTROL_CHARACTER = /\p{Cc}/u
const MAX_TENANT_ID_LENGTH = 128
const LIMIT_NAMES: ReadonlySet<string> = new Set<keyof ExecutionLimits>([
  'timeoutMs',
  'cpuTimeMs',
  'memoryLimitBytes',
  'stackLimitBytes',
  'stdoutLimitBytes',
  'stderrLimitBytes',
  'valueLimitBytes',
])

const REQUEST_FIELDS: ReadonlySet<string> = new Set<keyof ExecutionRequest>([
  'executionId',
  'tenantId',
  'role',
  'priority',
  'language',
  'code',
  'files',
  'stdin',
  'argv',
  'env',
  'limits',
  'minimumIsolation',
])

/**
 * Returns the request if each field keeps its rule; the ranges of limits are the backend's to check.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID` for the first field that does not.
 */
export function checkRequest(
  request: ExecutionRequest,
  languages: readonly SandboxLanguage[],
  accepted?: AcceptedInputs,
): ExecutionRequest {
  checkFieldNames(request, REQUEST_FIELDS)
  checkName('executionId', request.executionId)
  checkOrigin(request)
  if (!languages.includes(request.language)) {
    throw SandboxError.requestInvalid('language', `one of ${languages.join(', ')}`)
  }
  checkCode(request.code)
  checkInputs(request, accepted)
  checkLimitNames(request.limits)
  return request
}

/**
 * Checks that nothing is asked for that would be passed over, such as a limit in the wrong place.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID`
 */
export function checkFieldNames(request: object, names: ReadonlySet<string>): void {
  for (const name of Object.keys(request)) {
    if (!names.has(name))
      throw SandboxError.requestInvalid(name, `left out: the fields are ${[...names].join(', ')}`)
  }
}

/**
 * Checks on whose behalf and how urgently something is asked for, and the isolation that it demands.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID`
 */
export function checkOrigin({
  tenantId,
  role,
  priority,
  minimumIsolation,
}: Pick<ExecutionRequest, 'tenantId' | 'role' | 'priority' | 'minimumIsolation'>): void {
  if (typeof tenantId !== 'string' || !isPlainText(tenantId)) {
    throw SandboxError.requestInvalid('tenantId', '1 to 128 characters without control characters')
  }
  if (role !== undefined) checkName('role', role)
  if (priority !== undefined && !EXECUTION_PRIORITIES.includes(priority)) {
    throw SandboxError.requestInvalid('priority', `one of ${EXECUTION_PRIORITIES.join(', ')}`)
  }
  if (minimumIsolation !== undefined && !ISOLATION_LEVELS.includes(minimumIsolation)) {
    throw SandboxError.requestInvalid('minimumIsolation', `one of ${ISOLATION_LEVELS.join(', ')}`)
  }
}

/**
 * Checks a name that files, labels and logs may carry.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID`
 */
export function checkName(field: string, name: unknown): void {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw SandboxError.requestInvalid(field, '1 to 64 of A-Z a-z 0-9 _ -, the first a letter or digit')
  }
}

/**
 * Checks a program, or one step of a session.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID`
 */
export function checkCode(code: unknown): void {
  if (typeof code !== 'string' || !code.isWellFormed() || !isWithinBytes(code)) {
    throw SandboxError.requestInvalid('code', `well-formed text of 1 to ${MAX_CODE_BYTES} bytes in UTF-8`)
  }
}

function isPlainText(text: string): boolean {
  return text.length > 0 && text.length <= MAX_TENANT_ID_LENGTH && !CONTROL_CHARACTER.test(text)
}

function isWithinBytes(code: string): boolean {
  return code.length > 0 && code.length <= MAX_CODE_BYTES && Buffer.byteLength(code) <= MAX_CODE_BYTES
}

/**
 * Checks that nothing but limits is asked for as a limit; their ranges are the backend's to check.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID`
 */
export function checkLimitNames(
  limits: Partial<ExecutionLimits> | undefined,
  names: ReadonlySet<string> = LIMIT_NAMES,
): void {
  if (limits === undefined) return
  if (typeof limits !== 'object' || limits === null)
    throw SandboxError.requestInvalid('limits', 'an object of limits')
  for (const name of Object.keys(limits)) {
    if (!names.has(name)) {
      throw SandboxError.requestInvalid('limits', `an object with only ${[...names].join(', ')}`)
    }
  }
}
