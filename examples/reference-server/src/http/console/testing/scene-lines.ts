import { RIGHT, WRONG } from '../../../stories/testing/adding.ts'
import { allApprove, says, solution } from '../../../stories/testing/model-lines.ts'
import type { ModelLine } from '../../../stories/testing/story.ts'

const VETO = {
  decision: 'reject',
  severity: 'critical',
  rationale: 'It adds what it was not asked to add, and the caller could not tell.',
  confidence: 1,
}
/** Of the 40000 tokens that a task may spend. */
const ALMOST_ALL = { prompt_tokens: 30_000, completion_tokens: 9000 }

/** A task of the scene: what it is called, and what the model says to it. */
export interface SceneTask {
  readonly id: string
  readonly title: string
  readonly lines: readonly ModelLine[]
  /** Where it comes to rest. */
  readonly rests: 'completed' | 'waiting' | 'escalated'
}

/** Everything goes well with it. */
export function easyTask(id: string, title: string): SceneTask {
  return { id, title, rests: 'completed', lines: [says(id, 'generate', 1, RIGHT), ...allApprove(id, 1)] }
}

function mendedTask(id: string, title: string): SceneTask {
  const lines = [says(id, 'generate', 1, WRONG), says(id, 'generate', 2, RIGHT), ...allApprove(id, 2)]
  return { id, title, rests: 'completed', lines }
}

/** Security vetoes it, and it waits for a person. */
export function vetoedTask(id: string, title: string): SceneTask {
  const [, reviewer, tester] = allApprove(id, 1)
  const votes = [says(id, 'review:security', 1, VETO), reviewer, tester].filter((line) => line !== undefined)
  return { id, title, rests: 'waiting', lines: [says(id, 'generate', 1, RIGHT), ...votes] }
}

function costlyTask(id: string, title: string): SceneTask {
  const wrong = solution('function add(a, b) { return a - b }')
  const lines = [
    says(id, 'generate', 1, wrong, ALMOST_ALL),
    says(id, 'generate', 3, RIGHT),
    ...allApprove(id, 3),
  ]
  return { id, title, rests: 'escalated', lines }
}

/** The tasks that there are when the curtain rises. */
export const SCENE_TASKS: readonly SceneTask[] = [
  easyTask('invoice-total', 'Add up the lines of an invoice'),
  mendedTask('running-balance', 'Keep a running balance of an account'),
  easyTask('score-keeper', 'Add two scores of a match'),
  vetoedTask('night-rates', 'Add the night rate to a fare'),
  easyTask('stock-count', 'Count stock in two warehouses'),
  costlyTask('ledger-merge', 'Merge the sums of two ledgers'),
  vetoedTask('fee-schedule', 'Add a fee to a payment'),
]
