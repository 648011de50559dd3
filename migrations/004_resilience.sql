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
