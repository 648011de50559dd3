import { describe, expect, it } from 'vitest'
import { planSchema, solutionSchema, voteSchema } from '../agent-runtime/answers.ts'
import { codingTaskSchema } from './coding-task.ts'
import { evidenceSchema } from './evidence.ts'

const step = { entryPoint: 'f', goal: 'g', dependsOn: [] as string[] }
const vote = { decision: 'approve', severity: 'none', rationale: 'r', confidence: 1 }
const test = { name: 'n', run: 'return f()', equals: 1 as unknown }
const task = {
  id: 't',
  title: 't',
  description: 'd',
  signature: 's',
  entryPoint: 'f',
  tests: [test],
}

describe('what models and clients say', () => {
  it.each(['\u0000', '\ud800', 'ok\udfff'])('is refused where the database cannot keep it: %j', (bad) => {
    const accepted = [
      solutionSchema.safeParse({ explanation: bad, code: 'c' }),
      solutionSchema.safeParse({ explanation: 'e', code: bad }),
      planSchema.safeParse({ steps: [{ ...step, entryPoint: bad }] }),
      planSchema.safeParse({ steps: [{ ...step, goal: bad }] }),
      planSchema.safeParse({ steps: [{ ...step, dependsOn: [bad] }] }),
      voteSchema.safeParse({ ...vote, rationale: bad }),
      codingTaskSchema.safeParse({ ...task, description: bad }),
      codingTaskSchema.safeParse({ ...task, tests: [{ ...test, equals: [{ deep: bad }] }] }),
    ].map((result) => result.success)
    expect(accepted).toEqual(accepted.map(() => false))
  })

  it('is taken otherwise', () => {
    expect(planSchema.safeParse({ steps: [step] }).success).toBe(true)
    expect(voteSchema.safeParse(vote).success).toBe(true)
    expect(codingTaskSchema.safeParse(task).success).toBe(true)
    expect(solutionSchema.safeParse({ explanation: 'é 😀', code: "'\\u0000'" }).success).toBe(true)
  })
})

describe('evidence', () => {
  it('may lack every field and holds no other', () => {
    expect(evidenceSchema.safeParse({}).success).toBe(true)
    expect(evidenceSchema.safeParse({ approved: true }).success).toBe(false)
  })
})
