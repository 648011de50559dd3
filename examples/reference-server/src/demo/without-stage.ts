import type { Stages } from '../coding-work.ts'
import { reviewRequestSchema } from '../services/peer-hub/review-request.ts'
import type { SystemOptions } from '../system.ts'

/** The stages that can be switched off. */
export const OPTIONAL_STAGES = ['budget', 'validation', 'sandbox', 'auto-fix', 'review', 'messaging'] as const

/** The name of a stage that can be switched off. */
export type OptionalStage = (typeof OPTIONAL_STAGES)[number]

/** In what a system differs that lacks a stage. */
type Lack = Pick<SystemOptions, 'replace' | 'maxTriesPerGuard' | 'relaysEvents'>

/** What people do who leave the stage out. The demo then fails, which is the point. */
const WITHOUT: Readonly<Record<OptionalStage, Lack>> = {
  budget: replaced({
    budget: { request: async () => 'held', commit: async () => undefined, release: async () => undefined },
  }),
  validation: replaced({
    // The cast is what is wrong with it: whatever was parsed is called a value of the schema.
    parse: (answer) => ({ kind: 'value', value: parseTrusting(answer.content) as never }),
  }),
  sandbox: replaced({
    tests: {
      run: async ({ tests }) => ({ passed: tests.length, total: tests.length, timedOut: 0, failures: [] }),
    },
  }),
  'auto-fix': { maxTriesPerGuard: 0 },
  review: replaced({
    review: async (step) => {
      const { contentHash } = reviewRequestSchema.parse(step.request)
      return { solutionHash: contentHash, outcome: 'approved', explanation: 'not reviewed', feedback: '' }
    },
  }),
  messaging: { relaysEvents: false },
}

/** Puts what those do who lack a stage in its place. */
export function withoutStage(stage: OptionalStage): Lack {
  return WITHOUT[stage]
}

function replaced(others: Partial<Stages>): Lack {
  return { replace: (stages) => ({ ...stages, ...others }) }
}

function parseTrusting(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { explanation: 'none', code: text }
  }
}
