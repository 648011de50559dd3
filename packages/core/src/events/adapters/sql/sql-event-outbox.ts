import { withDefaults } from '../../../errors/index.ts'
import { silentTracer, type Tracer } from '../../../observability/index.ts'
import { jsonText, type SqlTransaction } from '../../../storage/index.ts'
import type { EventEnvelope } from '../../event-envelope.ts'
import type { EventOutbox } from '../../event-outbox.ts'

/** What a {@link SqlEventOutbox} is made of. */
export interface SqlEventOutboxOptions {
  /** Its active span goes with each event that has no `traceparent`, so that one trace tells the whole story. Default: none. */
  readonly tracer?: Tracer | undefined
}

const DEFAULTS = Object.freeze({ tracer: silentTracer })

/** The outbox in the table `outbox` of the migration module `events`. */
export class SqlEventOutbox implements EventOutbox {
  readonly #tracer: Tracer

  /** @throws InvalidOptionError `INVALID_OPTION` on an unknown option. */
  constructor(options: SqlEventOutboxOptions = {}) {
    this.#tracer = withDefaults<SqlEventOutboxOptions, typeof DEFAULTS>(options, DEFAULTS).tracer
  }

  async append(tx: SqlTransaction, events: readonly EventEnvelope[]): Promise<void> {
    if (events.length === 0) return
    const here = this.#tracer.activeContext()
    await tx.query(
      `INSERT INTO outbox (event_id, tenant_id, event_type, subject, envelope)
       SELECT e.event_id, e.tenant_id, e.event_type, e.subject, e.envelope::jsonb
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
              AS e(event_id, tenant_id, event_type, subject, envelope)
       ON CONFLICT (event_id) DO NOTHING`,
      [
        events.map((event) => event.id),
        events.map((event) => event.tenantid),
        events.map((event) => event.type),
        events.map((event) => event.subject ?? null),
        events.map((event) =>
          jsonText(here === null || event.traceparent !== undefined ? event : { ...event, ...here }),
        ),
      ],
    )
  }
}
