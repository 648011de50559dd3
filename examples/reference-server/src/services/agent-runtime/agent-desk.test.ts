import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { AgentRegistry, type ClaimedStep, TaskSteps } from '@golden-arch/core/tasks'
import { expect, it, vi } from 'vitest'
import { openServerDatabase } from '../../testing/server-database.ts'
import { AgentDesk } from './agent-desk.ts'
import type { AgentRequest } from './agent-request.ts'
import { answerStep } from './answer-step.ts'
import { AskingBench } from './testing/asking-bench.ts'
import { answering, ScriptedPort } from './testing/scripted-port.ts'

const SOLVED = answering(JSON.stringify({ explanation: 'x', code: 'function f() {}' }))
/** Ends once the step may be claimed. */
const PATIENT = { timeout: 60_000, interval: 5 }
/** As many as a step may have runs, and one more. */
const AGENTS = 6

it('a step whose agents are disabled at their work is given back each time, and no run of it counts', async () => {
  const database = await openServerDatabase()
  const bench = new AskingBench(database)
  const question = await bench.question()
  const { tenantId, taskId, projectId, rootTaskId } = question
  const registry = new AgentRegistry({ database })
  const logger = new RecordingLogger()
  const desk = new AgentDesk({
    ...{ registry, owner: 'me', agentsPerRole: AGENTS, model: 'm', logger },
    ...{ heartbeatMs: 5, waitMs: 1 },
  })
  const model = new ScriptedPort('m', async ({ signal }, number) => {
    if (number === AGENTS) return SOLVED
    const { items } = await registry.list({ tenantId, status: 'working' })
    for (const agent of items) await registry.disable(agent)
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  })
  const agents = bench.runtime(model)
  const steps = new TaskSteps({ database, initialDelayMs: 0 })
  const key = { tenantId, taskId, stepId: 'generate:1' }
  const task = { id: taskId, description: 'd', signature: 'f()', entryPoint: 'f' }
  const request: AgentRequest = { ask: 'generate', projectId, rootTaskId, task, attempt: 1 }
  await database.transaction((tx) => steps.request({ ...key, service: 'agent-runtime', request }, { tx }))
  const ends: string[] = []
  while (ends.length < AGENTS) {
    const step = await vi.waitFor(async (): Promise<ClaimedStep> => {
      const claimed = await steps.claim(key, { owner: 'me' })
      if (claimed === undefined) throw new Error(`nothing to claim after ${ends.join(', ')}`)
      return claimed
    }, PATIENT)
    ends.push((await steps.runClaimed(step, (signal) => answerStep(agents, desk, step, signal))).kind)
  }
  expect(ends).toEqual([...Array(AGENTS - 1).fill('held-back'), 'done'])
  const told = logger.lines.filter(({ message }) => message === 'an agent was taken from its work')
  const agent = { tenantId, taskId, agentId: expect.any(String) }
  expect(told.map(({ fields }) => fields)).toEqual(Array(AGENTS - 1).fill(agent))
  expect((await database.query('SELECT runs FROM task_steps')).rows).toEqual([{ runs: 1 }])
  await database.close()
})
