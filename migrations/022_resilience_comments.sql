-- module: resilience
COMMENT ON COLUMN circuit_breaker_state.forced_by IS 'Why the state is held by hand, in words; null where it is not.';
COMMENT ON COLUMN circuit_breaker_state.reason IS 'What led to the state: the rule that tripped, or what another process said; null where it is held by hand.';
COMMENT ON COLUMN circuit_breaker_history.reason IS 'Why it is held by hand, or the rule that tripped; null where it closed.';
