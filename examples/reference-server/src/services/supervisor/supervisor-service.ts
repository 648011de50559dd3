import { BudgetSweeper } from '@golden-arch/budget'
import { AuditLinker } from '@golden-arch/core/audit'
import { SqlRefreshTokenStore } from '@golden-arch/core/security'
import { TaskSweeper } from '@golden-arch/core/tasks'
import { EscalationTimer } from '@golden-arch/governance/escalation'
import { FailureHistory } from '@golden-arch/governance/patterns'
import { ReviewSweeper } from '@golden-arch/governance/review'
import { DeadLetterRecorder, STREAM_TOPOLOGY } from '@golden-arch/messaging'
import { AdvisoryReconciler } from '@golden-arch/messaging/jetstream'
import { assembleGovernance } from '../../assemble-governance.ts'
import { keepRunning, repeat } from '../../keep-running.ts'
import { openAuditCheckpoints } from '../../open-audit-checkpoints.ts'
import type { ServerContext } from '../../server-context.ts'
import type { Service } from '../../service.ts'
import { MESSAGE_LEASE_MS } from '../../shared-parts.ts'
import { RolePrompts } from '../agent-runtime/role-prompts.ts'
import { auditBudgetEvents } from '../budget-audit.ts'
import { recordPromptOutcomes } from '../prompt-outcomes.ts'
import { recordFailures } from '../record-failures.ts'
import { withdrawQuestions } from '../withdraw-questions.ts'
import { forgetEnded } from './forget-ended.ts'
import { learnPatterns } from './learn-patterns.ts'
import { verifyAuditChains } from './verify-audit-chains.ts'

const SWEEP_INTERVAL_MS = 30_000
const FORGOTTEN_SESSIONS = 10_000
const DAY_MS = 86_400_000

/** A loop of the supervisor, and what it does in words. */
type Loop = readonly [task: string, run: (signal: AbortSignal) => Promise<unknown>]

/**
 * Watches over what no single task is: raises escalations that nobody takes on, withdraws those that are void, closes reviews and approvals that are
 * due, records failures and learns from them, links the audit log, writes budget events down, looks after dead letters and sweeps what
 * has ended. Several supervisors may run at once, and each loop outlives an outage of what it works with.
 */
export async function createSupervisorService(context: ServerContext): Promise<Service> {
  const { logger } = context
  const loops = [
    ...(await recordLoops(context)),
    ...governanceLoops(context),
    ...messageLoops(context),
    ...upkeepLoops(context),
  ]
  return {
    name: 'supervisor',
    run: async (stopping) => {
      const sweeping = { task: 'forgetting sessions', signal: stopping, logger }
      await Promise.all([
        ...loops.map(([task, run]) => keepRunning({ task, signal: stopping, logger }, run)),
        repeat({ ...sweeping, intervalMs: SWEEP_INTERVAL_MS }, () => sweep(context)),
      ])
    },
  }
}

async function recordLoops(context: ServerContext): Promise<readonly Loop[]> {
  const { database, logger, metrics } = context
  const checkpoints = await openAuditCheckpoints(context.configuration)
  const linker = new AuditLinker({
    database,
    logger,
    metrics,
    ...(checkpoints?.writing === undefined ? {} : { checkpoints: checkpoints.writing }),
  })
  return [
    ['linking the audit log', (signal) => linker.run({ signal })],
    ['verifying the audit log', (signal) => verifyAuditChains({ ...context, checkpoints }, signal)],
    [
      'writing budget events into the audit log',
      (signal) => auditBudgetEvents({ ...context, leaseMs: MESSAGE_LEASE_MS }, signal),
    ],
  ]
}

function governanceLoops(context: ServerContext): readonly Loop[] {
  const { database, outbox, audit, alerts, logger, broker, metrics, escalations } = context
  const consuming = { broker, logger, metrics, leaseMs: MESSAGE_LEASE_MS }
  const tasks = new TaskSweeper({ database, machine: context.machine, steps: context.steps, logger })
  const governance = assembleGovernance(context)
  const keepMs = (context.configuration.GOVERNANCE_RETENTION_DAYS ?? 0) * DAY_MS
  const timer = new EscalationTimer({
    ...{ escalations, alerts, logger },
    retentionMs: keepMs === 0 ? undefined : keepMs,
  })
  const reviews = new ReviewSweeper({
    ...{ reviews: governance.reviews, logger },
    retentionMs: keepMs === 0 ? undefined : keepMs,
  })
  const prompts = new RolePrompts({ database, outbox, audit, alerts })
  return [
    ['ending tasks past their deadline', (signal) => tasks.run({ signal })],
    ['raising escalations', (signal) => timer.run({ signal })],
    ['closing reviews that are due', (signal) => reviews.run({ signal })],
    ['settling prompt approvals', (signal) => governance.approvals.run({ signal })],
    [
      'recording failures',
      (signal) =>
        recordFailures({ ...consuming, database, history: new FailureHistory({ database }) }, signal),
    ],
    ['learning from failures', (signal) => learnPatterns(context, governance, signal)],
    [
      'telling trials of prompts how tasks end',
      (signal) => recordPromptOutcomes({ ...consuming, prompts }, signal),
    ],
    [
      'withdrawing the questions of tasks that have ended',
      (signal) => withdrawQuestions({ ...consuming, escalations }, signal),
    ],
  ]
}

/** What keeps tables from growing for ever. */
function upkeepLoops(context: ServerContext): readonly Loop[] {
  const { budgets, database, machine, steps, logger, configuration } = context
  const sweeper = new BudgetSweeper({ budgets, logger })
  const expiring: Loop = ['expiring holds and folding movements', (signal) => sweeper.run({ signal })]
  const days = configuration.RETENTION_DAYS
  if (days === undefined) return [expiring]
  const order = {
    ...context,
    tasks: new TaskSweeper({ database, machine, steps, logger }),
    retentionMs: days * DAY_MS,
  }
  return [expiring, ['forgetting what ended long ago', (signal) => forgetEnded(order, signal)]]
}

function messageLoops(context: ServerContext): readonly Loop[] {
  const { database, broker, deadLetters, jetstream, alerts, logger, metrics, tracer, tenantId } = context
  const watching: Loop = ['watching dead letters', (signal) => deadLetters.run({ signal })]
  if (jetstream === undefined) return [watching]
  const recording = { broker, database, alerts, logger, metrics, tracer }
  // What nobody can read is for those who look after the system, or no person could ever settle it.
  const recorder = new DeadLetterRecorder({ ...recording, unknownTenantId: tenantId })
  const streams = STREAM_TOPOLOGY.map(({ stream }) => stream)
  const reconciler = new AdvisoryReconciler({ broker: jetstream, streams, logger, tracer })
  return [
    watching,
    ['recording dead letters', (signal) => recorder.run({ signal })],
    ['recovering messages that NATS gave up', (signal) => reconciler.run({ signal })],
  ]
}

/** Forgets sessions that have ended. */
async function sweep({ database }: ServerContext): Promise<void> {
  await new SqlRefreshTokenStore({ database }).forgetEnded(FORGOTTEN_SESSIONS)
}
