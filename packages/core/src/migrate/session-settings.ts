import type { SqlExecutor, SqlSession } from '../storage/index.ts'

/**
 * Who the session is, first, for that says what it may set; then every setting that a statement may change, but those of
 * one transaction, which end with it.
 */
const SETTINGS = `SELECT name FROM unnest(ARRAY['session_authorization', 'role']) AS n (name)
  UNION ALL SELECT name FROM pg_settings WHERE context IN ('user', 'superuser') AND name NOT LIKE 'transaction\\_%'`

/** Settings of a session as they were found, so that a connection goes back to its pool as it came. */
export class SessionSettings {
  readonly #session: SqlSession
  readonly #values: ReadonlyMap<string, string>

  private constructor(session: SqlSession, values: ReadonlyMap<string, string>) {
    this.#session = session
    this.#values = values
  }

  /** Notes the settings of `session`. */
  static async of(session: SqlSession): Promise<SessionSettings> {
    const { rows } = await session.query<{ name: string; value: string }>(
      `SELECT s.name, current_setting(s.name, true) AS value FROM (${SETTINGS}) AS s
        WHERE current_setting(s.name, true) IS NOT NULL`,
    )
    return new SessionSettings(session, new Map(rows.map((row) => [row.name, row.value])))
  }

  /** Puts back what was changed since, by way of `executor`, which is the same session. */
  async restore(executor: SqlExecutor): Promise<void> {
    await executor.query(
      `SELECT set_config(s.name, s.value, false) FROM unnest($1::text[], $2::text[]) AS s (name, value)
        WHERE current_setting(s.name, true) IS DISTINCT FROM s.value`,
      [[...this.#values.keys()], [...this.#values.values()]],
    )
  }

  /**
   * Asks the server to end what this session runs once its client is gone, so that a killed runner's locks are free
   * within seconds. Servers on systems that cannot tell refuse it; the locks are then free when the statement ends.
   */
  async endWithClient(): Promise<void> {
    await this.#session
      .query("SELECT set_config('client_connection_check_interval', '1000', false)")
      .catch(() => undefined)
  }
}
