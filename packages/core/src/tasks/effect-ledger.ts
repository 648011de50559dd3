import { requireMethods, withDefaults } from '../errors/index.ts'
import { jsonText, type SqlDatabase } from '../storage/index.ts'
import type { StepState } from './steps/step.ts'
import { stepLeaseLost } from './steps/step-error.ts'
import { TaskError } from './task-error.ts'

/** What the ledger knows of an effect. `uncertain`: it was intended, and whoever intended it is gone. */
export type EffectState<Result> =
  | { readonly state: 'new' }
  /** `fence` is that of the claim which intends it; absent where the effect belongs to no step. */
  | { readonly state: 'intended'; readonly fence?: number }
  | { readonly state: 'done'; readonly result: Result }
  | { readonly state: 'uncertain' }

/** Names an effect: unique in its tenant, derived from the task and the step so that a second run finds it. */
export interface EffectKey {
  readonly tenantId: string
  readonly taskId: string
  /** 1 to 512 characters. */
  readonly effectId: string
}

/** The claim under which an effect happens: a claimed step is one. */
export interface EffectFence {
  readonly stepId: string
  readonly fence: number
}

/** What an {@link EffectLedger} is made of. */
export interface EffectLedgerOptions {
  /** A database with the migration module `tasks`. Never closed here. */
  readonly database: SqlDatabase
}

interface EffectRow {
  readonly state: 'intended' | 'done' | 'uncertain'
  readonly result: unknown
  readonly fence: bigint | null
}

/** The step while its claim holds. Locked, so that no other claims it before the statement has taken effect. */
const HELD_STEP = `SELECT FROM task_steps
   WHERE tenant_id = $1 AND task_id = $2 AND step_id = $3 AND fence = $4::bigint AND state = 'running' FOR SHARE`

/**
 * Remembers calls to the outside, so that a run after a crash neither repeats one that happened nor forgets one that
 * may have: write the intention, make the call, write the result. With the fence of a claimed step each word counts only
 * while that claim holds: of two processes that both believe they run the step, one can act.
 */
export class EffectLedger {
  readonly #database: SqlDatabase

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: EffectLedgerOptions) {
    const { database } = withDefaults(options, { database: undefined })
    this.#database = requireMethods('database', database, ['query'])
  }

  /** What is known of the effect. `Result` is what {@link finish} was given, as JSON. @throws StorageError by code. */
  async find<Result>(key: EffectKey): Promise<EffectState<Result>> {
    const found = await this.#database.query<EffectRow>(
      'SELECT state, result, fence FROM task_effects WHERE tenant_id = $1 AND effect_id = $2',
      [key.tenantId, key.effectId],
    )
    const row = found.rows[0]
    if (row === undefined) return { state: 'new' }
    if (row.state === 'uncertain') return { state: 'uncertain' }
    if (row.state === 'intended')
      return { state: 'intended', ...(row.fence === null ? {} : { fence: Number(row.fence) }) }
    // The result is what finish stored under this key, as JSON; the key names one kind of effect.
    return { state: 'done', result: row.result as Result }
  }

  /**
   * Writes that the call is about to be made; true for the one caller who may make it, false for all others.
   * @throws TaskError `STEP_LEASE_LOST` where the claim of `fence` no longer holds; StorageError by code.
   */
  async intend(key: EffectKey, fence?: EffectFence): Promise<boolean> {
    if (fence === undefined) {
      const inserted = await this.#database.query(
        `INSERT INTO task_effects (tenant_id, effect_id, task_id, state) VALUES ($1, $2, $3, 'intended')
         ON CONFLICT (tenant_id, effect_id) DO NOTHING`,
        [key.tenantId, key.effectId, key.taskId],
      )
      return inserted.rowCount === 1
    }
    const inserted = await this.#database.query(
      `WITH held AS MATERIALIZED (${HELD_STEP})
       INSERT INTO task_effects (tenant_id, effect_id, task_id, step_id, fence, state)
       SELECT $1, $5, $2, $3, $4::bigint, 'intended' FROM held
       ON CONFLICT (tenant_id, effect_id) DO NOTHING`,
      [key.tenantId, key.taskId, fence.stepId, fence.fence, key.effectId],
    )
    if (inserted.rowCount === 1) return true
    await this.#requireHeld(key, fence)
    return false
  }

  /**
   * Writes the result.
   * @throws TaskError `STEP_LEASE_LOST` where the claim of `fence` no longer holds, `EFFECT_NOT_INTENDED` unless the
   * effect is intended; StorageError by code.
   */
  async finish(key: EffectKey, result: object, fence?: EffectFence): Promise<void> {
    await this.#settle(key, 'done', jsonText(result), fence)
  }

  /**
   * Writes that nobody knows whether an intended call happened.
   * @throws TaskError `STEP_LEASE_LOST` where the claim of `fence` no longer holds, `EFFECT_NOT_INTENDED` unless the
   * effect is intended; StorageError by code.
   */
  async markUncertain(key: EffectKey, fence?: EffectFence): Promise<void> {
    await this.#settle(key, 'uncertain', null, fence)
  }

  async #settle(
    key: EffectKey,
    state: 'done' | 'uncertain',
    result: string | null,
    fence: EffectFence | undefined,
  ): Promise<void> {
    const updated = await this.#database.query(
      `WITH held AS MATERIALIZED (${HELD_STEP})
       UPDATE task_effects SET state = $6, result = $7::jsonb, settled_at = clock_timestamp()
        WHERE tenant_id = $1 AND effect_id = $5 AND state = 'intended'
          AND ($3::text IS NULL OR EXISTS (SELECT FROM held))`,
      [key.tenantId, key.taskId, fence?.stepId ?? null, fence?.fence ?? null, key.effectId, state, result],
    )
    if (updated.rowCount === 1) return
    if (fence !== undefined) await this.#requireHeld(key, fence)
    throw new TaskError({
      code: 'EFFECT_NOT_INTENDED',
      message: `effect ${key.effectId} is not waiting for a result`,
      details: { tenantId: key.tenantId, effectId: key.effectId },
    })
  }

  async #requireHeld({ tenantId, taskId }: EffectKey, { stepId, fence }: EffectFence): Promise<void> {
    const { rows } = await this.#database.query<{ state: StepState; fence: bigint }>(
      'SELECT state, fence FROM task_steps WHERE tenant_id = $1 AND task_id = $2 AND step_id = $3',
      [tenantId, taskId, stepId],
    )
    const step = rows[0]
    if (step?.state === 'running' && Number(step.fence) === fence) return
    throw stepLeaseLost({ tenantId, taskId, stepId }, step?.state ?? 'cancelled')
  }
}
