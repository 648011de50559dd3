import type { Stages } from '../system.ts'

/** The stages that can be switched off. */
export const OPTIONAL_STAGES = ['budget', 'validation', 'sandbox', 'auto-fix', 'review', 'messaging'] as const

/** The name of a stage that can be switched off. */
export type OptionalStage = (typeof OPTIONAL_STAGES)[number]

/** What people do who leave the stage out. The demo then fails, which is the point. */
const WITHOUT: Readonly<Record<OptionalStage, (stages: Stages) => Partial<Stages>>> = {
  budget: () => ({
    budget: { request: async () => 'held', commit: async () => undefined, release: async () => undefined },
  }),
  validation: () => ({
    // The cast is what is wrong with it: whatever was parsed is called a value of the schema.
    parse: (answer) => ({ kind: 'value', value: parseTrusting(answer.content) as never }),
  }),
  sandbox: () => ({
    tests: { run: async ({ tests }) => ({ passed: tests.length, total: tests.length, failures: [] }) },
  }),
  'auto-fix': () => ({ maxAttempts: 1 }),
  review: () => ({
    reviews: () => ({
      review: async () => ({ outcome: 'approved', explanation: 'not reviewed', feedback: '' }),
    }),
  }),
  messaging: () => ({ relaysEvents: false }),
}

/** Replaces a stage by what those do who have none. */
export function withoutStage(stage: OptionalStage): (stages: Stages) => Stages {
  return (stages) => ({ ...stages, ...WITHOUT[stage](stages) })
}

function parseTrusting(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { explanation: 'none', code: text }
  }
}
