import type { StandardSchemaIssue } from '../standard-schema.ts'
import type { Path } from './edit.ts'

/** What a schema complains of, read the same way whichever library wrote it. */
export interface Complaint {
  /** From the root of the value. */
  readonly path: Path
  /** Texts of which the place wants one, as far as the issue names them. */
  readonly allowed: readonly string[]
  /** What each choice of a union complains of. Absent where the place is no union. */
  readonly branches?: readonly (readonly Complaint[])[]
}

/** What the libraries add to an issue, as far as it is read here. */
interface RichIssue extends StandardSchemaIssue {
  readonly code?: unknown
  readonly type?: unknown
  readonly expected?: unknown
  readonly values?: unknown
  readonly options?: unknown
  /** Of a union: one list for each branch (zod), or one for all (arktype). */
  readonly errors?: unknown
  /** Of a union: one list for all branches (valibot). */
  readonly issues?: unknown
}

const MAX_ALLOWED = 1000
const MAX_HINT_LENGTH = 10_000
const MAX_BRANCHES = 32
const MAX_UNION_DEPTH = 4
const QUOTED = /"(?:[^"\\]|\\.)*"/g

/** Reads an issue. `base` is the path that its own is relative to. */
export function readComplaint(issue: StandardSchemaIssue, base: Path = [], unionDepth = 0): Complaint {
  const rich: RichIssue = issue
  const path = [...base, ...(issue.path ?? []).map(toPlace)]
  const plain = { path, allowed: allowedTexts(rich) }
  if (unionDepth >= MAX_UNION_DEPTH) return plain
  const branches = branchesOf(rich, path, unionDepth + 1)
  return branches.length === 0 ? plain : { ...plain, branches }
}

function toPlace(part: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof part === 'object' ? part.key : part
  return typeof key === 'number' ? key : String(key)
}

/** The texts that an issue says it wants. A text too many does no harm: the schema has the last word. */
function allowedTexts(issue: RichIssue): readonly string[] {
  for (const named of [issue.values, issue.options]) {
    if (!Array.isArray(named)) continue
    const texts = named.filter((one): one is string => typeof one === 'string')
    if (texts.length > 0) return texts.slice(0, MAX_ALLOWED)
  }
  const hint = [issue.expected, issue.message].find((text) => typeof text === 'string' && text.includes('"'))
  if (typeof hint !== 'string' || hint.length > MAX_HINT_LENGTH) return []
  return [...hint.matchAll(QUOTED)].slice(0, MAX_ALLOWED).map(([quoted]) => unquote(quoted))
}

function unquote(quoted: string): string {
  try {
    // What stands in quotes and parses is a string.
    return JSON.parse(quoted) as string
  } catch {
    return quoted.slice(1, -1)
  }
}

function branchesOf(issue: RichIssue, path: Path, unionDepth: number): readonly (readonly Complaint[])[] {
  const { errors, issues } = issue
  if (issue.code === 'invalid_union' && Array.isArray(errors)) {
    return errors
      .slice(0, MAX_BRANCHES)
      .filter(isIssueList)
      .map((branch) => branch.map((one) => readComplaint(one, path, unionDepth)))
  }
  if (issue.code === 'union' && isIssueList(errors)) {
    return segments(errors.map((one) => readComplaint(one, [], unionDepth)))
  }
  if (issue.type === 'union' && isIssueList(issues)) {
    return segments(issues.map((one) => readComplaint(one, path, unionDepth)))
  }
  return []
}

/**
 * Of a union whose complaints come in one list the branches are not told apart, but each is a run of the list. All runs
 * stand for branches, the short ones first; what is none does not satisfy the schema.
 */
function segments(complaints: readonly Complaint[]): readonly (readonly Complaint[])[] {
  const found: (readonly Complaint[])[] = []
  for (let length = 1; length <= complaints.length; length++) {
    for (let start = 0; start + length <= complaints.length; start++) {
      if (found.length === MAX_BRANCHES) return found
      found.push(complaints.slice(start, start + length))
    }
  }
  return found
}

function isIssueList(value: unknown): value is readonly StandardSchemaIssue[] {
  if (!Array.isArray(value) || value.length === 0) return false
  return value.every((one) => typeof one === 'object' && one !== null && 'message' in one)
}
