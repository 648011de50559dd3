-- module: events
CREATE TABLE outbox (
  position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id     text        NOT NULL UNIQUE CHECK (length(event_id) BETWEEN 1 AND 256),
  tenant_id    text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  event_type   text        NOT NULL CHECK (length(event_type) BETWEEN 1 AND 256),
  subject      text,
  envelope     jsonb       NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  claim_id     uuid,
  attempts     integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  last_error   text        CHECK (length(last_error) <= 2000),
  published_at timestamptz
);

COMMENT ON TABLE outbox IS 'Events written in the transaction of the change they tell of, waiting to be published.';
COMMENT ON COLUMN outbox.position IS 'Order of insertion. Positions may become visible out of order and have gaps: find work by published_at, never by a cursor.';
COMMENT ON COLUMN outbox.envelope IS 'The CloudEvents 1.0 envelope.';
COMMENT ON COLUMN outbox.available_at IS 'A relay may claim the event from this instant on: the end of the last relay''s lease, or of the pause after a failure.';
COMMENT ON COLUMN outbox.claim_id IS 'The claim under which a relay last took the event; another one in its place means that the lease was lost.';
COMMENT ON COLUMN outbox.attempts IS 'Publications that failed.';
COMMENT ON COLUMN outbox.last_error IS 'Why the last one failed.';
COMMENT ON COLUMN outbox.published_at IS 'When the broker acknowledged the event; null while it waits.';

CREATE INDEX outbox_waiting ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX outbox_by_tenant ON outbox (tenant_id, position);
CREATE INDEX outbox_by_subject ON outbox (tenant_id, subject, position);
CREATE INDEX outbox_waiting_by_subject ON outbox (tenant_id, subject, position) WHERE published_at IS NULL;

CREATE FUNCTION outbox_wake_relays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox', TG_TABLE_SCHEMA);
  RETURN NULL;
END $$;

COMMENT ON FUNCTION outbox_wake_relays IS 'Wakes the relays that listen on the channel outbox. Relays poll as well, so the trigger may be disabled where NOTIFY slows commits.';

CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_wake_relays();

CREATE FUNCTION outbox_number_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_current_xact_id();
  RETURN NULL;
END $$;

COMMENT ON FUNCTION outbox_number_writer IS 'Gives the transaction its number before it takes positions, so that whoever holds a position that is not visible is among the transactions that run.';

CREATE TRIGGER outbox_number BEFORE INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_number_writer();
