import { isDeepStrictEqual } from 'node:util'
import type { Actor } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { checkGates, explainFindings } from '../check-gates.ts'
import { isSameActor } from '../check-proposal.ts'
import { LearningError, type LearningErrorCode } from '../learning-error.ts'
import { recordAct, recordFact } from '../learning-records.ts'
import { findSituation, lockRole, type RoleSituation, unknownRole } from '../learning-rows.ts'
import { isPlainPerson } from '../plain-person.ts'
import { contentSha256 } from '../prompt-content.ts'
import { ensureVersion, findPrompt } from '../prompt-rows.ts'
import { deleteOldOutcomes, findCanary, findRunningCanary, hasEndedSo, insertCanary } from './canary-rows.ts'
import type { CanaryServices } from './canary-services.ts'
import type { CanaryKey, CanaryPolicy, CanaryTrial } from './canary-trial.ts'

/** A trial to start, checked. */
export interface CheckedCanary extends CanaryKey {
  readonly agentRole: AgentRole
  /** The text to try, or the number of a version that holds it. */
  readonly candidate: { readonly content: string } | { readonly version: number }
  readonly policy: CanaryPolicy
  readonly actor: Actor
}

/** A text that may be tried; it need not be a version yet. */
interface Candidate {
  readonly content: string
  readonly contentSha256: string
  readonly version: number | undefined
}

/** Starts a trial, with `tx`. An error is given back, not thrown: its audit entry stands. */
export async function startCanary(
  tx: SqlTransaction,
  services: CanaryServices,
  asked: CheckedCanary,
): Promise<CanaryTrial | LearningError> {
  const { tenantId, agentRole, actor, canaryId, policy } = asked
  await lockRole(tx, tenantId, agentRole, services.lockTimeoutMs)
  const refuse = async (error: LearningError): Promise<LearningError> => {
    const details = { canaryId, code: error.code, ...error.details }
    const act = { tenantId, agentRole, actor, action: 'prompt.startCanary', outcome: 'denied' } as const
    await recordAct(tx, services, { ...act, details })
    return error
  }
  const situation = await findSituation(tx, tenantId, agentRole)
  if (situation === undefined) return refuse(unknownRole(tenantId, agentRole))
  const known = await findCanary(tx, asked)
  if (known !== undefined) {
    return isSame(known, asked) ? known : refuse(conflict(asked))
  }
  const candidate = await findCandidate(tx, asked)
  const obstacle = await obstacleTo(tx, services, asked, situation, candidate)
  if (obstacle !== undefined) return refuse(obstacle)
  if (candidate === undefined || situation.inForce === null) throw new Error('no obstacle, and no candidate')
  const text = { tenantId, agentRole, content: candidate.content, contentSha256: candidate.contentSha256 }
  const version = candidate.version ?? (await ensureVersion(tx, { ...text, createdBy: actor.id }))
  await deleteOldOutcomes(tx, tenantId, agentRole)
  const trial = await insertCanary(tx, {
    tenantId,
    canaryId,
    agentRole,
    version,
    contentSha256: candidate.contentSha256,
    baseVersion: situation.inForce.version,
    policy,
    startedBy: actor,
  })
  // Whoever took the key started a trial of another role, or this transaction would have waited for them.
  if (trial === undefined) return refuse(conflict(asked))
  await recordStart(tx, services, trial, actor)
  return trial
}

async function findCandidate(
  tx: SqlTransaction,
  { tenantId, agentRole, candidate }: CheckedCanary,
): Promise<Candidate | undefined> {
  if ('version' in candidate) return findPrompt(tx, tenantId, agentRole, candidate.version)
  return { content: candidate.content, contentSha256: contentSha256(candidate.content), version: undefined }
}

/** What is in the way of a trial; undefined where nothing is. */
async function obstacleTo(
  tx: SqlTransaction,
  services: CanaryServices,
  asked: CheckedCanary,
  { inForce, rules, isFrozen, now }: RoleSituation,
  candidate: Candidate | undefined,
): Promise<LearningError | undefined> {
  const { tenantId, agentRole } = asked
  if (inForce === null)
    return refusal('LEARNING_NOTHING_IN_FORCE', 'there is no prompt to try it beside', asked)
  if (candidate === undefined) return refusal('LEARNING_VERSION_NOT_FOUND', 'there is no such version', asked)
  if (candidate.contentSha256 === inForce.contentSha256) {
    return refusal('LEARNING_VERSION_IN_FORCE', 'this text is in force', asked)
  }
  const running = await findRunningCanary(tx, tenantId, agentRole)
  if (running !== undefined) {
    const message = `the trial ${running.canaryId} is running`
    return refusal('LEARNING_CANARY_RUNNING', message, asked, { running: running.canaryId })
  }
  const needsPeople = rules.requiresApproval || isFrozen
  const mayNot = await whoMayNot(tx, asked, candidate, { baseVersion: inForce.version, needsPeople, now })
  if (mayNot !== undefined) return mayNot
  const findings = await checkGates(tx, services.gates, {
    tenantId,
    agentRole,
    content: candidate.content,
    contentSha256: candidate.contentSha256,
    baseVersion: inForce.version,
  })
  if (findings.length === 0) return undefined
  return refusal('LEARNING_GATE_FAILED', explainFindings(findings), asked, { findings })
}

/**
 * Where updates need people, so do trials, and two of them: one proposed the text, and another starts it. Elsewhere agents and
 * services may start one, but not again what the guard took back.
 */
async function whoMayNot(
  tx: SqlTransaction,
  asked: CheckedCanary,
  candidate: Candidate,
  { baseVersion, needsPeople, now }: { baseVersion: number; needsPeople: boolean; now: Date },
): Promise<LearningError | undefined> {
  const { tenantId, agentRole, actor } = asked
  const isPerson = isPlainPerson(actor)
  if (!needsPeople) {
    if (isPerson) return undefined
    const known = candidate.version ?? (await versionOf(tx, asked, candidate.contentSha256))
    if (known === undefined) return undefined
    const tried = { tenantId, agentRole, version: known, baseVersion }
    const wasTakenBack = await hasEndedSo(tx, tried, 'rolled-back')
    return wasTakenBack
      ? refusal('LEARNING_NEEDS_PERSON', 'the guard took this text back; a person may try again', asked)
      : undefined
  }
  if (!isPerson) return refusal('LEARNING_NEEDS_PERSON', 'a person must start a trial for this role', asked)
  const { rows } = await tx.query<{ proposed_by: string }>(
    `SELECT proposed_by FROM learning_history
      WHERE tenant_id = $1 AND agent_role = $2 AND content_sha256 = $3 AND base_version = $4::int
        AND status = 'pending' AND (expires_at IS NULL OR expires_at > $5::timestamptz)`,
    [tenantId, agentRole, candidate.contentSha256, baseVersion, now],
  )
  if (rows.length === 0) {
    return refusal('LEARNING_UPDATE_NOT_FOUND', 'no proposal with this text waits', asked)
  }
  if (rows.some(({ proposed_by }) => proposed_by !== actor.id)) return undefined
  return refusal(
    'LEARNING_SELF_APPROVAL',
    `${actor.id} proposed this text; another must start the trial`,
    asked,
  )
}

async function versionOf(
  tx: SqlTransaction,
  { tenantId, agentRole }: CheckedCanary,
  sha256: string,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ version: number }>(
    'SELECT version FROM prompts WHERE tenant_id = $1 AND agent_role = $2 AND content_sha256 = $3',
    [tenantId, agentRole, sha256],
  )
  return rows[0]?.version
}

async function recordStart(
  tx: SqlTransaction,
  records: CanaryServices,
  trial: CanaryTrial,
  actor: Actor,
): Promise<void> {
  const { tenantId, agentRole, canaryId, version, baseVersion, policy } = trial
  const details = { canaryId, version, baseVersion, contentSha256: trial.contentSha256, ...policy }
  const act = { tenantId, agentRole, actor, action: 'prompt.startCanary', outcome: 'allowed' } as const
  await recordAct(tx, records, { ...act, details })
  const fact = { tenantId, agentRole, type: 'prompt.canaryStarted', at: trial.startedAt }
  await recordFact(tx, records, { ...fact, data: { ...details, startedBy: actor.id } })
}

function isSame(known: CanaryTrial, asked: CheckedCanary): boolean {
  const { candidate } = asked
  const isSameText =
    'version' in candidate
      ? known.version === candidate.version
      : known.contentSha256 === contentSha256(candidate.content)
  return (
    isSameText &&
    known.agentRole === asked.agentRole &&
    isSameActor(known.startedBy, asked.actor) &&
    isDeepStrictEqual(known.policy, asked.policy)
  )
}

function conflict(asked: CheckedCanary): LearningError {
  return refusal(
    'LEARNING_CANARY_CONFLICT',
    `the trial ${asked.canaryId} was started with other facts`,
    asked,
  )
}

function refusal(
  code: LearningErrorCode,
  message: string,
  { tenantId, agentRole, canaryId }: CheckedCanary,
  more: Readonly<Record<string, unknown>> = {},
): LearningError {
  return new LearningError({ code, message, details: { tenantId, agentRole, canaryId, ...more } })
}
