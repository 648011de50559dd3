import { jsonText, type SqlDatabase } from '../storage/index.ts'
import { TaskError } from './task-error.ts'

/** What the ledger knows of an effect. `uncertain`: it was intended, and whoever intended it is gone. */
export type EffectState<Result> =
  | { readonly state: 'new' }
  | { readonly state: 'intended' }
  | { readonly state: 'done'; readonly result: Result }
  | { readonly state: 'uncertain' }

/** Names an effect: unique in its tenant, derived from the task and the step so that a second run finds it. */
export interface EffectKey {
  readonly tenantId: string
  readonly taskId: string
  /** 1 to 512 characters. */
  readonly effectId: string
}

interface EffectRow {
  readonly state: 'intended' | 'done' | 'uncertain'
  readonly result: unknown
}

/**
 * Remembers calls to the outside, so that a run after a crash neither repeats one that happened nor forgets one that
 * may have: write the intention, make the call, write the result.
 */
export class EffectLedger {
  readonly #database: SqlDatabase

  constructor(options: { readonly database: SqlDatabase }) {
    this.#database = options.database
  }

  /** What is known of the effect. `Result` is what {@link finish} was given, as JSON. @throws StorageError by code. */
  async find<Result>(key: EffectKey): Promise<EffectState<Result>> {
    const found = await this.#database.query<EffectRow>(
      'SELECT state, result FROM task_effects WHERE tenant_id = $1 AND effect_id = $2',
      [key.tenantId, key.effectId],
    )
    const row = found.rows[0]
    if (row === undefined) return { state: 'new' }
    // The result is what finish stored under this key, as JSON; the key names one kind of effect.
    return row.state === 'done' ? { state: 'done', result: row.result as Result } : { state: row.state }
  }

  /**
   * Writes that the call is about to be made; true for the one caller who may make it, false for all others.
   * @throws StorageError by code.
   */
  async intend(key: EffectKey): Promise<boolean> {
    const inserted = await this.#database.query(
      `INSERT INTO task_effects (tenant_id, effect_id, task_id, state) VALUES ($1, $2, $3, 'intended')
       ON CONFLICT (tenant_id, effect_id) DO NOTHING`,
      [key.tenantId, key.effectId, key.taskId],
    )
    return inserted.rowCount === 1
  }

  /** Writes the result. @throws TaskError `EFFECT_NOT_INTENDED` unless the effect is intended; StorageError by code. */
  async finish(key: EffectKey, result: object): Promise<void> {
    await this.#settle(key, 'done', jsonText(result))
  }

  /**
   * Writes that nobody knows whether an intended call happened.
   * @throws TaskError `EFFECT_NOT_INTENDED` unless the effect is intended; StorageError by code.
   */
  async markUncertain(key: EffectKey): Promise<void> {
    await this.#settle(key, 'uncertain', null)
  }

  async #settle(key: EffectKey, state: 'done' | 'uncertain', result: string | null): Promise<void> {
    const updated = await this.#database.query(
      `UPDATE task_effects SET state = $3, result = $4::jsonb, settled_at = clock_timestamp()
        WHERE tenant_id = $1 AND effect_id = $2 AND state = 'intended'`,
      [key.tenantId, key.effectId, state, result],
    )
    if (updated.rowCount === 1) return
    throw new TaskError({
      code: 'EFFECT_NOT_INTENDED',
      message: `effect ${key.effectId} is not waiting for a result`,
      details: { tenantId: key.tenantId, effectId: key.effectId },
    })
  }
}
