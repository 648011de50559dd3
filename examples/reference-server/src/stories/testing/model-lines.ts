import type { ModelLine } from './story.ts'

const USAGE = Object.freeze({ prompt_tokens: 300, completion_tokens: 100 })

/** The model answers an attempt at a step with this value, and says how many tokens that took. */
export function says(
  task: string,
  step: string,
  attempt: number,
  value: object,
  usage: Extract<ModelLine['response'], { status: 200 }>['usage'] = USAGE,
): ModelLine {
  const content = JSON.stringify(value)
  return { task, step, attempt, call: 1, response: { status: 200, content, finishReason: 'stop', usage } }
}

/** A developer's answer. */
export function solution(code: string): object {
  return { explanation: 'It does what the description says.', code }
}

/** A reviewer's word for the work. */
export const APPROVAL = Object.freeze({
  decision: 'approve',
  severity: 'none',
  rationale: 'It is sound.',
  confidence: 0.9,
})

/** The three reviewers approve an attempt. */
export function allApprove(task: string, attempt: number): readonly ModelLine[] {
  return ['security', 'reviewer', 'tester'].map((role) => says(task, `review:${role}`, attempt, APPROVAL))
}
