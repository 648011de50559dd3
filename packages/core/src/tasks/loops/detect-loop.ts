import { createHash } from 'node:crypto'
import { requireInteger } from '../../errors/index.ts'

const MAX_DEPTH = 100

/** What the detector reads of a step: a stored step has it all. */
export interface LoopStep {
  readonly service: string
  /** Steps of one kind are compared with one another. */
  readonly kind: string
  readonly request: unknown
  /** Only of a step that is done or has failed. */
  readonly state: string
  readonly result?: unknown
  readonly error?: unknown
}

/** When steps are taken for a loop. */
export interface LoopLimits {
  /** Steps of one kind with the very same request, 2 to 1000. Default 3. */
  readonly maxIdenticalRequests?: number
  /** Steps of one kind in a row that ended in the very same way, 2 to 1000. Default 3. */
  readonly maxSameResults?: number
  /** Steps of one task, 1 to 1000. Default 100. */
  readonly maxSteps?: number
}

/** Why the steps of a task lead nowhere; the reason of an escalation. */
export interface DetectedLoop {
  readonly reason: 'loop-detected' | 'no-progress' | 'step-limit'
  /** The kind that repeats itself; absent for the step limit. */
  readonly kind?: string
  /** How many steps it took to see it. */
  readonly count: number
}

/**
 * Whether the steps of a task, in the order of their asking, lead nowhere: the same asked too often, the same outcome
 * too often in a row, or too many steps at all. Order of keys in a request or result makes no difference.
 * @throws InvalidOptionError `INVALID_OPTION` on bad limits.
 */
export function detectLoop(steps: readonly LoopStep[], limits: LoopLimits = {}): DetectedLoop | undefined {
  const maxIdentical = requireInteger('maxIdenticalRequests', limits.maxIdenticalRequests ?? 3, {
    min: 2,
    max: 1000,
  })
  const maxSame = requireInteger('maxSameResults', limits.maxSameResults ?? 3, { min: 2, max: 1000 })
  const maxSteps = requireInteger('maxSteps', limits.maxSteps ?? 100, { min: 1, max: 1000 })
  for (const [kind, alike] of byKind(steps)) {
    const identical = mostAlike(alike.map((step) => digestOf([step.service, step.request])))
    if (identical >= maxIdentical) return { reason: 'loop-detected', kind, count: identical }
    const ended = alike.filter((step) => step.state === 'done' || step.state === 'failed')
    const same = longestRun(
      ended.map((step) => digestOf([step.state, step.state === 'done' ? step.result : step.error])),
    )
    if (same >= maxSame) return { reason: 'no-progress', kind, count: same }
  }
  return steps.length >= maxSteps ? { reason: 'step-limit', count: steps.length } : undefined
}

function byKind(steps: readonly LoopStep[]): ReadonlyMap<string, readonly LoopStep[]> {
  const kinds = new Map<string, LoopStep[]>()
  for (const step of steps) kinds.set(step.kind, [...(kinds.get(step.kind) ?? []), step])
  return kinds
}

function mostAlike(digests: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}

function longestRun(digests: readonly string[]): number {
  let longest = 0
  let run = 0
  for (const [index, digest] of digests.entries()) {
    run = digest === digests[index - 1] ? run + 1 : 1
    longest = Math.max(longest, run)
  }
  return longest
}

function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value, 0)) ?? '')
    .digest('hex')
}

/** The same value with the keys of its objects in one order, as deep as anybody nests on purpose. */
function sorted(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map((one) => sorted(one, depth + 1))
  // Entries, not an object: a key such as __proto__ or 1 would not keep its place in one.
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return { object: entries.map(([key, one]) => [key, sorted(one, depth + 1)]) }
}
