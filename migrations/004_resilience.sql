-- module: resilience
CREATE TABLE circuit_breaker_state (
  name                text        PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 256),
  state               text        NOT NULL DEFAULT 'closed' CHECK (state IN ('closed', 'open', 'half_open')),
  forced              text        CHECK (forced IN ('open', 'closed', 'disabled')),
  forced_by           text        CHECK (length(forced_by) BETWEEN 1 AND 256),
  reason              text        CHECK (length(reason) BETWEEN 1 AND 256),
  failure_count       bigint      NOT NULL DEFAULT 0 CHECK (failure_count >= 0),
  last_failure_at     timestamptz,
  opened_at           timestamptz,
  recovery_timeout_ms bigint      CHECK (recovery_timeout_ms BETWEEN 1 AND 2147483647),
  version             bigint      NOT NULL DEFAULT 1 CHECK (version >= 1),
  updated_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT circuit_breaker_open_has_its_time
    CHECK (state <> 'open' OR (opened_at IS NOT NULL AND recovery_timeout_ms IS NOT NULL)),
  CONSTRAINT circuit_breaker_closed_has_none CHECK (state <> 'closed' OR opened_at IS NULL),
  CONSTRAINT circuit_breaker_force_has_an_author CHECK ((forced IS NULL) = (forced_by IS NULL))
);

COMMENT ON TABLE circuit_breaker_state IS 'The last known state of each circuit breaker, so that a restart remembers an open circuit for the time that remains. Decisions are made in memory.';
COMMENT ON COLUMN circuit_breaker_state.forced IS 'A state held by hand until it is lifted; null where the breaker decides for itself.';
COMMENT ON COLUMN circuit_breaker_state.forced_by IS 'Who holds the state by hand, or why.';
COMMENT ON COLUMN circuit_breaker_state.reason IS 'What led to the state: the rule that tripped, or what another process said.';
COMMENT ON COLUMN circuit_breaker_state.failure_count IS 'Consecutive failures when the state was written.';
COMMENT ON COLUMN circuit_breaker_state.last_failure_at IS 'When the circuit last opened for failures, by the database''s clock.';
COMMENT ON COLUMN circuit_breaker_state.opened_at IS 'When the circuit opened, by the database''s clock.';
COMMENT ON COLUMN circuit_breaker_state.recovery_timeout_ms IS 'Milliseconds after opened_at until a probe is let through.';
COMMENT ON COLUMN circuit_breaker_state.version IS 'Grows with every change of state; a write with a lower version is stale and is left out.';

CREATE INDEX circuit_breaker_not_closed ON circuit_breaker_state (updated_at) WHERE state <> 'closed' OR forced IS NOT NULL;
CREATE INDEX circuit_breaker_closed ON circuit_breaker_state (updated_at) WHERE state = 'closed' AND forced IS NULL;

CREATE TABLE circuit_breaker_history (
  position bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name     text        NOT NULL,
  status   text        NOT NULL CHECK (status IN ('closed', 'open', 'forced-open', 'forced-closed', 'disabled')),
  reason   text,
  at       timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE circuit_breaker_history IS 'What each circuit breaker became, and when: of the last 30 days at least. Written by the trigger on circuit_breaker_state.';
COMMENT ON COLUMN circuit_breaker_history.reason IS 'Who holds it by hand, or the rule that tripped; null where it closed.';

CREATE INDEX circuit_breaker_history_by_name ON circuit_breaker_history (name, position);
CREATE INDEX circuit_breaker_history_age ON circuit_breaker_history (at);

CREATE FUNCTION circuit_breaker_status(p_state text, p_forced text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_forced WHEN 'open' THEN 'forced-open' WHEN 'closed' THEN 'forced-closed' WHEN 'disabled' THEN 'disabled'
                       ELSE CASE p_state WHEN 'closed' THEN 'closed' ELSE 'open' END END
$$;

COMMENT ON FUNCTION circuit_breaker_status(text, text) IS 'A breaker''s state and what holds it by hand, as one word.';

CREATE FUNCTION circuit_breaker_remember() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_before text := 'closed';
  v_now    text := circuit_breaker_status(NEW.state, NEW.forced);
BEGIN
  IF TG_OP = 'UPDATE' THEN
    v_before := circuit_breaker_status(OLD.state, OLD.forced);
  END IF;
  IF v_now <> v_before THEN
    INSERT INTO circuit_breaker_history (name, status, reason)
    VALUES (NEW.name, v_now, CASE WHEN v_now <> 'closed' THEN coalesce(NEW.forced_by, NEW.reason) END);
    DELETE FROM circuit_breaker_history
     WHERE position IN (SELECT position FROM circuit_breaker_history
                         WHERE at < clock_timestamp() - interval '30 days'
                         ORDER BY at LIMIT 100 FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER circuit_breaker_remember AFTER INSERT OR UPDATE ON circuit_breaker_state
  FOR EACH ROW EXECUTE FUNCTION circuit_breaker_remember();

-- What several processes agree on where no Redis is shared. It is a signal and holds no truth.

CREATE TABLE circuit_agreements (
  name         text        PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 256),
  epoch        bigint      NOT NULL CHECK (epoch BETWEEN 1 AND 8640000000000000),
  status       text        NOT NULL CHECK (status IN ('closed', 'open', 'forced-open', 'forced-closed', 'disabled')),
  remaining_ms bigint      NOT NULL CHECK (remaining_ms BETWEEN 0 AND 2147483647),
  cause        text        NOT NULL CHECK (cause IN ('tripped', 'probe-failed', 'probes-succeeded', 'forced', 'reset')),
  reason       text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 256),
  author       text        NOT NULL CHECK (length(author) BETWEEN 1 AND 64),
  reopens_at   timestamptz NOT NULL,
  expires_at   timestamptz
);

COMMENT ON TABLE circuit_agreements IS 'What processes agreed on about each circuit; a row past its expiry counts as none.';
COMMENT ON COLUMN circuit_agreements.epoch IS 'Order of the decision among all processes, at least the time in milliseconds.';
COMMENT ON COLUMN circuit_agreements.remaining_ms IS 'Milliseconds until a probe may be let through, when it was agreed.';
COMMENT ON COLUMN circuit_agreements.author IS 'The process that proposed it.';
COMMENT ON COLUMN circuit_agreements.expires_at IS 'When it may be forgotten; null for a circuit held by hand.';

CREATE INDEX circuit_agreements_not_closed ON circuit_agreements (epoch) WHERE status <> 'closed';
CREATE INDEX circuit_agreements_expiry ON circuit_agreements (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE circuit_change_head (
  is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  position bigint  NOT NULL CHECK (position >= 0)
);

COMMENT ON TABLE circuit_change_head IS 'One row, whose lock orders all agreements; position is that of the last change.';

INSERT INTO circuit_change_head (position) VALUES (0);

CREATE TABLE circuit_changes (
  position     bigint PRIMARY KEY,
  name         text   NOT NULL,
  epoch        bigint NOT NULL,
  status       text   NOT NULL,
  remaining_ms bigint NOT NULL,
  cause        text   NOT NULL,
  reason       text   NOT NULL,
  author       text   NOT NULL
);

COMMENT ON TABLE circuit_changes IS 'The last 20000 agreements in the order they were made, without a gap, for processes to hear of.';

CREATE TABLE circuit_probe_leases (
  name    text        PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 256),
  owner   text        NOT NULL CHECK (length(owner) BETWEEN 1 AND 64),
  ends_at timestamptz NOT NULL
);

COMMENT ON TABLE circuit_probe_leases IS 'The one process that may probe an open circuit.';

CREATE INDEX circuit_probe_leases_end ON circuit_probe_leases (ends_at);

CREATE TABLE circuit_votes (
  name     text        NOT NULL CHECK (length(name) BETWEEN 1 AND 256),
  author   text        NOT NULL CHECK (length(author) BETWEEN 1 AND 64),
  voted_at timestamptz NOT NULL,
  PRIMARY KEY (name, author)
);

COMMENT ON TABLE circuit_votes IS 'Processes that tripped a circuit that is not open for all yet.';

CREATE INDEX circuit_votes_age ON circuit_votes (voted_at);
