import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { expect, it, vi } from 'vitest'
import { assembleSharedParts, type SharedParts } from '../../shared-parts.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import type { AgentRequest } from './agent-request.ts'
import { agentWorkerOf } from './agent-runtime-service.ts'
import { AskingBench } from './testing/asking-bench.ts'
import { answering, ScriptedPort } from './testing/scripted-port.ts'

/** Each wait ends with what is waited for. */
const PATIENT = { timeout: 110_000, interval: 20 }
const SOLVED = answering(JSON.stringify({ explanation: 'x', code: 'function f() {}' }))

/** Asks for a solution in the name of a task of its own. */
async function askFor(parts: SharedParts, tenantId: string, taskId: string): Promise<void> {
  const bench = new AskingBench(parts.database, { tenantId })
  await bench.budgets().setLimit({
    scope: { tenantId, projectId: 'p' },
    limitTokens: 1_000_000,
    actor: { id: 'test', kind: 'human' },
  })
  await bench.addTask(taskId, 'p')
  const task = { id: taskId, description: 'd', signature: 'f()', entryPoint: 'f' }
  const request: AgentRequest = { ask: 'generate', projectId: 'p', rootTaskId: taskId, task, attempt: 1 }
  const step = { tenantId, taskId, stepId: 'generate:1', service: 'agent-runtime', request }
  await parts.database.transaction((tx) => parts.steps.request(step, { tx }))
}

async function doneOf({ database }: SharedParts, tenantId: string): Promise<number> {
  const { rows } = await database.query<{ done: number }>(
    `SELECT count(*)::int AS done FROM task_steps WHERE tenant_id = $1 AND state = 'done'`,
    [tenantId],
  )
  return rows[0]?.done ?? 0
}

it('does the step of one tenant while another has more of them than agents', async () => {
  const database = await openServerDatabase()
  const parts = await assembleSharedParts({
    ...{ database, logger: silentLogger, metrics: silentMetrics },
    ...{ tenantId: 'quiet', projectId: 'p', projectLimitTokens: 1_000_000, taskLimitTokens: 100_000 },
    pace: { pollIntervalMs: 20, lookMs: 1000 },
  })
  const gate = Promise.withResolvers<void>()
  const model = new ScriptedPort('m', async (_call, number) => {
    if (number === 1) await gate.promise
    return SOLVED
  })
  const agents = new AskingBench(database).runtime(model)
  const worker = agentWorkerOf(parts, { agents, model: 'm', concurrency: 2, agentsPerRole: 1 })
  for (const number of [1, 2, 3, 4, 5]) await askFor(parts, 'flooding', `flood-${number}`)
  const stopping = new AbortController()
  const running = worker.run(stopping.signal, stopping.signal)
  try {
    await vi.waitFor(() => expect(model.calls).toHaveLength(1), PATIENT)
    await askFor(parts, 'quiet', 'one')
    await vi.waitFor(async () => expect(await doneOf(parts, 'quiet')).toBe(1), PATIENT)
    expect(await doneOf(parts, 'flooding')).toBe(0)
    gate.resolve()
    await vi.waitFor(async () => expect(await doneOf(parts, 'flooding')).toBe(5), PATIENT)
    const { rows } = await database.query(
      `SELECT max(runs)::int AS runs, (SELECT count(*)::int FROM agents WHERE tenant_id = 'flooding' AND role = 'developer') AS developers
         FROM task_steps`,
    )
    // A step that waited for an agent has used up none of its runs.
    expect(rows).toEqual([{ runs: 1, developers: 1 }])
  } finally {
    gate.resolve()
    stopping.abort()
    await running
    await parts.broker.close({ drainTimeoutMs: 10_000 })
    await database.close()
  }
}, 120_000)
