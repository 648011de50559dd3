import { createHash } from 'node:crypto'
import { jsonText } from '../storage/index.ts'
import { guardView, readsInput } from './guard.ts'
import { PERSONS_FIELD } from './persons-word.ts'
import type { Task } from './task.ts'

/**
 * Digest of what a guard with these `reads` sees of a task, the words of persons aside: the same for evidence as it was
 * given and as the database gives it back.
 */
export function evidenceHashOf(task: Task, reads: readonly string[]): string {
  const view = guardView(task, reads)
  const { [PERSONS_FIELD]: _words, ...evidence } = view.evidence
  const seen = readsInput(reads) ? { evidence, input: view.input } : { evidence }
  return createHash('sha256')
    .update(JSON.stringify(JSON.parse(jsonText(seen)), sortedKeys))
    .digest('hex')
}

/** Objects with their keys in order: jsonb keeps its own. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
