import { InvalidOptionError } from '@golden-arch/core/errors'

const PATTERN = /^(?:>|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:\.>)?)$/

/**
 * Returns `pattern` if it is an event type, a prefix such as `task.>`, or `>`.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function requireEventTypePattern(pattern: string): string {
  if (typeof pattern !== 'string' || pattern.length > 256 || !PATTERN.test(pattern)) {
    throw new InvalidOptionError('types', 'event types such as task.completed, task.> or >', pattern)
  }
  return pattern
}

/** Whether `type` falls under `pattern`; `task.>` takes `task.completed` and `task.step.failed`, not `task`. */
export function matchesEventType(pattern: string, type: string): boolean {
  if (pattern === '>') return true
  if (pattern.endsWith('.>')) return type.length >= pattern.length && type.startsWith(pattern.slice(0, -1))
  return pattern === type
}
