import { randomName } from '@golden-arch/testkit'
import { type Actor, SqlAuditLog } from '../../audit/index.ts'
import { SqlEventOutbox } from '../../events/index.ts'
import { RecordingMetrics } from '../../observability/testing/index.ts'
import type { SqlDatabase, SqlTransaction } from '../../storage/index.ts'
import type { AutoFix } from '../auto-fix.ts'
import { AutoFixRegistry } from '../auto-fix-registry.ts'
import type { Escalation, EscalationSink } from '../escalation-sink.ts'
import { GUARD_PASSED, type Guard } from '../guard.ts'
import { orApproved, personSaid } from '../persons-guards.ts'
import type { PersonDecision } from '../persons-word.ts'
import type { NewTask, Task, TaskFacts, TaskKey } from '../task.ts'
import { TaskMachine } from '../task-machine.ts'
import type { TaskMachineOptions } from '../task-machine-options.ts'
import type { TaskStatus } from '../task-status.ts'
import { TaskStore } from '../task-store.ts'
import { TransitionTable } from '../transition-table.ts'

/** A person. */
export const ada: Actor = { id: 'ada', kind: 'human', requestId: 'r-1' }
/** What moves tasks. */
export const orchestrator: Actor = { id: 'orchestrator', kind: 'service' }

function guardOf(name: string, field: string, reason: string, isSecurity = false): Guard {
  return {
    name,
    description: `The evidence ${field} is true.`,
    isSecurity,
    reads: [field],
    check: ({ evidence }) =>
      evidence[field] === true ? GUARD_PASSED : { passed: false, reason, feedback: `mend ${field}` },
  }
}

const nameTrimmed: Guard = {
  name: 'name-trimmed',
  description: 'The name in the input has no spaces around it.',
  reads: ['input'],
  check: ({ input }) =>
    input.name === undefined || input.name === String(input.name).trim()
      ? GUARD_PASSED
      : { passed: false, reason: 'name-untrimmed', feedback: 'trim the name' },
}

/** A small way from submitted to completed, with a guard of each sort. */
export const SAMPLE_TABLE: TransitionTable = new TransitionTable([
  { from: 'submitted', to: 'planning', kinds: ['root', 'child'] },
  { from: 'planning', to: 'waiting' },
  { from: 'waiting', to: 'executing', guards: [guardOf('parts-done', 'parts', 'parts-open')] },
  { from: 'submitted', to: 'executing' },
  {
    from: 'executing',
    to: 'reviewing',
    guards: [nameTrimmed, guardOf('tests-passed', 'tests', 'tests-failed')],
  },
  { from: 'reviewing', to: 'completed', guards: [orApproved(guardOf('no-veto', 'safe', 'vetoed', true))] },
  { from: 'reviewing', to: 'executing' },
  { from: 'executing', to: 'completed', kinds: ['child', 'remediation'] },
  { from: 'escalated', to: 'executing', guards: [personSaid('retry')] },
  { from: 'escalated', to: 'completed', guards: [personSaid('approve')] },
])

/** The fixes of the sample table: one of each sort. */
export const SAMPLE_FIXES: readonly AutoFix[] = [
  {
    name: 'generate-again',
    guard: 'tests-passed',
    plan: () => ({ kind: 'task', step: 'generate', input: { hint: 1 } }),
  },
  {
    name: 'trim-name',
    guard: 'name-trimmed',
    normalises: ['name'],
    plan: ({ task }) => ({ kind: 'input', patch: { name: String(task.input.name).trim() } }),
  },
  {
    name: 'ask-about-veto',
    guard: 'no-veto',
    mendsSecurity: true,
    plan: () => ({ kind: 'approval', question: 'The reviewers vetoed it: accept it?', level: 'operator' }),
  },
]

/** Keeps escalations in a table, so that they live and die with their transactions. */
class TableSink implements EscalationSink {
  async raise(tx: SqlTransaction, escalation: Escalation): Promise<void> {
    await tx.query('INSERT INTO raised (tenant_id, task_id, escalation) VALUES ($1, $2, $3::jsonb)', [
      escalation.tenantId,
      escalation.taskId,
      JSON.stringify(escalation),
    ])
  }
}

/** The question that a task asks. */
export function questionOf(task: Task): number {
  if (task.waitingFor?.kind !== 'approval') throw new Error(`task ${task.taskId} asks nobody`)
  return task.waitingFor.askedAtVersion
}

/** A machine over the sample table, and short ways to ask it and to look at what it wrote. */
export class MachineSetting {
  readonly database: SqlDatabase
  readonly tenantId: string
  readonly store: TaskStore = new TaskStore()
  readonly metrics: RecordingMetrics = new RecordingMetrics()
  readonly machine: TaskMachine

  constructor(database: SqlDatabase, options: Partial<TaskMachineOptions> = {}, tenantId = 'acme') {
    this.database = database
    this.tenantId = tenantId
    this.machine = this.machineOn(database, options)
  }

  /** Makes what the sink writes to. */
  async prepare(): Promise<void> {
    await this.database.query(
      'CREATE TABLE raised (tenant_id text NOT NULL, task_id text NOT NULL, escalation jsonb NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY)',
    )
  }

  /** Another machine on the same tables. */
  machineOn(database: SqlDatabase, options: Partial<TaskMachineOptions> = {}): TaskMachine {
    return new TaskMachine({
      database,
      table: SAMPLE_TABLE,
      fixes: new AutoFixRegistry(SAMPLE_TABLE, SAMPLE_FIXES),
      escalations: new TableSink(),
      outbox: new SqlEventOutbox(),
      audit: new SqlAuditLog(),
      metrics: this.metrics,
      ...options,
    })
  }

  newTask(change: Partial<NewTask> = {}): NewTask {
    return {
      tenantId: this.tenantId,
      taskId: randomName('task'),
      projectId: 'p',
      title: 'a task',
      input: { wanted: 1 },
      ...change,
    }
  }

  create(change: Partial<NewTask> = {}): Promise<Task> {
    return this.machine.create({ task: this.newTask(change), actor: ada })
  }

  async move(task: Task, to: TaskStatus, evidence?: TaskFacts): Promise<Task> {
    const more = evidence === undefined ? {} : { evidence }
    return (await this.machine.transition({ task, to, actor: orchestrator, ...more })).task
  }

  /** A task on which work has begun. */
  async executing(change: Partial<NewTask> = {}): Promise<Task> {
    return this.move(await this.create(change), 'executing')
  }

  get(task: TaskKey): Promise<Task> {
    return this.store.get(this.database, task)
  }

  /** Lets a task wait for children of these names. */
  async split(task: Task, ...names: readonly string[]): Promise<Task> {
    const children = names.map((name) => ({ taskId: `${task.taskId}/${name}`, title: name, input: {} }))
    const command = { task, to: 'waiting', resumeTo: 'executing', actor: orchestrator, children } as const
    return (await this.machine.transition(command)).task
  }

  /** A task whose tests failed: it waits for its remediation task. */
  async mending(): Promise<Task> {
    return this.move(await this.executing(), 'reviewing', { tests: false })
  }

  /** Ends the remediation task that a task waits for, and returns the task. */
  async endMending(task: Task, status: 'completed' | 'failed' = 'completed'): Promise<Task> {
    const begun = await this.move(await this.remediationOf(task), 'executing')
    await this.move(begun, status)
    return this.get(task)
  }

  /** A task that nothing is left to be tried for. */
  async escalated(): Promise<Task> {
    return this.move(await this.endMending(await this.mending()), 'reviewing', { tests: false })
  }

  /** A person answers what the task asks. */
  settle(task: Task, decision: PersonDecision, reason?: string): Promise<Task> {
    return this.machine.settle({ task, askedAtVersion: questionOf(task), decision, actor: ada, reason })
  }

  /** The one remediation task of the latest fix. */
  async remediationOf(task: Task): Promise<Task> {
    if (task.waitingFor?.kind !== 'fix') throw new Error(`task ${task.taskId} waits for no fix`)
    return this.get({ ...task, taskId: task.waitingFor.taskId })
  }

  /** Types of the events of a task, in their order. */
  async events({ tenantId, taskId }: TaskKey): Promise<readonly string[]> {
    const { rows } = await this.database.query<{ event_type: string }>(
      'SELECT event_type FROM outbox WHERE tenant_id = $1 AND subject = $2 ORDER BY position',
      [tenantId, taskId],
    )
    return rows.map((row) => row.event_type)
  }

  /** What the audit log says of a task: act, outcome, who. */
  async audit({ tenantId, taskId }: TaskKey): Promise<readonly string[]> {
    const { rows } = await this.database.query<{ line: string }>(
      `SELECT concat_ws(' ', action, outcome, 'by', actor_kind, actor, details->>'outcome') AS line FROM audit_log
        WHERE tenant_id = $1 AND resource = $2 ORDER BY entry_id`,
      [tenantId, `task/${taskId}`],
    )
    return rows.map((row) => row.line)
  }

  /** What was escalated of a task. */
  async raised({ taskId }: TaskKey): Promise<readonly Escalation[]> {
    const { rows } = await this.database.query<{ escalation: Escalation }>(
      'SELECT escalation FROM raised WHERE task_id = $1 ORDER BY position',
      [taskId],
    )
    return rows.map((row) => row.escalation)
  }

  /** Everything that is stored of the tenant, to see that a failed command left no trace. */
  async everything(): Promise<unknown> {
    const tables = ['tasks', 'task_fixes', 'task_steps', 'outbox', 'audit_log', 'raised', 'task_counts']
    const found: unknown[] = []
    for (const table of tables) {
      const { rows } = await this.database.query<{ row: unknown }>(
        `SELECT to_jsonb(one) AS row FROM ${table} AS one WHERE tenant_id = $1 ORDER BY to_jsonb(one)::text`,
        [this.tenantId],
      )
      found.push([table, rows.map(({ row }) => row)])
    }
    return found
  }
}
