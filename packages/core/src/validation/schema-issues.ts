import { valueAt } from './coercion/edit.ts'
import type { JsonKind, LlmIssue } from './outcome.ts'
import type { StandardSchemaIssue } from './standard-schema.ts'

/** What the schema libraries add to an issue, as far as it is read here. */
interface RichIssue extends StandardSchemaIssue {
  readonly code?: unknown
  readonly type?: unknown
  readonly expected?: unknown
  readonly values?: unknown
  readonly minimum?: unknown
  readonly maximum?: unknown
  readonly inclusive?: unknown
  readonly format?: unknown
  readonly divisor?: unknown
}

const MAX_ISSUES = 20
const MAX_EXPECTED_LENGTH = 200

/**
 * The issues that a schema has with `json` in our form, the first 20. What the schema says of the value is left out: only
 * its kind is told.
 */
export function toIssues(issues: readonly StandardSchemaIssue[], json: unknown): readonly LlmIssue[] {
  return issues.slice(0, MAX_ISSUES).map((issue) => {
    const rich: RichIssue = issue
    const path = (issue.path ?? []).map(toPlace)
    return {
      path,
      expected: cut(expectedOf(rich)),
      kind: textOf(rich.code) ?? textOf(rich.type) ?? 'invalid',
      received: kindOf(valueAt(json, path)?.value),
    }
  })
}

function kindOf(value: unknown): JsonKind {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'object') return 'object'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  // What is left of JSON are numbers, large ones as bigint where that was asked for.
  return 'number'
}

function toPlace(part: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof part === 'object' ? part.key : part
  return typeof key === 'number' ? key : String(key)
}

function expectedOf(issue: RichIssue): string {
  const expected = textOf(issue.expected)
  if (expected !== undefined) return expected
  if (Array.isArray(issue.values))
    return `one of ${issue.values.map((one) => JSON.stringify(one)).join(', ')}`
  if (isAmount(issue.minimum))
    return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
  if (isAmount(issue.maximum))
    return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`
  if (isAmount(issue.divisor)) return `a multiple of ${issue.divisor}`
  if (textOf(issue.format) !== undefined) return `the format ${String(issue.format)}`
  if (issue.code === 'unrecognized_keys') return 'no other keys'
  // The text of a custom rule is the schema author's own; other messages may repeat what was received.
  if (issue.code === 'custom') return issue.message
  return 'a value that the schema accepts'
}

function isAmount(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function cut(text: string): string {
  return text.length > MAX_EXPECTED_LENGTH ? `${text.slice(0, MAX_EXPECTED_LENGTH)}…` : text
}
