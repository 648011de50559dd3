import type { Money, PriceTable } from '@golden-arch/budget'
import type { Task } from '@golden-arch/core/tasks'
import { TaskStore } from '@golden-arch/core/tasks'
import type { BillView } from '../scripted-model/bill.ts'
import { evidenceOf, programOf, testsOf } from '../services/orchestrator/coding-facts.ts'
import { partsOf } from '../services/orchestrator/load-situation.ts'
import { solutionHash } from '../services/orchestrator/solution-hash.ts'
import type { System } from '../system.ts'
import { checkBill, type Finding } from './check-bill.ts'
import type { Expectation } from './corpus.ts'
import type { ResultRow } from './result-table.ts'
import { taskFigures } from './task-figures.ts'

/** What a run is held against. */
export interface RunUnderCheck {
  readonly system: System
  readonly tenantId: string
  readonly projectId: string
  /** The roots of the run. */
  readonly taskIds: readonly string[]
  /** What the model says it charged; undefined where it keeps no bill that we can read. */
  readonly bill?: BillView | undefined
  /** What its models cost; undefined: no money is counted. */
  readonly prices?: PriceTable | undefined
  /** How each root must end; undefined where the answers are not the recorded ones. */
  readonly expectations: ReadonlyMap<string, Expectation> | undefined
}

/** What a run took. */
export interface RunFigures {
  readonly usedTokens: number
  /** Null: its models have no prices. */
  readonly usedMoney: Money | null
  readonly events: number
  /** What was charged beside the model's own bill; undefined without one. */
  readonly bill: Finding['figures'] | undefined
}

/** What a run came to. */
export interface RunReport {
  readonly rows: readonly ResultRow[]
  /** What is wrong with it, one sentence each. Empty: all is as it must be. */
  readonly problems: readonly string[]
  readonly figures: RunFigures
}

/** Holds the end of a run against what was expected, and every ledger against what it must add up to. */
export async function checkRun(run: RunUnderCheck): Promise<RunReport> {
  const store = new TaskStore()
  const rows: ResultRow[] = []
  const problems: string[] = []
  for (const taskId of run.taskIds) {
    const task = await store.get(run.system.database, { tenantId: run.tenantId, taskId })
    const found = [...judgeEnd(task, run.expectations), ...(await judgeSolution(run, task))]
    const budget = await run.system.budgets.state({
      tenantId: run.tenantId,
      projectId: run.projectId,
      taskId,
    })
    const figures = await taskFigures(run.system.database, task)
    const money = budget.money?.used ?? null
    rows.push({ ...rowOf(task, found.length === 0), ...figures, tokens: budget.usedTokens, money })
    problems.push(...found)
  }
  const budget = await checkBudget(run)
  const events = await checkEvents(run)
  const bill = run.bill === undefined ? undefined : await checkBill(run.system.database, run.bill, run.prices)
  problems.push(
    ...budget.problems,
    ...(await checkSums(run, rows, budget.figures)),
    ...events.problems,
    ...(await checkEscalations(run, rows)),
    ...(bill?.problems ?? []),
  )
  return {
    rows,
    problems,
    figures: { ...budget.figures, events: events.count, bill: bill?.figures },
  }
}

function judgeEnd(task: Task, expectations: RunUnderCheck['expectations']): readonly string[] {
  if (expectations === undefined) {
    const isSettled = task.status === 'completed' || task.status === 'escalated' || task.status === 'waiting'
    return isSettled ? [] : [`${task.taskId} ended ${task.status}`]
  }
  const expected = expectations.get(task.taskId)
  if (expected === undefined) return [`${task.taskId} has no expectation`]
  const reason = expected.outcome === 'completed' ? null : expected.reason
  const wanted = `${expected.outcome}${reason === null ? '' : ` (${reason})`} after ${expected.attempts} attempts`
  const got = `${task.status}${task.statusReason === null ? '' : ` (${task.statusReason})`} after ${attemptsOf(task)} attempts`
  return wanted === got ? [] : [`${task.taskId} ended ${got}, expected ${wanted}`]
}

/** A completed task's solution must pass the hidden tests again, in a sandbox that no stage stands in for. */
async function judgeSolution(run: RunUnderCheck, task: Task): Promise<readonly string[]> {
  if (task.status !== 'completed') return []
  const evidence = evidenceOf(task)
  const { solution, review } = evidence
  if (solution === undefined || solution === null) return [`${task.taskId} is completed without a solution`]
  const again = await run.system.tests.run({
    tenantId: task.tenantId,
    taskId: task.taskId,
    program: programOf(task, solution.code, await partsOf(run.system.database, task)),
    tests: testsOf(task, evidence),
  })
  const problems: string[] = []
  if (again.passed !== again.total) {
    problems.push(`${task.taskId} is completed, and fails ${again.total - again.passed} hidden tests`)
  }
  const round = await run.system.database.query(
    "SELECT 1 FROM peer_reviews WHERE tenant_id = $1 AND subject_id = $2 AND content_hash = $3 AND outcome_kind = 'approved'",
    [task.tenantId, task.taskId, solutionHash(solution.code)],
  )
  if (round.rowCount === 0 || review?.outcome !== 'approved') {
    problems.push(`${task.taskId} is completed, and no round of reviewers approved its solution`)
  }
  return problems
}

type BudgetFigures = Pick<RunFigures, 'usedTokens' | 'usedMoney'>

async function checkBudget(run: RunUnderCheck): Promise<{ problems: string[]; figures: BudgetFigures }> {
  const { system, tenantId, projectId } = run
  const problems: string[] = []
  const ledger = await system.budgets.verify({ tenantId, projectId })
  if (!ledger.isConsistent) problems.push('the budget ledger does not add up to its counters')
  const state = await system.budgets.state({ tenantId, projectId })
  if (state.reservedTokens !== 0) problems.push(`${state.reservedTokens} tokens are still held`)
  const { rows } = await system.database.query<{ answered: bigint; estimated: bigint }>(
    `SELECT coalesce(sum((e.result->>'totalTokens')::bigint), 0)::bigint AS answered,
            coalesce((SELECT sum(r.used_tokens) FROM budget_reservations r
                       WHERE r.tenant_id = $1 AND r.project_id = $2 AND r.usage_basis = 'estimate'), 0)::bigint AS estimated
       FROM task_effects e WHERE e.tenant_id = $1`,
    [tenantId, projectId],
  )
  const sums = rows[0]
  if (sums === undefined) throw new Error('an aggregate gave no row')
  const owed = Number(sums.answered + sums.estimated)
  if (owed !== state.usedTokens)
    problems.push(`the models charged ${owed} tokens, the budget ${state.usedTokens}`)
  const { usedTokens, money } = state
  return { problems, figures: { usedTokens, usedMoney: money?.used ?? null } }
}

/** What the budgets of the tasks have spent must be what their project has, where it has no other tasks. */
async function checkSums(
  run: RunUnderCheck,
  rows: readonly ResultRow[],
  { usedTokens, usedMoney }: BudgetFigures,
): Promise<readonly string[]> {
  const { rows: roots } = await run.system.database.query<{ count: bigint }>(
    "SELECT count(*) AS count FROM tasks WHERE tenant_id = $1 AND project_id = $2 AND kind = 'root'",
    [run.tenantId, run.projectId],
  )
  if (Number(roots[0]?.count) !== rows.length) return []
  const tokens = rows.reduce((sum, row) => sum + row.tokens, 0)
  const micros = rows.reduce((sum, row) => sum + (row.money?.micros ?? 0n), 0n)
  return [
    ...(tokens === usedTokens ? [] : [`the tasks have spent ${tokens} tokens, their project ${usedTokens}`]),
    ...(micros === (usedMoney?.micros ?? 0n)
      ? []
      : [`the tasks have spent ${micros} micro-units of money, their project ${usedMoney?.micros}`]),
  ]
}

async function checkEvents(run: RunUnderCheck): Promise<{ problems: string[]; count: number }> {
  const { rows } = await run.system.database.query<
    Record<'total' | 'waiting' | 'budget' | 'audited', bigint>
  >(
    `SELECT count(*) AS total, count(*) FILTER (WHERE published_at IS NULL) AS waiting,
            count(*) FILTER (WHERE event_type LIKE 'budget.%') AS budget,
            (SELECT count(*) FROM audit_log WHERE tenant_id = $1 AND resource LIKE 'event/%') AS audited
       FROM outbox WHERE tenant_id = $1`,
    [run.tenantId],
  )
  const sums = rows[0]
  if (sums === undefined) throw new Error('an aggregate gave no row')
  const problems: string[] = []
  if (sums.waiting > 0n) problems.push(`${sums.waiting} events never left the outbox`)
  if (sums.budget !== sums.audited)
    problems.push(`${sums.budget} budget events, ${sums.audited} of them in the audit log`)
  return { problems, count: Number(sums.total) }
}

async function checkEscalations(run: RunUnderCheck, rows: readonly ResultRow[]): Promise<readonly string[]> {
  const raised = new Set<string>()
  let cursor: string | undefined
  do {
    const page = await run.system.escalations.list({
      tenantId: run.tenantId,
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { taskId, reason } of page.items) raised.add(`${taskId} ${reason}`)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return rows
    .filter((row) => row.outcome !== 'completed' && !raised.has(`${row.task} ${row.reason}`))
    .map((row) => `${row.task} is ${row.outcome}, and nobody was told`)
}

function rowOf(
  task: Task,
  isAsExpected: boolean,
): Pick<ResultRow, 'task' | 'outcome' | 'reason' | 'isAsExpected'> {
  return { task: task.taskId, outcome: task.status, reason: task.statusReason ?? '', isAsExpected }
}

function attemptsOf(task: Task): number {
  return task.attempts.generate ?? 1
}
