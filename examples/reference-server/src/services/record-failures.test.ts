import { createEvent } from '@golden-arch/core/events'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { StorageError } from '@golden-arch/core/storage'
import { fixesOf, type Task, TaskStore } from '@golden-arch/core/tasks'
import { FailureHistory } from '@golden-arch/governance/patterns'
import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assembleGovernance } from '../assemble-governance.ts'
import { assembleSharedParts, type SharedParts } from '../shared-parts.ts'
import { openServerDatabase } from '../testing/server-database.ts'
import { RolePrompts } from './agent-runtime/role-prompts.ts'
import { solutionHash } from './orchestrator/solution-hash.ts'
import { PLAIN_INPUT } from './orchestrator/testing/coding-situation.ts'
import { type RecordFailuresOptions, recordFailures } from './record-failures.ts'
import { learnPatterns } from './supervisor/learn-patterns.ts'

const ada = { id: 'ada', kind: 'human' } as const
const PATIENT = { timeout: 110_000, interval: 50 }
const TIMEOUT_MS = 600_000
const store = new TaskStore()
let database: Awaited<ReturnType<typeof openServerDatabase>>
let parts: SharedParts
let history: FailureHistory
let tenantId = ''

beforeAll(async () => {
  database = await openServerDatabase()
  history = new FailureHistory({ database })
  parts = await assembleSharedParts({
    database,
    logger: silentLogger,
    metrics: silentMetrics,
    tenantId: 'acme',
    projectId: 'p',
    projectLimitTokens: 1000,
    taskLimitTokens: 100,
  })
})
beforeEach(() => {
  tenantId = randomName('t')
})
afterAll(async () => {
  await parts.broker.close({ drainTimeoutMs: 10_000 })
  await database.close()
})

/** The evidence of a solution, tested. */
function tested(code: string, passed: number): Record<string, unknown> {
  const failures = passed === 2 ? [] : [{ name: randomName('test'), problem: `got ${code.length}` }]
  return {
    solution: { explanation: 'e', code },
    testReport: { solutionHash: solutionHash(code), passed, total: 2, timedOut: 0, failures },
  }
}

/** Brings a task to where its solution failed a test, and its fix is done with. */
async function taskToMend(): Promise<Task> {
  const { machine } = parts
  const base = { tenantId, projectId: 'p', kind: 'root', title: 't', input: { ...PLAIN_INPUT } } as const
  const created = await machine.create({ task: { ...base, taskId: randomName('task') }, actor: ada })
  const { task } = await machine.transition({ task: created, to: 'executing', actor: ada })
  await machine.transition({ task, to: 'reviewing', actor: ada, evidence: tested('function f() {}', 1) })
  const [fix] = await fixesOf(database, task)
  const remediation = await store.get(database, { tenantId, taskId: fix?.remediationTaskId ?? '' })
  const begun = await machine.transition({ task: remediation, to: 'executing', actor: ada })
  await machine.transition({ task: begun.task, to: 'completed', actor: ada })
  return store.get(database, task)
}

/** Has a task's next solution pass, or not. */
async function mend(task: Task, passed: number): Promise<void> {
  const evidence = tested('function f() { return 1 }', passed)
  await parts.machine.transition({ task, to: 'reviewing', actor: ada, evidence })
}

/** Has messages delivered while `act` lasts. */
async function whileDelivering(
  act: () => Promise<void>,
  taken: RecordFailuresOptions['history'] = history,
): Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  const running = Promise.all([
    parts.relay.run({ signal }),
    recordFailures({ ...parts, history: taken, leaseMs: 60_000 }, signal),
  ])
  try {
    await act()
  } finally {
    stopping.abort()
    await running
  }
}

const recorded = async (): Promise<readonly object[]> => {
  const { rows } = await database.query<object>(
    `SELECT guard, attempt, agent_role, fix_id, has_succeeded FROM pattern_failures
      WHERE tenant_id = $1 ORDER BY task_id, attempt`,
    [tenantId],
  )
  return rows
}

describe('failures of guards', { timeout: TIMEOUT_MS }, () => {
  it('are recorded after an outage of the database, however often it was asked meanwhile', async () => {
    const task = await taskToMend()
    await mend(task, 2)
    let failures = 0
    const away: RecordFailuresOptions['history'] = {
      record: (failure) => {
        // As many as a message has attempts.
        if (failures === 5) return history.record(failure)
        failures++
        return Promise.reject(StorageError.of('DATABASE_UNAVAILABLE', 'the server is away'))
      },
    }
    await whileDelivering(
      () => expect.poll(recorded, PATIENT).toMatchObject([{ attempt: 1, has_succeeded: true }]),
      away,
    )
    expect(failures).toBe(5)
    expect((await database.query('SELECT 1 FROM dlq_messages')).rowCount).toBe(0)
  })

  it('are recorded each once, with the fix that was tried and what came of it', async () => {
    const task = await taskToMend()
    await mend(task, 1)
    await parts.machine.transition({ task: await store.get(database, task), to: 'cancelled', actor: ada })
    const what = { guard: 'tests-passed', agent_role: 'developer', fix_id: 'mend-what-tests-found' }
    await whileDelivering(() =>
      expect.poll(recorded, PATIENT).toEqual([
        { ...what, attempt: 1, has_succeeded: false },
        { ...what, attempt: 2, has_succeeded: false },
      ]),
    )
    const told = (await fixesOf(database, task)).map(({ fixId, outcome }) => ({ fixId, outcome }))
    await database.transaction((tx) =>
      parts.outbox.append(
        tx,
        told.map((data) =>
          createEvent(
            { source: 'again', type: 'task.fix', tenantId, subject: task.taskId, data },
            new Date(),
          ),
        ),
      ),
    )
    const later = await taskToMend()
    await mend(later, 2)
    await whileDelivering(() => expect.poll(async () => (await recorded()).length, PATIENT).toBe(3))
    expect(await recorded()).toContainEqual({ ...what, attempt: 1, has_succeeded: true })
  })

  it('that are alike teach which fix helps: ten make a suggestion, more a proposal', async () => {
    const mendTen = async (): Promise<void> => {
      for (let count = 0; count < 10; count++) await mend(await taskToMend(), 2)
    }
    await mendTen()
    const bounds = { minLowerBound: 0.7 }
    const suggested = async (): Promise<readonly object[]> =>
      (await history.detect({ tenantId, ...bounds })).suggestions
    await whileDelivering(async () => {
      await expect
        .poll(suggested, PATIENT)
        .toMatchObject([{ fixId: 'mend-what-tests-found', agentRole: 'developer', tasks: 10, succeeded: 10 }])
      await mendTen()
      await expect.poll(suggested, PATIENT).toMatchObject([{ tasks: 20 }])
    })
    await new RolePrompts(parts).seed(tenantId)
    const stopping = new AbortController()
    const learning = learnPatterns(parts, assembleGovernance(parts), stopping.signal)
    const updates = async (): Promise<readonly object[]> => {
      const { rows } = await database.query<object>(
        'SELECT agent_role, fix_id FROM learnt_patterns WHERE tenant_id = $1',
        [tenantId],
      )
      return rows
    }
    await expect
      .poll(updates, PATIENT)
      .toEqual([{ agent_role: 'developer', fix_id: 'mend-what-tests-found' }])
    stopping.abort()
    await learning
  })
})
