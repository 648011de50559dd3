-- module: events
CREATE TABLE outbox (
  position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id     text        NOT NULL UNIQUE CHECK (length(event_id) BETWEEN 1 AND 256),
  tenant_id    text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  event_type   text        NOT NULL CHECK (length(event_type) BETWEEN 1 AND 256),
  subject      text,
  envelope     jsonb       NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  published_at timestamptz
);

COMMENT ON TABLE outbox IS 'Events written in the transaction of the change they tell of, waiting to be published.';
COMMENT ON COLUMN outbox.position IS 'Order of insertion. Positions may become visible out of order and have gaps: find work by published_at, never by a cursor.';
COMMENT ON COLUMN outbox.envelope IS 'The CloudEvents 1.0 envelope.';
COMMENT ON COLUMN outbox.published_at IS 'When the broker acknowledged the event; null while it waits.';

CREATE INDEX outbox_waiting ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX outbox_by_subject ON outbox (tenant_id, subject, position);
