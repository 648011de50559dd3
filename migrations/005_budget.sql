-- module: budget
CREATE TABLE budgets (
  budget_id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  project_id      text        NOT NULL DEFAULT '' CHECK (length(project_id) <= 128),
  task_id         text        NOT NULL DEFAULT '' CHECK (length(task_id) <= 256),
  agent_id        text        NOT NULL DEFAULT '' CHECK (length(agent_id) <= 256),
  limit_tokens    bigint      NOT NULL CHECK (limit_tokens BETWEEN 0 AND 9007199254740991),
  used_tokens     bigint      NOT NULL DEFAULT 0 CHECK (used_tokens BETWEEN 0 AND 9007199254740991),
  reserved_tokens bigint      NOT NULL DEFAULT 0 CHECK (reserved_tokens BETWEEN 0 AND 9007199254740991),
  limit_version   bigint      NOT NULL DEFAULT 0 CHECK (limit_version >= 0),
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (tenant_id, project_id, task_id, agent_id),
  CHECK (project_id <> '' OR (task_id = '' AND agent_id = ''))
);

COMMENT ON TABLE budgets IS 'Limits and their counters. A budget covers every request that names all of its ids; every lock on several rows is taken in order of budget_id.';
COMMENT ON COLUMN budgets.project_id IS 'Empty: the whole tenant.';
COMMENT ON COLUMN budgets.task_id IS 'Empty: every task.';
COMMENT ON COLUMN budgets.agent_id IS 'Empty: every agent.';
COMMENT ON COLUMN budgets.limit_tokens IS 'Enforced when tokens are held, never when they are committed: used and reserved may exceed it.';
COMMENT ON COLUMN budgets.limit_version IS 'Grows by one whenever the limit changes.';

CREATE TABLE budget_reservations (
  reservation_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id      text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  request_id     text        NOT NULL CHECK (length(request_id) BETWEEN 1 AND 256),
  project_id     text        NOT NULL CHECK (length(project_id) BETWEEN 1 AND 128),
  task_id        text        CHECK (length(task_id) BETWEEN 1 AND 256),
  agent_id       text        CHECK (length(agent_id) BETWEEN 1 AND 256),
  tokens         bigint      NOT NULL CHECK (tokens BETWEEN 1 AND 9007199254740991),
  ttl_ms         bigint      NOT NULL CHECK (ttl_ms > 0),
  budget_path    bigint[]    NOT NULL CHECK (cardinality(budget_path) > 0),
  status         text        NOT NULL DEFAULT 'held' CHECK (status IN ('held', 'committed', 'released', 'expired', 'late')),
  used_tokens    bigint      CHECK (used_tokens BETWEEN 0 AND 9007199254740991),
  usage_basis    text        CHECK (usage_basis IN ('actual', 'estimate')),
  held_at        timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  expired_at     timestamptz,
  settled_at     timestamptz,
  UNIQUE (tenant_id, request_id),
  CHECK ((status IN ('committed', 'late')) = (used_tokens IS NOT NULL)),
  CHECK ((used_tokens IS NULL) = (usage_basis IS NULL)),
  CHECK ((status IN ('expired', 'late')) = (expired_at IS NOT NULL)),
  CHECK ((status IN ('committed', 'released', 'late')) = (settled_at IS NOT NULL))
);

COMMENT ON TABLE budget_reservations IS 'Holds, one for each granted request: held, then committed, released or expired; expired, then late. A denied request leaves no row.';
COMMENT ON COLUMN budget_reservations.budget_path IS 'The budgets that the hold counts against, in order of budget_id; fixed when the hold is made.';
COMMENT ON COLUMN budget_reservations.usage_basis IS 'actual: usage as reported; estimate: usage unknown, settled as the tokens held.';
COMMENT ON COLUMN budget_reservations.settled_at IS 'When the hold was committed or released, or committed late.';

CREATE INDEX budget_reservations_to_expire ON budget_reservations (expires_at) WHERE status = 'held';
CREATE INDEX budget_reservations_by_project ON budget_reservations (tenant_id, project_id, reservation_id);

CREATE TABLE budget_transactions (
  transaction_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id      text        NOT NULL,
  budget_id      bigint      NOT NULL REFERENCES budgets (budget_id),
  reservation_id bigint      REFERENCES budget_reservations (reservation_id),
  kind           text        NOT NULL,
  from_account   text        NOT NULL,
  to_account     text        NOT NULL,
  tokens         bigint      NOT NULL CHECK (tokens > 0),
  at             timestamptz NOT NULL,
  actor          text        CHECK (length(actor) BETWEEN 1 AND 256),
  reason         text        CHECK (length(reason) BETWEEN 1 AND 1000),
  CHECK ((kind, from_account, to_account) IN (
    ('granted', 'source', 'available'), ('withdrawn', 'available', 'source'), ('held', 'available', 'reserved'),
    ('committed', 'reserved', 'used'), ('returned', 'reserved', 'available'), ('expired', 'reserved', 'available'),
    ('overrun', 'available', 'used'), ('late', 'available', 'used'))),
  CHECK ((kind IN ('granted', 'withdrawn')) = (reservation_id IS NULL)),
  CHECK ((kind IN ('granted', 'withdrawn')) = (actor IS NOT NULL))
);

COMMENT ON TABLE budget_transactions IS 'Every movement of tokens between the accounts of a budget (source, available, reserved, used), as double entry. Rows are only ever added; the counters of budgets can be rebuilt from them.';

CREATE INDEX budget_transactions_by_budget ON budget_transactions (budget_id, transaction_id);
CREATE INDEX budget_transactions_by_reservation ON budget_transactions (reservation_id) WHERE reservation_id IS NOT NULL;

CREATE FUNCTION budget_transactions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'budget_transactions is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER budget_transactions_append_only BEFORE UPDATE OR DELETE ON budget_transactions
  FOR EACH ROW EXECUTE FUNCTION budget_transactions_refuse_change();
CREATE TRIGGER budget_transactions_no_truncate BEFORE TRUNCATE ON budget_transactions
  FOR EACH STATEMENT EXECUTE FUNCTION budget_transactions_refuse_change();

CREATE VIEW budget_limits AS
  SELECT tenant_id, project_id, limit_tokens AS total_limit, used_tokens AS used, reserved_tokens AS reserved,
         limit_tokens - used_tokens - reserved_tokens AS available
    FROM budgets
   WHERE project_id <> '' AND task_id = '' AND agent_id = '';

COMMENT ON VIEW budget_limits IS 'The limit and counters of each project that has a budget of its own, in tokens; available is negative when overdrawn.';

CREATE FUNCTION budget_set_limit(
  p_tenant_id text, p_project_id text, p_task_id text, p_agent_id text, p_limit bigint, p_actor text, p_reason text,
  p_only_if_absent boolean, p_now timestamptz
) RETURNS TABLE (budget budgets, previous_limit_tokens bigint) LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz;
  v_is_new boolean;
BEGIN
  INSERT INTO budgets (tenant_id, project_id, task_id, agent_id, limit_tokens)
  VALUES (p_tenant_id, p_project_id, p_task_id, p_agent_id, 0)
  ON CONFLICT (tenant_id, project_id, task_id, agent_id) DO NOTHING;
  v_is_new := FOUND;
  SELECT b.* INTO budget FROM budgets b
   WHERE b.tenant_id = p_tenant_id AND b.project_id = p_project_id AND b.task_id = p_task_id AND b.agent_id = p_agent_id
     FOR UPDATE;
  IF NOT v_is_new THEN previous_limit_tokens := budget.limit_tokens; END IF;
  IF v_is_new OR (budget.limit_tokens <> p_limit AND NOT p_only_if_absent) THEN
    v_now := coalesce(p_now, clock_timestamp());
    IF p_limit <> budget.limit_tokens THEN
      INSERT INTO budget_transactions (tenant_id, budget_id, kind, from_account, to_account, tokens, at, actor, reason)
      SELECT p_tenant_id, budget.budget_id, m.kind, m.from_account, m.to_account, abs(p_limit - budget.limit_tokens),
             v_now, p_actor, p_reason
        FROM (VALUES ('granted', 'source', 'available', true), ('withdrawn', 'available', 'source', false))
             AS m (kind, from_account, to_account, is_raise)
       WHERE m.is_raise = (p_limit > budget.limit_tokens);
    END IF;
    UPDATE budgets b SET limit_tokens = p_limit, limit_version = b.limit_version + 1, updated_at = v_now
     WHERE b.budget_id = budget.budget_id RETURNING b.* INTO budget;
  END IF;
  RETURN NEXT;
END $$;

COMMENT ON FUNCTION budget_set_limit IS 'Creates a budget or changes its limit; the previous limit is null where it was created.';

-- Lock order everywhere: budgets by id in a statement of their own, then the reservation. What follows a lock is
-- another statement, so it sees what the former holder of the lock committed.
CREATE FUNCTION budget_request(
  p_tenant_id text, p_request_id text, p_project_id text, p_task_id text, p_agent_id text, p_tokens bigint,
  p_ttl_ms bigint, p_default_limit bigint, p_now timestamptz
) RETURNS TABLE (outcome text, reservation budget_reservations, budget budgets, is_reclaimable boolean)
LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz;
  v_path bigint[];
BEGIN
  is_reclaimable := false;
  -- Before any lock: a budget row that two callers create at once must not be waited for with others held.
  IF p_default_limit IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM budgets b WHERE b.tenant_id = p_tenant_id AND b.project_id = p_project_id
          AND b.task_id = '' AND b.agent_id = '') THEN
    PERFORM budget_set_limit(p_tenant_id, p_project_id, '', '', p_default_limit, 'default-limit', NULL, true, p_now);
  END IF;
  v_path := ARRAY(
    SELECT b.budget_id
      FROM budgets b
      JOIN (SELECT DISTINCT s.project_id, s.task_id, s.agent_id
              FROM (VALUES ('', '', ''), (p_project_id, '', ''), (p_project_id, coalesce(p_task_id, ''), ''),
                           (p_project_id, '', coalesce(p_agent_id, '')),
                           (p_project_id, coalesce(p_task_id, ''), coalesce(p_agent_id, '')))
                   AS s (project_id, task_id, agent_id)) AS s USING (project_id, task_id, agent_id)
     WHERE b.tenant_id = p_tenant_id
     ORDER BY b.budget_id FOR UPDATE OF b);
  v_now := coalesce(p_now, clock_timestamp());

  SELECT r.* INTO reservation FROM budget_reservations r
   WHERE r.tenant_id = p_tenant_id AND r.request_id = p_request_id;
  IF FOUND THEN outcome := 'existing'; RETURN NEXT; RETURN; END IF;
  IF cardinality(v_path) = 0 THEN outcome := 'no_budget'; RETURN NEXT; RETURN; END IF;

  SELECT b.* INTO budget FROM budgets b
   WHERE b.budget_id = ANY (v_path) AND b.limit_tokens - b.used_tokens - b.reserved_tokens < p_tokens
   ORDER BY b.agent_id <> '', b.task_id <> '', b.project_id <> '' LIMIT 1;
  IF FOUND THEN
    outcome := 'denied';
    is_reclaimable := EXISTS (
      SELECT 1 FROM budget_reservations r
       WHERE r.status = 'held' AND r.expires_at <= v_now AND r.tenant_id = p_tenant_id
         AND budget.budget_id = ANY (r.budget_path));
    RETURN NEXT; RETURN;
  END IF;

  INSERT INTO budget_reservations
    (tenant_id, request_id, project_id, task_id, agent_id, tokens, ttl_ms, budget_path, held_at, expires_at)
  VALUES (p_tenant_id, p_request_id, p_project_id, p_task_id, p_agent_id, p_tokens, p_ttl_ms, v_path, v_now,
          v_now + p_ttl_ms * interval '1 millisecond')
  ON CONFLICT (tenant_id, request_id) DO NOTHING
  RETURNING * INTO reservation;
  -- The unique key decides: a duplicate that came by other budgets was not seen under the locks.
  IF NOT FOUND THEN
    SELECT r.* INTO reservation FROM budget_reservations r
     WHERE r.tenant_id = p_tenant_id AND r.request_id = p_request_id;
    outcome := 'existing'; RETURN NEXT; RETURN;
  END IF;
  UPDATE budgets b SET reserved_tokens = b.reserved_tokens + p_tokens, updated_at = v_now
   WHERE b.budget_id = ANY (v_path);
  INSERT INTO budget_transactions (tenant_id, budget_id, reservation_id, kind, from_account, to_account, tokens, at)
  SELECT p_tenant_id, p.budget_id, reservation.reservation_id, 'held', 'available', 'reserved', p_tokens, v_now
    FROM unnest(v_path) AS p (budget_id);
  outcome := 'held'; RETURN NEXT;
END $$;

COMMENT ON FUNCTION budget_request IS 'Holds tokens at every budget that covers the request, or at none. outcome: held, existing (the key is taken; compare the payload), denied (budget is the widest one that lacks room; is_reclaimable: it has holds due to expire), no_budget.';

CREATE FUNCTION budget_settle(
  p_tenant_id text, p_request_id text, p_action text, p_used bigint, p_basis text, p_now timestamptz
) RETURNS TABLE (outcome text, reservation budget_reservations) LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz;
  v_path bigint[];
  v_used bigint;
  v_was_due boolean;
  v_freed bigint := 0;
BEGIN
  SELECT r.budget_path INTO v_path FROM budget_reservations r
   WHERE r.tenant_id = p_tenant_id AND r.request_id = p_request_id;
  IF NOT FOUND THEN outcome := 'not_found'; RETURN NEXT; RETURN; END IF;
  PERFORM 1 FROM budgets b WHERE b.budget_id = ANY (v_path) ORDER BY b.budget_id FOR UPDATE;
  SELECT r.* INTO reservation FROM budget_reservations r
   WHERE r.tenant_id = p_tenant_id AND r.request_id = p_request_id FOR UPDATE;
  v_now := coalesce(p_now, clock_timestamp());
  v_was_due := reservation.status = 'held' AND reservation.expires_at <= v_now;

  IF NOT (reservation.status = 'held' OR (reservation.status = 'expired' AND p_action = 'commit')) THEN
    outcome := 'existing'; RETURN NEXT; RETURN;
  END IF;
  IF reservation.status = 'held' THEN v_freed := reservation.tokens; END IF;
  v_used := CASE WHEN p_action = 'commit' THEN coalesce(p_used, reservation.tokens) ELSE 0 END;
  IF EXISTS (SELECT 1 FROM budgets b WHERE b.budget_id = ANY (v_path) AND b.used_tokens > 9007199254740991 - v_used) THEN
    outcome := 'out_of_range'; RETURN NEXT; RETURN;
  END IF;

  INSERT INTO budget_transactions (tenant_id, budget_id, reservation_id, kind, from_account, to_account, tokens, at)
  SELECT p_tenant_id, p.budget_id, reservation.reservation_id, m.kind, m.from_account, m.to_account, m.tokens, v_now
    FROM unnest(v_path) AS p (budget_id),
         (SELECT 'expired', 'reserved', 'available', v_freed WHERE v_was_due
          UNION ALL
          SELECT 'late', 'available', 'used', v_used WHERE v_was_due OR reservation.status = 'expired'
          UNION ALL
          SELECT x.kind, x.from_account, x.to_account, x.tokens
            FROM (VALUES ('committed', 'reserved', 'used', least(v_used, v_freed)),
                         ('returned', 'reserved', 'available', v_freed - least(v_used, v_freed)),
                         ('overrun', 'available', 'used', greatest(v_used - v_freed, 0)))
                 AS x (kind, from_account, to_account, tokens)
           WHERE reservation.status = 'held' AND NOT v_was_due)
         AS m (kind, from_account, to_account, tokens)
   WHERE m.tokens > 0;
  UPDATE budgets b
     SET reserved_tokens = b.reserved_tokens - v_freed, used_tokens = b.used_tokens + v_used, updated_at = v_now
   WHERE b.budget_id = ANY (v_path);
  UPDATE budget_reservations r
     SET status = CASE WHEN p_action = 'commit' AND (v_was_due OR r.status = 'expired') THEN 'late'
                       WHEN p_action = 'commit' THEN 'committed'
                       WHEN v_was_due THEN 'expired'
                       ELSE 'released' END,
         used_tokens = CASE WHEN p_action = 'commit' THEN v_used END,
         usage_basis = CASE WHEN p_action = 'commit' THEN p_basis END,
         expired_at = CASE WHEN v_was_due THEN v_now ELSE r.expired_at END,
         settled_at = CASE WHEN p_action = 'commit' OR NOT v_was_due THEN v_now END
   WHERE r.reservation_id = reservation.reservation_id
  RETURNING r.* INTO reservation;
  outcome := 'settled'; RETURN NEXT;
END $$;

COMMENT ON FUNCTION budget_settle IS 'Commits or releases a hold; p_used null settles as the tokens held. A hold past its time expires first, and is then committed late. outcome: settled, existing (it was settled before), not_found, out_of_range (used would pass 2^53 - 1).';

CREATE FUNCTION budget_expire(p_tenant_id text, p_limit integer, p_now timestamptz)
RETURNS SETOF budget_reservations LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_due bigint[];
  v_expired bigint[];
BEGIN
  v_due := ARRAY(
    SELECT r.reservation_id FROM budget_reservations r
     WHERE r.status = 'held' AND r.expires_at <= v_now AND (p_tenant_id IS NULL OR r.tenant_id = p_tenant_id)
     ORDER BY r.expires_at, r.reservation_id LIMIT p_limit);
  PERFORM 1 FROM budgets b
   WHERE b.budget_id IN (SELECT unnest(r.budget_path) FROM budget_reservations r WHERE r.reservation_id = ANY (v_due))
   ORDER BY b.budget_id FOR UPDATE;
  -- Only under the locks is it certain who is still held: another sweep or a commit may have come first.
  v_expired := ARRAY(
    SELECT r.reservation_id FROM budget_reservations r
     WHERE r.reservation_id = ANY (v_due) AND r.status = 'held' AND r.expires_at <= v_now
     ORDER BY r.reservation_id FOR UPDATE);
  INSERT INTO budget_transactions (tenant_id, budget_id, reservation_id, kind, from_account, to_account, tokens, at)
  SELECT r.tenant_id, p.budget_id, r.reservation_id, 'expired', 'reserved', 'available', r.tokens, v_now
    FROM budget_reservations r, unnest(r.budget_path) AS p (budget_id)
   WHERE r.reservation_id = ANY (v_expired);
  UPDATE budgets b SET reserved_tokens = b.reserved_tokens - f.tokens, updated_at = v_now
    FROM (SELECT p.budget_id, sum(r.tokens)::bigint AS tokens
            FROM budget_reservations r, unnest(r.budget_path) AS p (budget_id)
           WHERE r.reservation_id = ANY (v_expired) GROUP BY p.budget_id) AS f
   WHERE b.budget_id = f.budget_id;
  RETURN QUERY
    UPDATE budget_reservations r SET status = 'expired', expired_at = v_now
     WHERE r.reservation_id = ANY (v_expired) RETURNING r.*;
END $$;

COMMENT ON FUNCTION budget_expire IS 'Gives back the holds whose time has passed, the oldest first, of one tenant or (null) of all; safe to run in several processes at once.';
