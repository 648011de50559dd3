import type { SqlTransaction } from '@golden-arch/core/storage'
import { endRefusedTrial, type TextRefusal } from '../canary/end-refused-trial.ts'
import { findChange } from '../change-rows.ts'
import { lockRole, selectSituation } from '../learning-rows.ts'
import type { PromptUpdateKey } from '../prompt-update.ts'
import { selectApprovals, selectDue, selectRefusedOnTrial } from './approval-rows.ts'
import { endBreakGlass, pageBreakGlass, selectWatched, type WatchedChange } from './break-glass-watch.ts'
import type { ResolvedPromptApprovalsOptions } from './prompt-approvals-options.ts'
import { GOVERNANCE, settleUpdate, type UpdateSettlement } from './settle-update.ts'

/** What a round over waiting proposals did. */
export interface ApprovalRound {
  readonly applied: number
  /** Still held by a limit or a gate. */
  readonly held: number
  /** Expired, or based on a version that is not in force any more. */
  readonly fell: number
  /** Could not be looked at; logged, and left for the next round. */
  readonly failed: number
}

const BATCH = 100

/** Looks at each proposal that is due, one transaction each. @throws StorageError by code where the list cannot be read. */
export async function settleDue(
  options: ResolvedPromptApprovalsOptions,
  which: 'approved' | 'expired',
  signal?: AbortSignal,
): Promise<ApprovalRound> {
  const counts = { applied: 0, held: 0, falls: 0, waits: 0, settled: 0, failed: 0 }
  const select = (after: bigint): Promise<readonly WatchedChange[]> =>
    selectDue(options.database, which, after, BATCH)
  for await (const key of walk(select, signal)) {
    const kind = await attempt(options, key, () => settleOne(options, key))
    counts[kind?.kind ?? 'failed']++
  }
  return { applied: counts.applied, held: counts.held, fell: counts.falls, failed: counts.failed }
}

/** Ends each trial of a text that was refused through SQL, where nobody ends one; how many. @throws as {@link settleDue}. */
export async function endRefusedTrials(
  options: ResolvedPromptApprovalsOptions,
  signal?: AbortSignal,
): Promise<number> {
  const { database } = options
  let ended = 0
  for await (const key of walk((after) => selectRefusedOnTrial(database, after, BATCH), signal)) {
    const end = (): Promise<boolean> => database.transaction((tx) => endOne(tx, options, key))
    if ((await attempt(options, key, end)) === true) ended++
  }
  return ended
}

/** Ends each broken glass whose time is up; how many. @throws as {@link settleDue}. */
export async function endBreakGlasses(
  options: ResolvedPromptApprovalsOptions,
  signal?: AbortSignal,
): Promise<number> {
  const { database } = options
  let ended = 0
  for await (const key of walk((after) => selectWatched(database, 'ended', after, BATCH), signal)) {
    const end = (): Promise<boolean> => database.transaction((tx) => endBreakGlass(tx, options, key))
    if ((await attempt(options, key, end)) === true) ended++
  }
  return ended
}

/** Pages about each broken glass that nobody was paged about; how many. @throws as {@link settleDue}. */
export async function pageUnpaged(
  options: ResolvedPromptApprovalsOptions,
  signal?: AbortSignal,
): Promise<number> {
  const { database } = options
  let paged = 0
  for await (const key of walk((after) => selectWatched(database, 'unpaged', after, BATCH), signal)) {
    await attempt(options, key, async () => {
      const change = await findChange(database, key)
      if (change === undefined) return
      await pageBreakGlass(options, change)
      paged++
    })
  }
  return paged
}

async function settleOne(
  options: ResolvedPromptApprovalsOptions,
  key: PromptUpdateKey,
): Promise<UpdateSettlement> {
  return options.database.transaction(async (tx) => {
    const found = await findChange(tx, key)
    if (found === undefined) return { kind: 'settled' }
    await lockRole(tx, key.tenantId, found.agentRole, options.lockTimeoutMs)
    // Read after the lock: whoever held it before may have settled the proposal.
    const change = (await findChange(tx, key)) ?? found
    const approvals = await selectApprovals(tx, key)
    const role = await selectSituation(tx, key.tenantId, change.agentRole)
    return settleUpdate(tx, options, change, role, approvals)
  })
}

async function endOne(
  tx: SqlTransaction,
  options: ResolvedPromptApprovalsOptions,
  key: PromptUpdateKey,
): Promise<boolean> {
  const change = await findChange(tx, key)
  if (change?.status !== 'rejected' && change?.status !== 'expired') return false
  await lockRole(tx, key.tenantId, change.agentRole, options.lockTimeoutMs)
  const refusal: TextRefusal =
    change.status === 'rejected'
      ? { status: change.status, actor: { id: change.settled.by, kind: 'human' }, at: change.settled.at }
      : { status: change.status, actor: GOVERNANCE, at: change.expiresAt ?? change.proposedAt }
  return endRefusedTrial(tx, options, change, refusal)
}

/** One that fails keeps no other from its turn. */
async function attempt<T>(
  { logger }: ResolvedPromptApprovalsOptions,
  { tenantId, updateId }: PromptUpdateKey,
  run: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    logger.error({ err: error, tenantId, updateId }, 'a waiting change of a prompt could not be looked at')
    return undefined
  }
}

/** Each of a list once, in its order, read in batches, until the signal fires. */
async function* walk(
  select: (after: bigint) => Promise<readonly WatchedChange[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<PromptUpdateKey> {
  const isStopped = (): boolean => signal?.aborted === true
  for (let after = 0n; !isStopped(); ) {
    const batch = await select(after)
    for (const one of batch) {
      if (isStopped()) return
      after = one.position
      yield { tenantId: one.tenantId, updateId: one.updateId }
    }
    if (batch.length < BATCH) return
  }
}
