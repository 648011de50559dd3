import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openServerDatabase } from '../../testing/server-database.ts'
import type { AgentRuntime } from '../agent-runtime/agent-runtime.ts'
import type { Vote } from '../agent-runtime/answers.ts'
import type { Question } from '../agent-runtime/question.ts'
import type { Reply } from '../agent-runtime/reply.ts'
import { PeerHub } from './peer-hub.ts'
import type { ReviewedSolution } from './reviewed-solution.ts'

let database: Awaited<ReturnType<typeof openServerDatabase>>
let next = 0

beforeAll(async () => {
  database = await openServerDatabase()
})
afterAll(() => database.close())

function hub(ask: (role: string) => Promise<Reply<Vote>>): PeerHub {
  // Only ask is called; the class has private fields, so no plain object has its type.
  const agents = {
    ask: (question: Question<Vote>) => ask(question.step.slice('review:'.length)),
  } as unknown as AgentRuntime
  return new PeerHub({ database, outbox: new SqlEventOutbox(), audit: new SqlAuditLog(), agents })
}

function newSolution(): ReviewedSolution {
  return {
    tenantId: 'acme',
    projectId: 'p',
    taskId: `t-${++next}`,
    input: { id: 't', description: 'd', signature: 's', entryPoint: 'f', tests: [] },
    code: 'function f() {}',
    contentHash: 'hash',
    round: 1,
    authorId: 'developer-1',
  }
}

const approve: Reply<Vote> = {
  kind: 'value',
  value: { decision: 'approve', severity: 'none', rationale: 'sound', confidence: 1 },
}
const reject: Reply<Vote> = {
  kind: 'value',
  value: { decision: 'reject', severity: 'major', rationale: 'off by one', confidence: 1 },
}
const denied: Reply<Vote> = { kind: 'failure', code: 'budget-denied', feedback: '', isRemediable: false }

describe('the peer hub', () => {
  it('approves what its agents approve', async () => {
    expect(await hub(async () => approve).review(newSolution())).toMatchObject({ outcome: 'approved' })
  })

  it('hands the author the reasons of those who rejected', async () => {
    const review = await hub(async () => reject).review(newSolution())
    expect(review.outcome).toBe('rejected')
    expect(review.feedback).toContain('tester-1 (major): off by one')
  })

  it('counts an agent that cannot answer as silent, and silence approves nothing', async () => {
    expect(await hub(async () => denied).review(newSolution())).toMatchObject({ outcome: 'no-consensus' })
  })

  it('stands by a closed round, though the agents would vote otherwise by now', async () => {
    const solution = newSolution()
    const first = await hub(async () => denied).review(solution)
    expect(await hub(async () => approve).review(solution)).toEqual(first)
  })

  it('goes on with a round that was cut off', async () => {
    const solution = newSolution()
    const cut = hub(async (role) => (role === 'tester' ? Promise.reject(new Error('cut off')) : approve))
    await expect(cut.review(solution)).rejects.toThrow('cut off')
    expect(await hub(async () => approve).review(solution)).toMatchObject({ outcome: 'approved' })
  })

  it('waits for every agent before it throws: none goes on unseen', async () => {
    let hasEnded = false
    const slow = hub(async (role) => {
      if (role === 'security') throw new Error('cut off')
      await new Promise((resolve) => setTimeout(resolve, 20))
      hasEnded = true
      return approve
    })
    await expect(slow.review(newSolution())).rejects.toThrow('cut off')
    expect(hasEnded).toBe(true)
  })
})
