import type { StandardSchemaIssue } from '../standard-schema.ts'
import type { AjvFault } from './ajv-client.ts'

/** An issue of a JSON Schema, with what the feedback and the conversions read of it. */
interface JsonSchemaIssue extends StandardSchemaIssue {
  readonly path: ReadonlyArray<string | number>
  /** The keyword that failed; `invalid_union` for `anyOf` and `oneOf`. */
  readonly code: string
  readonly expected?: string
  readonly values?: readonly unknown[]
  /** Of a union: what each of its branches complains of, with paths from the union's place on. */
  readonly errors?: readonly (readonly JsonSchemaIssue[])[]
}

interface Told {
  readonly fault: AjvFault
  readonly path: ReadonlyArray<string | number>
  readonly issue: JsonSchemaIssue
}

const UNIONS: ReadonlySet<string> = new Set(['anyOf', 'oneOf'])

const DEFINITION = /^#\/(?:\$defs|definitions)\//

/** The faults that Ajv found in `root` as issues; those of a union's branches within the issue of the union. */
export function toSchemaIssues(faults: readonly AjvFault[], root: unknown): readonly StandardSchemaIssue[] {
  const told: Told[] = []
  for (const fault of faults) {
    // Tells only that one of two branches failed, whose own faults are told before it.
    if (fault.keyword === 'if') continue
    const path = placeOf(fault, root)
    told.push(
      UNIONS.has(fault.keyword) ? unionOf(fault, path, told) : { fault, path, issue: plain(fault, path) },
    )
  }
  return told.map((one) => one.issue)
}

/** Takes the branches' own faults, which Ajv tells right before the union's. */
function unionOf(fault: AjvFault, path: ReadonlyArray<string | number>, told: Told[]): Told {
  const within = `${fault.schemaPath}/`
  const around = fault.schemaPath.slice(0, fault.schemaPath.lastIndexOf('/') + 1)
  const branches = new Map<string, JsonSchemaIssue[]>()
  for (let last = told.at(-1); last !== undefined; last = told.at(-1)) {
    const { schemaPath } = last.fault
    const isBranch =
      schemaPath.startsWith(within) || !schemaPath.startsWith(around) || DEFINITION.test(schemaPath)
    if (!isBranch || !isBeneath(last.path, path)) break
    told.pop()
    // Behind a reference the path begins anew, at the definition.
    const branch = schemaPath.startsWith(within)
      ? schemaPath.slice(within.length).split('/', 1).join()
      : schemaPath.split('/', 3).join('/')
    const issue = { ...last.issue, path: last.path.slice(path.length) }
    branches.set(branch, [issue, ...(branches.get(branch) ?? [])])
  }
  const issue = plain(fault, path)
  const errors = [...branches.values()].reverse()
  return { fault, path, issue: { ...issue, code: 'invalid_union', expected: 'one of the choices', errors } }
}

function plain(fault: AjvFault, path: ReadonlyArray<string | number>): JsonSchemaIssue {
  const { keyword, params } = fault
  const message = fault.message ?? `must satisfy ${keyword}`
  const issue = { message, path, code: keyword }
  if (keyword === 'type') return { ...issue, expected: [params.type].flat().join(' or ') }
  if (keyword === 'enum' && Array.isArray(params.allowedValues))
    return { ...issue, values: params.allowedValues }
  if (keyword === 'const') return { ...issue, values: [params.allowedValue] }
  if (keyword === 'additionalProperties') return { ...issue, expected: 'no other keys' }
  if (keyword === 'required') return { ...issue, expected: 'a value' }
  return { ...issue, expected: message.replace(/^must (?:be )?/, '') }
}

/** Ajv names a missing key beside the path of its object, and a place by a JSON Pointer (RFC 6901). */
function placeOf(fault: AjvFault, root: unknown): ReadonlyArray<string | number> {
  const { missingProperty } = fault.params
  const path: Array<string | number> = []
  let value: unknown = root
  for (const part of fault.instancePath.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(value) ? Number(key) : key)
    // Ajv has walked this way: each value before the last holds the next.
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[key]
  }
  return typeof missingProperty === 'string' ? [...path, missingProperty] : path
}

function isBeneath(path: ReadonlyArray<string | number>, outer: ReadonlyArray<string | number>): boolean {
  return outer.every((place, index) => path[index] === place)
}
