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
  redrive_of       bigint      REFERENCES dlq_messages (dlq_id) ON DELETE SET NULL,
  redrive_subject  text        CHECK (length(redrive_subject) BETWEEN 1 AND 512),
  redrive_until    timestamptz,
  resolved_by      text        CHECK (length(resolved_by) BETWEEN 1 AND 256),
  resolved_at      timestamptz,
  resolution_note  text        CHECK (length(resolution_note) <= 1000),
  CHECK (last_seen_at >= first_seen_at),
  CHECK ((status = 'redriving') = (redrive_until IS NOT NULL)),
  CHECK (status NOT IN ('redriving', 'redriven') OR (redrive_count > 0 AND redrive_subject IS NOT NULL)),
  CHECK ((status IN ('redriven', 'resolved')) = (resolved_at IS NOT NULL)),
  CHECK ((resolved_at IS NULL) = (resolved_by IS NULL))
);

COMMENT ON TABLE dlq_messages IS 'Messages that were given up after their attempts, each with its failure, until they are resolved or published again.';
COMMENT ON COLUMN dlq_messages.tenant_id IS 'Null where the message could not be read.';
COMMENT ON COLUMN dlq_messages.payload IS 'The bytes as received, which need not be JSON; null where the source had dropped them before they could be fetched.';
COMMENT ON COLUMN dlq_messages.fingerprint IS 'Equal for failures of one kind: made of the error''s class, its normalised message and the subject.';
COMMENT ON COLUMN dlq_messages.attempts IS 'Starts of the handler, not deliveries.';
COMMENT ON COLUMN dlq_messages.redrive_of IS 'The dead letter from which the message was published again before it failed once more.';
COMMENT ON COLUMN dlq_messages.redrive_count IS 'Publications begun; the last one bears the message id redrive:<dlq_id>:<redrive_count>.';
COMMENT ON COLUMN dlq_messages.redrive_until IS 'Until then one redriver has the message; later another may publish it under the same message id.';

-- A stream that was deleted and made anew counts from 1 again, so the place alone does not identify a message.
CREATE UNIQUE INDEX dlq_messages_identity
  ON dlq_messages (source_stream, source_seq, consumer, (coalesce(message_id, '')));
CREATE INDEX dlq_messages_open ON dlq_messages (dlq_id) WHERE status IN ('open', 'redriving');
CREATE INDEX dlq_messages_by_status ON dlq_messages (status, dlq_id);
CREATE INDEX dlq_messages_by_fingerprint ON dlq_messages (fingerprint, dlq_id);
CREATE INDEX dlq_messages_by_source ON dlq_messages (source_stream, dlq_id);
CREATE INDEX dlq_messages_by_tenant ON dlq_messages (tenant_id, dlq_id);
CREATE INDEX dlq_messages_by_tenant_and_status ON dlq_messages (tenant_id, status, dlq_id);
CREATE INDEX dlq_messages_by_redrive ON dlq_messages (redrive_of) WHERE redrive_of IS NOT NULL;

CREATE TABLE dlq_groups (
  tenant_id   text   NOT NULL CHECK (length(tenant_id) <= 128),
  fingerprint text   NOT NULL CHECK (length(fingerprint) BETWEEN 1 AND 128),
  unresolved  bigint NOT NULL CHECK (unresolved >= 0),
  total       bigint NOT NULL CHECK (total >= unresolved),
  last_dlq_id bigint NOT NULL,
  PRIMARY KEY (tenant_id, fingerprint)
);

COMMENT ON TABLE dlq_groups IS 'How many dead letters there are of each kind; kept by triggers in the transaction that changes dlq_messages.';
COMMENT ON COLUMN dlq_groups.tenant_id IS 'Empty for messages whose tenant is unknown.';
COMMENT ON COLUMN dlq_groups.last_dlq_id IS 'The newest dead letter of the group.';

CREATE INDEX dlq_groups_newest ON dlq_groups (last_dlq_id) WHERE unresolved > 0;
CREATE INDEX dlq_groups_newest_of_tenant ON dlq_groups (tenant_id, last_dlq_id) WHERE unresolved > 0;

CREATE TABLE dlq_totals (
  tenant_id  text   PRIMARY KEY CHECK (length(tenant_id) <= 128),
  unresolved bigint NOT NULL CHECK (unresolved >= 0),
  total      bigint NOT NULL CHECK (total >= unresolved)
);

COMMENT ON TABLE dlq_totals IS 'How many dead letters each tenant has; kept as dlq_groups is.';

CREATE TABLE dlq_backlog (
  is_only   boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  is_raised boolean NOT NULL DEFAULT false
);

COMMENT ON TABLE dlq_backlog IS 'One row: whether too many dead letters are unresolved, so that of all processes one tells of it, and once.';

INSERT INTO dlq_backlog DEFAULT VALUES;

-- Rows are locked in one order, groups before totals, so that two batches never wait for each other in a circle.
CREATE FUNCTION dlq_count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO dlq_groups AS g (tenant_id, fingerprint, unresolved, total, last_dlq_id)
  SELECT coalesce(a.tenant_id, ''), a.fingerprint,
         count(*) FILTER (WHERE a.status IN ('open', 'redriving')), count(*), max(a.dlq_id)
    FROM added a GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (tenant_id, fingerprint) DO UPDATE
     SET unresolved = g.unresolved + excluded.unresolved, total = g.total + excluded.total,
         last_dlq_id = greatest(g.last_dlq_id, excluded.last_dlq_id);
  INSERT INTO dlq_totals AS t (tenant_id, unresolved, total)
  SELECT coalesce(a.tenant_id, ''), count(*) FILTER (WHERE a.status IN ('open', 'redriving')), count(*)
    FROM added a GROUP BY 1 ORDER BY 1
  ON CONFLICT (tenant_id) DO UPDATE
     SET unresolved = t.unresolved + excluded.unresolved, total = t.total + excluded.total;
  RETURN NULL;
END $$;

CREATE FUNCTION dlq_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM dlq_groups g
    WHERE (g.tenant_id, g.fingerprint) IN (SELECT coalesce(b.tenant_id, ''), b.fingerprint FROM before b)
    ORDER BY g.tenant_id, g.fingerprint FOR UPDATE;
  UPDATE dlq_groups g SET unresolved = g.unresolved + d.unresolved
    FROM (SELECT coalesce(b.tenant_id, '') AS tenant_id, b.fingerprint,
                 sum((a.status IN ('open', 'redriving'))::int - (b.status IN ('open', 'redriving'))::int) AS unresolved
            FROM before b JOIN after a ON a.dlq_id = b.dlq_id GROUP BY 1, 2) d
   WHERE g.tenant_id = d.tenant_id AND g.fingerprint = d.fingerprint AND d.unresolved <> 0;
  PERFORM 1 FROM dlq_totals t WHERE t.tenant_id IN (SELECT coalesce(b.tenant_id, '') FROM before b)
    ORDER BY t.tenant_id FOR UPDATE;
  UPDATE dlq_totals t SET unresolved = t.unresolved + d.unresolved
    FROM (SELECT coalesce(b.tenant_id, '') AS tenant_id,
                 sum((a.status IN ('open', 'redriving'))::int - (b.status IN ('open', 'redriving'))::int) AS unresolved
            FROM before b JOIN after a ON a.dlq_id = b.dlq_id GROUP BY 1) d
   WHERE t.tenant_id = d.tenant_id AND d.unresolved <> 0;
  RETURN NULL;
END $$;

CREATE FUNCTION dlq_count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM dlq_groups g
    WHERE (g.tenant_id, g.fingerprint) IN (SELECT coalesce(b.tenant_id, ''), b.fingerprint FROM before b)
    ORDER BY g.tenant_id, g.fingerprint FOR UPDATE;
  UPDATE dlq_groups g SET unresolved = g.unresolved - d.unresolved, total = g.total - d.total
    FROM (SELECT coalesce(b.tenant_id, '') AS tenant_id, b.fingerprint, count(*) AS total,
                 count(*) FILTER (WHERE b.status IN ('open', 'redriving')) AS unresolved
            FROM before b GROUP BY 1, 2) d
   WHERE g.tenant_id = d.tenant_id AND g.fingerprint = d.fingerprint;
  DELETE FROM dlq_groups g
   WHERE g.total = 0
     AND (g.tenant_id, g.fingerprint) IN (SELECT coalesce(b.tenant_id, ''), b.fingerprint FROM before b);
  PERFORM 1 FROM dlq_totals t WHERE t.tenant_id IN (SELECT coalesce(b.tenant_id, '') FROM before b)
    ORDER BY t.tenant_id FOR UPDATE;
  UPDATE dlq_totals t SET unresolved = t.unresolved - d.unresolved, total = t.total - d.total
    FROM (SELECT coalesce(b.tenant_id, '') AS tenant_id, count(*) AS total,
                 count(*) FILTER (WHERE b.status IN ('open', 'redriving')) AS unresolved
            FROM before b GROUP BY 1) d
   WHERE t.tenant_id = d.tenant_id;
  RETURN NULL;
END $$;

CREATE FUNCTION dlq_refuse_change_of_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a dead letter keeps its tenant and fingerprint' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER dlq_count_added AFTER INSERT ON dlq_messages REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION dlq_count_added();
CREATE TRIGGER dlq_count_changed AFTER UPDATE ON dlq_messages REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION dlq_count_changed();
CREATE TRIGGER dlq_count_removed AFTER DELETE ON dlq_messages REFERENCING OLD TABLE AS before
  FOR EACH STATEMENT EXECUTE FUNCTION dlq_count_removed();
CREATE TRIGGER dlq_group_is_kept BEFORE UPDATE ON dlq_messages FOR EACH ROW
  WHEN (old.tenant_id IS DISTINCT FROM new.tenant_id OR old.fingerprint <> new.fingerprint)
  EXECUTE FUNCTION dlq_refuse_change_of_group();

CREATE TABLE message_streams (
  stream           text    PRIMARY KEY CHECK (stream ~ '^[A-Za-z0-9_-]{1,64}$'),
  subjects         text[]  NOT NULL CHECK (cardinality(subjects) > 0),
  max_age_ms       bigint  NOT NULL CHECK (max_age_ms > 0),
  dedupe_window_ms bigint  NOT NULL CHECK (dedupe_window_ms BETWEEN 1 AND max_age_ms),
  max_bytes        bigint  CHECK (max_bytes > 0),
  consumers        jsonb   NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(consumers) = 'object')
);

COMMENT ON TABLE message_streams IS 'Streams of the broker that keeps its messages in this database.';
COMMENT ON COLUMN message_streams.max_bytes IS 'Null: unlimited. What does not fit is refused.';
COMMENT ON COLUMN message_streams.consumers IS 'Subjects that each durable consumer wants, by its name. In this row, since a publication that waited for a new consumer to be written then reads the row anew, and so misses none.';

CREATE TABLE messages (
  sequence   bigint      GENERATED ALWAYS AS IDENTITY,
  stream     text        NOT NULL CHECK (length(stream) <= 64),
  subject    text        NOT NULL CHECK (length(subject) BETWEEN 1 AND 256),
  message_id text        NOT NULL CHECK (length(message_id) BETWEEN 1 AND 256),
  headers    jsonb       NOT NULL CHECK (jsonb_typeof(headers) = 'object'),
  payload    bytea       NOT NULL,
  stored_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stream, sequence)
);

COMMENT ON TABLE messages IS 'Messages of all streams, kept for the age that their stream allows and at least until each consumer has settled them.';
COMMENT ON COLUMN messages.sequence IS 'Order of insertion. Sequences may become visible out of order and have gaps: consumers find their work in message_deliveries.';

-- Holds every row, and serves those statements alone that name its condition: over a table that was empty when the
-- plan was made a search by sequence costs the same by either index, and by this one would read the whole stream.
CREATE UNIQUE INDEX messages_by_id ON messages (stream, message_id) WHERE length(message_id) > 0;

CREATE FUNCTION messages_size(p_subject text, p_message_id text, p_headers jsonb, p_payload bytea) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT (octet_length(p_subject) + octet_length(p_message_id) + octet_length(p_headers::text) + octet_length(p_payload))::bigint
$$;

CREATE TABLE message_stream_bytes (
  slot   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream text   NOT NULL,
  bytes  bigint NOT NULL
) WITH (fillfactor = 50);

COMMENT ON TABLE message_stream_bytes IS 'What the streams that have a bound hold: for each the sum of its rows. There are as many as transactions have published at once.';
COMMENT ON COLUMN message_stream_bytes.bytes IS 'May be below zero: one row may be given what another was relieved of.';

-- Takes a row that no other transaction holds, or adds one: nobody waits for another's publication. Where a row that
-- was changed since the snapshot would fail the transaction, it always adds one.
CREATE FUNCTION message_stream_bytes_add(p_stream text, p_bytes bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') = 'read committed' THEN
    UPDATE message_stream_bytes b SET bytes = b.bytes + p_bytes
     WHERE b.slot = (SELECT f.slot FROM message_stream_bytes f
                      WHERE f.stream = p_stream ORDER BY f.slot LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF FOUND THEN
      RETURN p_bytes;
    END IF;
  END IF;
  INSERT INTO message_stream_bytes (stream, bytes) VALUES (p_stream, p_bytes);
  RETURN p_bytes;
END $$;

CREATE TABLE message_deliveries (
  sequence       bigint      NOT NULL,
  consumer       text        NOT NULL CHECK (length(consumer) BETWEEN 1 AND 64),
  stream         text        NOT NULL,
  available_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  deliveries     integer     NOT NULL DEFAULT 0 CHECK (deliveries >= 0),
  lease_id       uuid,
  starts         integer     NOT NULL DEFAULT 0 CHECK (starts >= 0),
  is_interrupted boolean     NOT NULL DEFAULT false,
  reason         text        CHECK (length(reason) <= 2000),
  code           text        CHECK (length(code) <= 128),
  PRIMARY KEY (sequence, consumer)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

COMMENT ON TABLE message_deliveries IS 'What each consumer has still to settle; written in the transaction of the message, gone with its acknowledgement or dead letter. Pages keep room for the mark of a start, which touches no index.';
COMMENT ON COLUMN message_deliveries.available_at IS 'A process may take the message from this instant on: the end of the last lease, or of the pause after a failure.';
COMMENT ON COLUMN message_deliveries.lease_id IS 'The claim under which a process last took the message; another one in its place means that the lease was lost.';
COMMENT ON COLUMN message_deliveries.starts IS 'Starts of the consumer''s handler.';
COMMENT ON COLUMN message_deliveries.is_interrupted IS 'True from each start to its end: still true when the message comes again, its process died.';
COMMENT ON COLUMN message_deliveries.reason IS 'Why the last start that ended failed, with its code.';

-- Holds every row, as messages_by_id does, and is named by the statements that look for what is due: none that names
-- its deliveries by their keys may take it, since it would read all of a consumer's.
CREATE INDEX message_deliveries_due ON message_deliveries (stream, consumer, available_at, sequence)
  WHERE deliveries >= 0;

-- The tables of a queue fill and empty between two visits of autovacuum, so that its statistics are of no use: a plan
-- made for an empty table reads a full one from end to end. These functions name their keys in arrays, which leaves
-- no choice of who is joined to whom, and forbid sequential scans; the plan is made once in each connection.
-- A claim or a start that a loss of power undoes is made again: neither waits for the disk. Acknowledgements do.
CREATE FUNCTION message_deliveries_claim(
  p_stream text, p_consumer text, p_limit integer, p_lease_ms bigint, p_lease_id uuid
) RETURNS TABLE (deliveries integer, sequence bigint, stream text, subject text, message_id text, headers jsonb,
                 payload bytea, stored_at timestamptz)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  v_taken bigint[];
BEGIN
  -- statement_timestamp() is stable within the statement, so that the index bounds the search.
  v_taken := ARRAY(
    SELECT d.sequence FROM message_deliveries d
     WHERE d.stream = p_stream AND d.consumer = p_consumer AND d.available_at <= statement_timestamp()
       AND d.deliveries >= 0
     ORDER BY d.available_at, d.sequence LIMIT p_limit FOR UPDATE SKIP LOCKED);
  IF cardinality(v_taken) = 0 THEN
    RETURN;
  END IF;
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN QUERY
    WITH leased AS (
      UPDATE message_deliveries d
         SET available_at = clock_timestamp() + p_lease_ms * interval '1 millisecond',
             deliveries = d.deliveries + 1, lease_id = p_lease_id
       WHERE d.sequence = ANY (v_taken) AND d.consumer = p_consumer
      RETURNING d.sequence, d.deliveries
    )
    SELECT l.deliveries, m.sequence, m.stream, m.subject, m.message_id, m.headers, m.payload, m.stored_at
      FROM leased l CROSS JOIN LATERAL (
        SELECT * FROM messages o WHERE o.stream = p_stream AND o.sequence = l.sequence OFFSET 0) AS m;
END $$;

CREATE FUNCTION message_deliveries_next_due(p_stream text, p_consumer text) RETURNS double precision
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN (SELECT extract(epoch FROM d.available_at - clock_timestamp()) * 1000 FROM message_deliveries d
           WHERE d.stream = p_stream AND d.consumer = p_consumer AND d.available_at > statement_timestamp()
             AND d.deliveries >= 0
           ORDER BY d.available_at LIMIT 1);
END $$;

-- Reads in order of insertion, which is that of age, until the first message that is young enough to stay.
CREATE FUNCTION messages_prune(p_stream text, p_limit integer) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
DECLARE
  v_until timestamptz;
  v_old bigint[] := '{}';
  v_message record;
  v_max_bytes bigint;
  v_bytes bigint;
BEGIN
  SELECT statement_timestamp() - s.max_age_ms * interval '1 millisecond', s.max_bytes INTO v_until, v_max_bytes
    FROM message_streams s WHERE s.stream = p_stream;
  FOR v_message IN
    SELECT m.sequence, m.stored_at, EXISTS (SELECT 1 FROM message_deliveries d WHERE d.sequence = m.sequence) AS is_wanted
      FROM messages m WHERE m.stream = p_stream ORDER BY m.sequence
  LOOP
    EXIT WHEN v_message.stored_at >= v_until OR cardinality(v_old) >= p_limit;
    IF NOT v_message.is_wanted THEN
      v_old := v_old || v_message.sequence;
    END IF;
  END LOOP;
  WITH gone AS (
    DELETE FROM messages m WHERE m.stream = p_stream AND m.sequence = ANY (v_old)
    RETURNING CASE WHEN v_max_bytes IS NOT NULL
                   THEN messages_size(m.subject, m.message_id, m.headers, m.payload) END AS bytes
  ), folded AS (
    DELETE FROM message_stream_bytes b
     WHERE b.slot IN (SELECT f.slot FROM message_stream_bytes f WHERE f.stream = p_stream FOR UPDATE SKIP LOCKED)
    RETURNING b.bytes
  )
  SELECT coalesce((SELECT sum(f.bytes) FROM folded f), 0) - coalesce((SELECT sum(g.bytes) FROM gone g), 0) INTO v_bytes;
  IF v_max_bytes IS NOT NULL THEN
    INSERT INTO message_stream_bytes (stream, bytes) VALUES (p_stream, v_bytes);
  END IF;
  RETURN cardinality(v_old);
END $$;

CREATE FUNCTION message_deliveries_start(p_consumer text, p_sequences bigint[])
RETURNS TABLE (sequence bigint, starts integer)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN QUERY
    UPDATE message_deliveries d SET starts = d.starts + 1, is_interrupted = true
     WHERE d.sequence = ANY (p_sequences) AND d.consumer = p_consumer
    RETURNING d.sequence, d.starts;
END $$;

CREATE FUNCTION message_deliveries_end(p_consumer text, p_sequences bigint[], p_reasons text[], p_codes text[])
RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  UPDATE message_deliveries d SET is_interrupted = false, reason = k.reason, code = k.code
    FROM unnest(p_sequences, p_reasons, p_codes) AS k (sequence, reason, code)
   WHERE d.sequence = ANY (p_sequences) AND d.consumer = p_consumer AND d.sequence = k.sequence;
END $$;

CREATE FUNCTION message_deliveries_read(p_consumer text, p_sequences bigint[])
RETURNS TABLE (sequence bigint, starts integer, is_interrupted boolean, reason text, code text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT d.sequence, d.starts, d.is_interrupted, d.reason, d.code FROM message_deliveries d
     WHERE d.sequence = ANY (p_sequences) AND d.consumer = p_consumer;
END $$;

CREATE FUNCTION message_deliveries_acknowledge(p_consumer text, p_sequences bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY
    DELETE FROM message_deliveries d WHERE d.sequence = ANY (p_sequences) AND d.consumer = p_consumer
    RETURNING d.sequence;
END $$;

CREATE FUNCTION message_deliveries_give_up(p_consumer text, p_sequences bigint[], p_leases uuid[])
RETURNS SETOF bigint
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY
    DELETE FROM message_deliveries d USING unnest(p_sequences, p_leases) AS k (sequence, lease_id)
     WHERE d.sequence = ANY (p_sequences) AND d.consumer = p_consumer
       AND d.sequence = k.sequence AND d.lease_id = k.lease_id
    RETURNING d.sequence;
END $$;

CREATE FUNCTION message_deliveries_postpone(
  p_consumer text, p_sequences bigint[], p_leases uuid[], p_delays_ms bigint[], p_keeps_lease boolean
) RETURNS SETOF bigint
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY
    UPDATE message_deliveries d
       SET available_at = clock_timestamp() + k.delay_ms * interval '1 millisecond',
           lease_id = CASE WHEN p_keeps_lease THEN d.lease_id END
      FROM unnest(p_sequences, p_leases, p_delays_ms) AS k (sequence, lease_id, delay_ms)
     WHERE d.sequence = ANY (p_sequences) AND d.consumer = p_consumer
       AND d.sequence = k.sequence AND d.lease_id = k.lease_id
    RETURNING d.sequence;
END $$;

CREATE TABLE message_attempts (
  stream         text        NOT NULL CHECK (length(stream) <= 256),
  consumer       text        NOT NULL CHECK (length(consumer) BETWEEN 1 AND 128),
  message_key    text        NOT NULL CHECK (length(message_key) <= 300),
  starts         integer     NOT NULL CHECK (starts > 0),
  is_interrupted boolean     NOT NULL,
  reason         text        CHECK (length(reason) <= 2000),
  code           text        CHECK (length(code) <= 128),
  changed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stream, consumer, message_key)
);

COMMENT ON TABLE message_attempts IS 'Starts of a consumer''s handler for each message that is not yet settled.';
COMMENT ON COLUMN message_attempts.message_key IS 'Place and id of the message: a stream that was made anew counts from 1 again.';
COMMENT ON COLUMN message_attempts.is_interrupted IS 'True from each start to its end: still true when the message comes again, its process died.';
COMMENT ON COLUMN message_attempts.reason IS 'Why the last start that ended failed, with its code.';

CREATE FUNCTION message_attempts_end(
  p_streams text[], p_consumers text[], p_keys text[], p_reasons text[], p_codes text[]
) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  UPDATE message_attempts a
     SET is_interrupted = false, reason = k.reason, code = k.code, changed_at = clock_timestamp()
    FROM unnest(p_streams, p_consumers, p_keys, p_reasons, p_codes) AS k (stream, consumer, message_key, reason, code)
   WHERE a.stream = ANY (p_streams) AND a.consumer = ANY (p_consumers) AND a.message_key = ANY (p_keys)
     AND a.stream = k.stream AND a.consumer = k.consumer AND a.message_key = k.message_key;
END $$;

CREATE FUNCTION message_attempts_forget(p_streams text[], p_consumers text[], p_keys text[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  DELETE FROM message_attempts a USING unnest(p_streams, p_consumers, p_keys) AS k (stream, consumer, message_key)
   WHERE a.stream = ANY (p_streams) AND a.consumer = ANY (p_consumers) AND a.message_key = ANY (p_keys)
     AND a.stream = k.stream AND a.consumer = k.consumer AND a.message_key = k.message_key;
END $$;

CREATE FUNCTION message_attempts_read(p_streams text[], p_consumers text[], p_keys text[])
RETURNS TABLE (place bigint, starts integer, is_interrupted boolean, reason text, code text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT k.place, a.starts, a.is_interrupted, a.reason, a.code
      FROM unnest(p_streams, p_consumers, p_keys) WITH ORDINALITY AS k (stream, consumer, message_key, place)
      JOIN message_attempts a ON a.stream = k.stream AND a.consumer = k.consumer AND a.message_key = k.message_key
     WHERE a.stream = ANY (p_streams) AND a.consumer = ANY (p_consumers) AND a.message_key = ANY (p_keys);
END $$;
