-- module: messaging
CREATE TABLE inbox (
  consumer    text        NOT NULL CHECK (length(consumer) BETWEEN 1 AND 128),
  message_id  text        NOT NULL CHECK (length(message_id) BETWEEN 1 AND 256),
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, message_id)
);

COMMENT ON TABLE inbox IS 'Messages whose effect has happened, by consumer: the row is written in the transaction of the effect, so that a repeated delivery finds it and does nothing.';

CREATE INDEX inbox_by_age ON inbox (received_at);

CREATE TABLE dlq_messages (
  dlq_id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id        text        CHECK (length(tenant_id) BETWEEN 1 AND 128),
  message_id       text        CHECK (length(message_id) BETWEEN 1 AND 256),
  original_subject text        NOT NULL CHECK (length(original_subject) BETWEEN 1 AND 512),
  source_stream    text        NOT NULL CHECK (length(source_stream) BETWEEN 1 AND 256),
  source_seq       bigint      NOT NULL CHECK (source_seq >= 0),
  consumer         text        NOT NULL CHECK (length(consumer) BETWEEN 1 AND 128),
  headers          jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(headers) = 'object'),
  payload          bytea,
  payload_missing  boolean     GENERATED ALWAYS AS (payload IS NULL) STORED,
  error            text        NOT NULL CHECK (length(error) <= 10000),
  error_code       text        CHECK (length(error_code) BETWEEN 1 AND 128),
  fingerprint      text        NOT NULL CHECK (length(fingerprint) BETWEEN 1 AND 128),
  attempts         integer     NOT NULL CHECK (attempts >= 0),
  first_seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  status           text        NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'redriving', 'redriven', 'resolved')),
  resolved         boolean     GENERATED ALWAYS AS (status IN ('redriven', 'resolved')) STORED,
  redrive_count    integer     NOT NULL DEFAULT 0 CHECK (redrive_count >= 0),
  resolved_by      text        CHECK (length(resolved_by) BETWEEN 1 AND 256),
  resolved_at      timestamptz,
  resolution_note  text        CHECK (length(resolution_note) <= 1000),
  UNIQUE (source_stream, source_seq, consumer),
  CHECK (last_seen_at >= first_seen_at),
  CHECK ((status IN ('redriven', 'resolved')) = (resolved_at IS NOT NULL)),
  CHECK ((resolved_at IS NULL) = (resolved_by IS NULL))
);

COMMENT ON TABLE dlq_messages IS 'Messages that were given up after their attempts, each with its failure, until they are resolved or published again.';
COMMENT ON COLUMN dlq_messages.tenant_id IS 'Null where the message could not be read.';
COMMENT ON COLUMN dlq_messages.payload IS 'The bytes as received, which need not be JSON; null where the source had dropped them before they could be fetched.';
COMMENT ON COLUMN dlq_messages.fingerprint IS 'Equal for failures of one kind: made of the error''s class, its normalised message and the subject.';
COMMENT ON COLUMN dlq_messages.attempts IS 'Starts of the handler, not deliveries.';

CREATE INDEX dlq_messages_open ON dlq_messages (dlq_id) WHERE status IN ('open', 'redriving');
CREATE INDEX dlq_messages_by_fingerprint ON dlq_messages (fingerprint, dlq_id);
CREATE INDEX dlq_messages_by_tenant ON dlq_messages (tenant_id, dlq_id);
