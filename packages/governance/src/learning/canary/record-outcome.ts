import type { Actor } from '@golden-arch/core/audit'
import type { AgentRole } from '@golden-arch/core/tasks'
import { countOutcome, findRunningCanary, lockCanary } from './canary-rows.ts'
import type { CanaryServices } from './canary-services.ts'
import type { CanaryEnd, CanaryTrial } from './canary-trial.ts'
import { type CanaryVerdict, decideCanary } from './decide-canary.ts'
import { endCanary } from './end-canary.ts'
import { promptFor } from './prompt-for.ts'

/** How a task ended that had one of the two prompts. */
export interface CanaryOutcome {
  readonly tenantId: string
  readonly agentRole: AgentRole
  /** The version that the task had. */
  readonly version: number
  /** 1 to 256 characters; the first outcome of a task counts. */
  readonly taskId: string
  readonly succeeded: boolean
}

/** What recording an outcome did. */
export interface RecordedOutcome {
  /**
   * `counted`; `duplicate`: the task was counted before; `not-counted`: no trial is running, or the task did not have the prompt
   * that the trial gives it, as one that began before and falls to the new text.
   */
  readonly status: 'counted' | 'duplicate' | 'not-counted'
  /** The trial after the outcome, ended perhaps by this very one; null where none was running. */
  readonly trial: CanaryTrial | null
}

const GUARD: Actor = { id: 'governance', kind: 'service' }
const ENDS: Readonly<Record<Exclude<CanaryVerdict['kind'], 'continue'>, CanaryEnd>> = Object.freeze({
  'roll-back': 'rolled-back',
  passed: 'passed',
  inconclusive: 'inconclusive',
})

/** Counts an outcome and ends the trial where that settles it, in one transaction; then raises the alert of a rollback. */
export async function recordOutcome(
  services: CanaryServices,
  outcome: CanaryOutcome,
): Promise<RecordedOutcome> {
  const { database, alerts } = services
  const { tenantId, agentRole, version, taskId, succeeded } = outcome
  // Most outcomes are recorded while nothing is on trial: those take no lock. What is read here never changes of a trial.
  const running = await findRunningCanary(database, tenantId, agentRole)
  if (running === undefined) return { status: 'not-counted', trial: null }
  const onTrial = version === running.version
  if (version !== versionFor(running, taskId)) return { status: 'not-counted', trial: running }
  const recorded = await database.transaction(async (tx): Promise<RecordedOutcome> => {
    await lockCanary(tx, tenantId, agentRole)
    const counted = await countOutcome(tx, running, taskId, onTrial, succeeded)
    if (counted === undefined) {
      const now = await findRunningCanary(tx, tenantId, agentRole)
      const isSame = now?.canaryId === running.canaryId
      return { status: isSame ? 'duplicate' : 'not-counted', trial: now ?? null }
    }
    const { kind, evidence } = decideCanary(counted.counts, counted.policy)
    if (kind === 'continue') return { status: 'counted', trial: counted }
    const ending = { status: ENDS[kind], actor: GUARD, details: { evidence } }
    const ended = await endCanary(tx, services, counted, ending)
    if (ended === undefined) throw new Error(`the locked trial ${counted.canaryId} has ended`)
    return { status: 'counted', trial: ended }
  })
  if (recorded.trial?.status === 'rolled-back') alerts.raise(alertOf(recorded.trial))
  return recorded
}

/** The version that the trial gives the task. */
function versionFor(trial: CanaryTrial, taskId: string): number {
  const { version, baseVersion, contentSha256, policy } = trial
  const production = { version: baseVersion, contentSha256: '' }
  return promptFor({
    taskId,
    production,
    canary: { version, contentSha256 },
    shareMilli: policy.shareMilli,
  }).version
}

function alertOf({ tenantId, agentRole, canaryId, version, baseVersion, counts }: CanaryTrial) {
  const { canaryFailures, canaryTasks, productionFailures, productionTasks } = counts
  const failed = `${canaryFailures} of ${canaryTasks} tasks failed, ${productionFailures} of ${productionTasks} beside it`
  return {
    kind: 'learning.canaryRolledBack',
    severity: 'warning',
    summary: `the prompt of ${agentRole} on trial was taken back: ${failed}`,
    tenantId,
    key: `${agentRole}/${canaryId}`,
    details: { agentRole, canaryId, version, baseVersion, ...counts },
  } as const
}
