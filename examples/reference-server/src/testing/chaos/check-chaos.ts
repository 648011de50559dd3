import { verifyAuditLog } from '@golden-arch/core/audit'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { checkBill, type Finding } from '../../demo/check-bill.ts'
import { checkRun } from '../../demo/check-run.ts'
import type { Expectation } from '../../demo/corpus.ts'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'
import { assembleSystem } from '../../system.ts'
import type { ChaosServices } from './chaos-services.ts'
import { checkMessages } from './check-messages.ts'
import { checkOnce } from './check-once.ts'

/** The tenant and the project of a server. */
const SCOPE = { tenantId: 'default', projectId: 'coding-tasks' } as const
const NO_LIMIT_TOKENS = 2_000_000

/** Holds what a run left behind, in the database, in NATS and on the model's bill, against a calm run and against itself. */
export async function checkChaos(
  services: ChaosServices,
  run: { readonly tasks: readonly CodingTask[]; readonly expectations: ReadonlyMap<string, Expectation> },
): Promise<Finding> {
  const { database } = services.opened
  const bill = await services.model.bill()
  const findings = [
    await checkBill(database, bill),
    await checkOnce(database),
    await checkMessages(database, services.nats.address),
    await checkAudit(services),
    await checkEnds(services, run),
  ]
  return {
    figures: Object.assign({}, ...findings.map(({ figures }) => figures)),
    problems: findings.flatMap(({ problems }) => problems),
  }
}

async function checkAudit({ opened }: ChaosServices): Promise<Finding> {
  const found = await verifyAuditLog({ database: opened.database, tenantId: SCOPE.tenantId })
  return {
    figures: { 'entries of the audit log that verify': found.entries },
    problems: found.ok
      ? found.waiting === 0
        ? []
        : [`${found.waiting} entries of the audit log are in no chain`]
      : [`the audit log does not verify from ${found.firstBadSequence}: ${found.reason}`],
  }
}

/** What the demo checks of its own runs: ends, hidden tests, approvals, the budget's ledger, escalations. */
async function checkEnds(
  { opened, model }: ChaosServices,
  { tasks, expectations }: Parameters<typeof checkChaos>[1],
): Promise<Finding> {
  const system = await assembleSystem({
    ...SCOPE,
    database: opened.database,
    endpoint: { baseUrl: model.baseUrl, apiKey: model.apiKey, model: 'scripted' },
    logger: silentLogger,
    metrics: silentMetrics,
    projectLimitTokens: NO_LIMIT_TOKENS,
    taskLimitTokens: NO_LIMIT_TOKENS,
    concurrency: 1,
  })
  try {
    const taskIds = tasks.map(({ id }) => id)
    const { rows, problems } = await checkRun({ ...SCOPE, system, taskIds, expectations })
    const { rows: steps } = await opened.database.query<{ again: bigint }>(
      `SELECT count(*) FILTER (WHERE runs > 1) AS again
         FROM task_steps`,
    )
    return {
      figures: {
        'tasks as after a calm run': rows.filter((row) => row.isAsExpected).length,
        'steps that ran again': Number(steps[0]?.again),
      },
      problems,
    }
  } finally {
    await system.close()
  }
}
