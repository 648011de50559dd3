import { requireTenantId } from '@golden-arch/core/errors'
import type { Page } from '@golden-arch/core/storage'
import { AGENT_ROLES } from '@golden-arch/core/tasks'
import { repeat, TimeError } from '@golden-arch/core/time'
import { allowPattern, type PatternAllowance } from './allow-pattern.ts'
import { claimUpdate, findNewPatterns } from './claim-updates.ts'
import type { SuggestedPattern } from './detect-patterns.ts'
import type { TenantCall } from './failure-history.ts'
import { selectTenants } from './failure-rows.ts'
import { askInForce } from './governed-calls.ts'
import type { LearntPattern } from './learnt-pattern.ts'
import { type LearntPatternListOptions, selectPatterns } from './learnt-pattern-rows.ts'
import { measurePatterns } from './measure-patterns.ts'
import {
  type PatternSupervisorOptions,
  type PatternSupervisorParts,
  resolvePatternSupervisorOptions,
} from './pattern-supervisor-options.ts'
import { selectUpdates } from './pattern-update-rows.ts'
import { undoneByOthers } from './plan-undo.ts'
import { selectApplied, settleUndoneByOthers } from './settle-undone.ts'
import { proposeAndSettle, type UpdateOutcome } from './settle-update.ts'
import { type UndoOutcome, undo, undoHarm } from './undo-harm.ts'

/** What a round of learning did. */
export interface LearnReport {
  /** Old failures that were removed. */
  readonly forgotten: number
  /** Updates that were proposed, or whose fate was asked for, and what became of each. */
  readonly updates: readonly { readonly updateId: string; readonly outcome: UpdateOutcome | UndoOutcome }[]
  /** Suggestions by fixes that let an agent do more: they are never proposed. */
  readonly needPerson: readonly SuggestedPattern[]
  /** How many of the suggestions of this round chance alone makes at most, on average. */
  readonly expectedByChance: number
}

/**
 * Learns from failures: what helped, by a lower bound, is proposed to learning governance as a part of the role's prompt,
 * what it did is measured once it is applied, and what did harm is rolled back, once, and not proposed again until a person
 * allows it. Several may run at once, and each may die at any point: nothing is proposed or rolled back twice.
 */
export class PatternSupervisor {
  readonly #parts: PatternSupervisorParts

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: PatternSupervisorOptions) {
    this.#parts = resolvePatternSupervisorOptions(options)
  }

  /**
   * One round for a tenant: forgets old failures, finishes what a round before began, measures what is applied, rolls back
   * what does harm, and proposes what is new. Run it from time to time. An update that cannot be settled keeps no other
   * from its turn; the first error of such is thrown when all had theirs.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad tenant or a bad text of `renderPrompt`; StorageError by code;
   * TimeError `ABORTED`, `DEADLINE_EXCEEDED`; what learning governance throws. The next round goes on from there.
   */
  async runOnce({ tenantId, signal }: TenantCall): Promise<LearnReport> {
    requireTenantId(tenantId)
    const parts = this.#parts
    const updates: { updateId: string; outcome: UpdateOutcome | UndoOutcome }[] = []
    const failures: unknown[] = []
    const attempt = async (step: () => Promise<void>): Promise<void> => {
      requireGoing(signal)
      await step().catch((error: unknown) => {
        if (signal?.aborted === true) throw error
        failures.push(error)
      })
    }
    const forgotten = await parts.history.forgetOld({ tenantId, signal })
    // Who claimed an update may still be proposing it: refused to one and applied for the other it would be lost.
    const claimedMs = 2 * parts.callTimeoutMs
    for (const update of await selectUpdates(parts.database, tenantId, OPEN, claimedMs)) {
      const { updateId } = update
      await attempt(async () => {
        if (update.status === 'rolling-back') {
          updates.push({ updateId, outcome: await undo(parts, update, signal) })
        } else if (update.status !== 'applied') {
          updates.push({ updateId, outcome: await proposeAndSettle(parts, update, signal) })
        }
      })
    }
    await this.#heedOthers(tenantId, signal)
    const measured = await measurePatterns(parts, tenantId)
    requireGoing(signal)
    updates.push(...(await undoHarm(parts, tenantId, measured, signal)))
    const found = await findNewPatterns(parts, tenantId)
    for (const agentRole of AGENT_ROLES) {
      await attempt(async () => {
        const update = await claimUpdate(parts, { tenantId, agentRole }, found, signal)
        if (update === undefined) return
        const outcome = await proposeAndSettle(parts, update, signal)
        updates.push({ updateId: update.updateId, outcome })
      })
    }
    if (failures.length > 0) throw failures[0]
    const { needPerson, expectedByChance } = found
    return { forgotten, updates, needPerson, expectedByChance }
  }

  /**
   * Learns for each tenant that has failures or an update that is not settled, round after round, until the signal fires.
   * What fails of one tenant is logged, keeps none of the others from it, and is tried again.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { database, logger, pollIntervalMs, clock } = this.#parts
    let after = ''
    const round = async (): Promise<void> => {
      const tenants = await selectTenants(database, after, MAX_TENANTS)
      after = (tenants.length < MAX_TENANTS ? undefined : tenants.at(-1)) ?? ''
      for (const tenantId of tenants) {
        if (signal.aborted) return
        await this.runOnce({ tenantId, signal }).catch((error: unknown) => {
          if (!signal.aborted) logger.warn({ err: error, tenantId }, 'learning from failures failed')
        })
      }
    }
    await repeat(round, {
      signal,
      pollIntervalMs,
      clock,
      onFailure: (err, failure) => logger.warn({ err, ...failure }, 'learning from failures failed'),
    })
  }

  /**
   * Lets a pattern that was rolled back or rejected be suggested again. Only people may; allowed twice changes nothing.
   * @throws InvalidOptionError `INVALID_OPTION`; PatternError `PATTERN_NOT_FOUND`, `PATTERN_NEEDS_PERSON`; StorageError by code.
   */
  async allow(allowance: PatternAllowance): Promise<LearntPattern> {
    return allowPattern(this.#parts, allowance)
  }

  /** A page of what was learnt, oldest first. @throws InvalidOptionError `INVALID_OPTION` on a bad limit or cursor; StorageError by code. */
  async list(options: LearntPatternListOptions): Promise<Page<LearntPattern>> {
    return selectPatterns(this.#parts.database, options)
  }

  /** Writes down what somebody else rolled back; what is being rolled back by a supervisor is not looked at. */
  async #heedOthers(tenantId: string, signal: AbortSignal | undefined): Promise<void> {
    const parts = this.#parts
    const applied = await selectApplied(parts.database, tenantId)
    for (const agentRole of new Set(applied.map((update) => update.agentRole))) {
      requireGoing(signal)
      const current = await askInForce(parts, { tenantId, agentRole }, signal)
      if (current === undefined) continue
      const undoing = await selectUpdates(parts.database, tenantId, ['rolling-back'])
      if (undoing.some((update) => update.agentRole === agentRole)) continue
      const ofRole = applied.filter((update) => update.agentRole === agentRole)
      for (const update of undoneByOthers(current.version, ofRole)) await settleUndoneByOthers(parts, update)
    }
  }
}

/** Of more tenants than these, a round learns for those whose names follow the ones of the round before. */
const MAX_TENANTS = 1000
const OPEN = ['proposing', 'pending', 'rolling-back'] as const

function requireGoing(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw TimeError.aborted(signal.reason)
}
