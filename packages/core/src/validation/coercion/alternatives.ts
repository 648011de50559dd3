import type { Coercion, CoercionRules } from './coercion.ts'
import { conversionsOf } from './conversions.ts'
import { type Edit, valueAt } from './edit.ts'
import type { Complaint } from './schema-complaint.ts'

/** One way to answer a complaint: what to change, and what to call it. */
export interface Alternative {
  readonly edits: readonly Edit[]
  readonly coercions: readonly Coercion[]
}

const MAX_ALTERNATIVES = 32

/** The ways to answer a complaint of `root`, each once, 32 at most. Of a union: a way to please each of its branches. */
export function alternativesOf(
  root: unknown,
  complaint: Complaint,
  rules: CoercionRules,
): readonly Alternative[] {
  const found = new Map<string, Alternative>()
  const add = (alternative: Alternative): void => {
    if (found.size < MAX_ALTERNATIVES) found.set(editsKey(alternative.edits), alternative)
  }
  for (const alternative of ownAlternatives(root, complaint, rules)) add(alternative)
  for (const branch of complaint.branches ?? []) {
    for (const alternative of branchAlternatives(root, branch, rules)) add(alternative)
  }
  return [...found.values()]
}

function ownAlternatives(root: unknown, complaint: Complaint, rules: CoercionRules): readonly Alternative[] {
  const { path, allowed } = complaint
  const received = valueAt(root, path)
  if (received === undefined) return []
  const { value } = received
  const literal = typeof value === 'number' ? rules.literalAt(path) : undefined
  return conversionsOf(value, allowed, rules.level, literal).map((conversion): Alternative => {
    const { name } = conversion
    const edit: Edit =
      conversion.kind === 'remove'
        ? { kind: 'remove', path }
        : { kind: 'replace', path, value: conversion.value }
    return { edits: [edit], coercions: [{ name, path }] }
  })
}

/** Every complaint of the branch answered: all combinations of what answers each. None if one has no answer. */
function branchAlternatives(
  root: unknown,
  branch: readonly Complaint[],
  rules: CoercionRules,
): readonly Alternative[] {
  let combined: readonly Alternative[] = [{ edits: [], coercions: [] }]
  for (const complaint of branch) {
    const ways = alternativesOf(root, complaint, rules)
    combined = combined.flatMap((sofar) => ways.map((way) => join(sofar, way))).slice(0, MAX_ALTERNATIVES)
    if (combined.length === 0) return []
  }
  return combined.filter((one) => one.edits.length > 0)
}

function editsKey(edits: readonly Edit[]): string {
  return JSON.stringify(edits, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

function join(first: Alternative, second: Alternative): Alternative {
  return {
    edits: [...first.edits, ...second.edits],
    coercions: [...first.coercions, ...second.coercions],
  }
}
