import { IdentifierError } from './identifier-error.ts'

/** The form of one kind of identifier. */
interface IdentifierRule {
  readonly pattern: RegExp
  readonly words: string
}

/** Letters and digits first, so that none is an option, a hidden file or a step up in a path. */
const scopedId = (maxLength: number): IdentifierRule => ({
  pattern: new RegExp(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,${maxLength - 1}}$`),
  words: `1 to ${maxLength} characters of A-Z a-z 0-9 _ . : -, the first a letter or digit`,
})

const SCOPE_ID = scopedId(128)
const TASK_ID = scopedId(256)
const NAME: IdentifierRule = {
  pattern: /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
  words: '1 to 63 characters of A-Z a-z 0-9 _, the first no digit, and no name of an object’s own machinery',
}
const TOOL_NAME: IdentifierRule = {
  pattern: /^[A-Za-z0-9_-]{1,64}$/,
  words: '1 to 64 characters of A-Z a-z 0-9 _ -',
}

/** As a key of a plain object these reach its prototype. */
const OBJECT_MACHINERY: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Returns a task's id: 1 to 256 characters of `A-Z a-z 0-9 _ . : -`, the first a letter or digit.
 * Stricter than what the stores keep: for values that come from outside, or that a path, a subject or a key is made of.
 * @throws IdentifierError `IDENTIFIER_INVALID` otherwise. Nothing is trimmed, cut or replaced.
 */
export function validateTaskId(value: unknown, field = 'taskId'): string {
  return validate(value, field, TASK_ID)
}

/**
 * Returns a tenant's id: 1 to 128 characters of `A-Z a-z 0-9 _ . : -`, the first a letter or digit.
 * @throws IdentifierError `IDENTIFIER_INVALID` otherwise.
 */
export function validateTenantId(value: unknown, field = 'tenantId'): string {
  return validate(value, field, SCOPE_ID)
}

/**
 * Returns a project's id: of the form of {@link validateTenantId}.
 * @throws IdentifierError `IDENTIFIER_INVALID` otherwise.
 */
export function validateProjectId(value: unknown, field = 'projectId'): string {
  return validate(value, field, SCOPE_ID)
}

/**
 * Returns an agent's id: of the form of {@link validateTenantId}.
 * @throws IdentifierError `IDENTIFIER_INVALID` otherwise.
 */
export function validateAgentId(value: unknown, field = 'agentId'): string {
  return validate(value, field, SCOPE_ID)
}

/**
 * Returns a name as programs and databases use it (a column, a variable, a key): 1 to 63 characters of `A-Z a-z 0-9 _`,
 * the first no digit; `__proto__`, `constructor` and `prototype` are refused.
 * @throws IdentifierError `IDENTIFIER_INVALID` otherwise.
 */
export function validateIdentifier(value: unknown, field = 'identifier'): string {
  const name = validate(value, field, NAME)
  if (OBJECT_MACHINERY.has(name)) throw new IdentifierError(field, NAME.words)
  return name
}

/**
 * Returns a tool's name as providers of models take it: 1 to 64 characters of `A-Z a-z 0-9 _ -`.
 * @throws IdentifierError `IDENTIFIER_INVALID` otherwise.
 */
export function validateToolName(value: unknown, field = 'toolName'): string {
  return validate(value, field, TOOL_NAME)
}

function validate(value: unknown, field: string, rule: IdentifierRule): string {
  if (typeof value === 'string' && rule.pattern.test(value)) return value
  throw new IdentifierError(field, rule.words)
}
