import type { Actor } from '@golden-arch/core/audit'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgliteDatabase } from '@golden-arch/core/storage'
import { type NewTask, TaskMachine, TaskStore, TransitionTable } from '@golden-arch/core/tasks'
import { emptyPglite } from '@golden-arch/testkit/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EscalationStore } from './escalation-store.ts'

const ada: Actor = { id: 'ada', kind: 'human' }
const orchestrator: Actor = { id: 'orchestrator', kind: 'service' }
const table = new TransitionTable([
  {
    from: 'submitted',
    to: 'executing',
    guards: [
      {
        name: 'never',
        description: 'A person must look.',
        reads: [],
        check: () => ({ passed: false, reason: 'not-allowed', feedback: 'ask a person' }),
      },
    ],
  },
])
const newTask = (tenantId: string, taskId: string): NewTask => ({
  tenantId,
  taskId,
  projectId: 'demo',
  title: 'a task',
  input: {},
})

describe('EscalationStore under a task machine', () => {
  let database: PgliteDatabase
  let escalations: EscalationStore

  beforeAll(async () => {
    database = await PgliteDatabase.open({ create: emptyPglite })
    const migrations = await readMigrationFolder('migrations')
    await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'tasks', 'governance'] })
    escalations = new EscalationStore({ database })
  })

  afterAll(() => database.close())

  it('holds each task that a guard without a fix stops, with the guard and its words', async () => {
    const machine = new TaskMachine({ database, table, escalations })
    const task = await machine.create({ task: newTask('acme', 't-1'), actor: ada })
    await machine.transition({ task, to: 'executing', actor: orchestrator })
    expect((await escalations.list({ tenantId: 'acme' })).items).toMatchObject([
      {
        projectId: 'demo',
        taskId: 't-1',
        subject: { kind: 'task', id: 't-1' },
        severity: 'warning',
        isOnce: true,
        reason: 'not-allowed',
        level: 'supervisor',
        status: 'open',
        evidence: { guard: 'never', feedback: 'ask a person', askedAtVersion: 2, asked: 'executing' },
      },
    ])
  })

  it('that cannot record an escalation leaves the task where it was', async () => {
    const outbox = { append: () => Promise.reject(new Error('no outbox')) }
    const failing = new EscalationStore({ database, outbox })
    const machine = new TaskMachine({ database, table, escalations: failing })
    const task = await machine.create({ task: newTask('other', 't-2'), actor: ada })
    const moving = machine.transition({ task, to: 'executing', actor: orchestrator })
    await expect(moving).rejects.toThrow('no outbox')
    expect(await new TaskStore().get(database, task)).toEqual(task)
    expect((await escalations.list({ tenantId: 'other' })).items).toEqual([])
  })
})
