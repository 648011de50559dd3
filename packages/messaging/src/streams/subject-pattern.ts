import { InvalidOptionError } from '@golden-arch/core/errors'

const TOKEN = '[A-Za-z0-9_$-]+'
const SUBJECT = new RegExp(`^${TOKEN}(?:\\.${TOKEN})*$`)
const PATTERN = new RegExp(`^(?:>|${TOKEN}(?:\\.${TOKEN})*(?:\\.>)?)$`)
const MAX_LENGTH = 256

/**
 * Returns `subject` if it is one: 1 to 256 characters, words of `A-Z a-z 0-9 _ $ -` joined by dots.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming `option`.
 */
export function requireSubject(subject: string, option = 'subject'): string {
  if (typeof subject !== 'string' || subject.length > MAX_LENGTH || !SUBJECT.test(subject)) {
    throw new InvalidOptionError(option, 'words of A-Z a-z 0-9 _ $ - joined by dots', subject)
  }
  return subject
}

/**
 * Returns `pattern` if it is a subject, a prefix such as `task.>`, or `>`.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise, naming `option`.
 */
export function requireSubjectPattern(option: string, pattern: string): string {
  if (typeof pattern !== 'string' || pattern.length > MAX_LENGTH || !PATTERN.test(pattern)) {
    throw new InvalidOptionError(option, 'subjects such as task.completed, task.> or >', pattern)
  }
  return pattern
}

/** Whether `subject` falls under `pattern`; `task.>` takes `task.completed` and `task.step.failed`, not `task`. */
export function matchesSubject(pattern: string, subject: string): boolean {
  if (pattern === '>') return true
  if (pattern.endsWith('.>'))
    return subject.length >= pattern.length && subject.startsWith(pattern.slice(0, -1))
  return pattern === subject
}

/** Whether some subject falls under both patterns. */
export function patternsOverlap(one: string, other: string): boolean {
  if (one === '>' || other === '>') return true
  if (!one.endsWith('.>')) return matchesSubject(other, one)
  if (!other.endsWith('.>')) return matchesSubject(one, other)
  return one.startsWith(other.slice(0, -1)) || other.startsWith(one.slice(0, -1))
}
