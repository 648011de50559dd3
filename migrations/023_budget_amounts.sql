-- module: budget
-- The functions as before, save that an estimate is capped where overruns are, that no budget takes its currency from an
-- amount of nothing, and that a limit of nothing and no limit are told apart.
COMMENT ON COLUMN budgets.currency IS 'That of the money limit, else of the first money held, charged or corrected, be it given back after; amounts of nothing set none. It never changes after.';

CREATE OR REPLACE FUNCTION budget_set_limit(
  p_now timestamptz, p_tenant_id text, p_project_id text, p_task_id text, p_agent_id text, p_only_if_absent boolean,
  p_sets_tokens boolean, p_limit_tokens bigint, p_sets_money boolean, p_limit_micros bigint, p_currency text,
  p_sets_period boolean, p_period_kind text, p_period_length_ms bigint, p_period_time_zone text,
  p_period_starts_at timestamptz, p_period_ends_at timestamptz, p_soft_limit_percents integer[],
  p_actor text, p_reason text
) RETURNS TABLE (outcome text, budget budgets, previous budgets, is_new boolean) LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_tokens bigint;
  v_micros bigint;
  v_is_changed boolean;
BEGIN
  is_new := false;
  SELECT b.* INTO budget FROM budgets b
   WHERE b.tenant_id = p_tenant_id AND b.project_id = p_project_id AND b.task_id = p_task_id AND b.agent_id = p_agent_id
     FOR UPDATE;
  IF NOT FOUND THEN
    -- The tenant's row first: two that create at once take turns, and whoever sees the new version sees the budget.
    INSERT INTO budget_tenants AS t (tenant_id) VALUES (p_tenant_id)
    ON CONFLICT (tenant_id) DO UPDATE SET tree_version = t.tree_version + 1;
    INSERT INTO budgets (tenant_id, project_id, task_id, agent_id, period_starts_at)
    VALUES (p_tenant_id, p_project_id, p_task_id, p_agent_id, v_now)
    ON CONFLICT (tenant_id, project_id, task_id, agent_id) DO NOTHING;
    is_new := FOUND;
    SELECT b.* INTO budget FROM budgets b
     WHERE b.tenant_id = p_tenant_id AND b.project_id = p_project_id AND b.task_id = p_task_id AND b.agent_id = p_agent_id
       FOR UPDATE;
  END IF;
  previous := budget;
  IF p_only_if_absent AND NOT is_new THEN outcome := 'set'; RETURN NEXT; RETURN; END IF;
  IF p_sets_money AND p_currency <> budget.currency THEN outcome := 'currency_mismatch'; RETURN NEXT; RETURN; END IF;
  v_now := coalesce(p_now, clock_timestamp());
  IF p_sets_period AND budget.period_ends_at <= v_now THEN outcome := 'period_over'; RETURN NEXT; RETURN; END IF;

  v_tokens := CASE WHEN p_sets_tokens THEN coalesce(p_limit_tokens, 0) - coalesce(budget.limit_tokens, 0) ELSE 0 END;
  v_micros := CASE WHEN p_sets_money THEN coalesce(p_limit_micros, 0) - coalesce(budget.limit_micros, 0) ELSE 0 END;
  -- No limit and one of nothing move as much, and are as far apart as limits can be.
  v_is_changed := p_sets_tokens AND p_limit_tokens IS DISTINCT FROM budget.limit_tokens
               OR p_sets_money AND p_limit_micros IS DISTINCT FROM budget.limit_micros;
  INSERT INTO budget_transactions
    (tenant_id, kind, from_account, to_account, tokens, micros, currency, budget_path, at, actor, reason)
  SELECT p_tenant_id, m.kind::budget_movement_kind, m.from_account::budget_account, m.to_account::budget_account,
         greatest(m.sign * v_tokens, 0), greatest(m.sign * v_micros, 0),
         coalesce(p_currency, budget.currency), ARRAY[budget.budget_id], v_now, p_actor, p_reason
    FROM (VALUES ('granted', 'source', 'available', 1), ('withdrawn', 'available', 'source', -1))
         AS m (kind, from_account, to_account, sign)
   WHERE m.sign * v_tokens > 0 OR m.sign * v_micros > 0;
  UPDATE budgets b
     SET limit_tokens = CASE WHEN p_sets_tokens THEN p_limit_tokens ELSE b.limit_tokens END,
         limit_micros = CASE WHEN p_sets_money THEN p_limit_micros ELSE b.limit_micros END,
         currency = coalesce(b.currency, p_currency),
         period_kind = CASE WHEN p_sets_period THEN p_period_kind::budget_period_kind ELSE b.period_kind END,
         period_length_ms = CASE WHEN p_sets_period THEN p_period_length_ms ELSE b.period_length_ms END,
         period_time_zone = CASE WHEN p_sets_period THEN p_period_time_zone ELSE b.period_time_zone END,
         period_starts_at = CASE WHEN p_sets_period THEN p_period_starts_at ELSE b.period_starts_at END,
         period_ends_at = CASE WHEN p_sets_period THEN p_period_ends_at ELSE b.period_ends_at END,
         soft_limit_percents = coalesce(p_soft_limit_percents, b.soft_limit_percents),
         is_exhaustion_told = b.is_exhaustion_told AND NOT v_is_changed,
         limit_version = b.limit_version + CASE WHEN is_new OR v_is_changed THEN 1 ELSE 0 END,
         updated_at = v_now
   WHERE b.budget_id = budget.budget_id RETURNING b.* INTO budget;
  outcome := 'set'; RETURN NEXT;
END $$;

CREATE FUNCTION budget_currency_fits(p_path bigint[], p_currency text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (SELECT 1 FROM budgets b WHERE b.budget_id = ANY (p_path) AND b.currency <> p_currency)
$$;

COMMENT ON FUNCTION budget_currency_fits IS 'Whether no budget of a path counts in another currency. One that a hold of no money did not bind may have taken another since.';

-- As before; c_op may be 0 too: commit of an estimate, capped at the hold.
CREATE OR REPLACE FUNCTION budget_apply(
  p_now timestamptz, t_id text[],
  s_tenant integer[], s_project text[], s_task text[], s_agent text[], s_currency text[], s_model text[],
  s_version bigint[], s_path text[], s_want_tokens bigint[], s_want_micros bigint[],
  r_scope integer[], r_id text[], r_tokens bigint[], r_micros bigint[], r_ttl_ms bigint[], r_aged integer,
  c_tenant integer[], c_id text[], c_op integer[], c_tokens bigint[], c_micros bigint[], c_revision integer[],
  c_place tid[], c_lock bigint[],
  e_tenant integer[], e_id text[], e_ttl_ms bigint[], e_tokens bigint[], e_micros bigint[],
  OUT at timestamptz, OUT r_result integer[], OUT c_result integer[], OUT e_result integer[],
  OUT r_place text, OUT versions bigint[], OUT paths text[],
  OUT denied_entry integer[], OUT denied_budget bigint[], OUT denied_tokens bigint[], OUT denied_micros bigint[],
  OUT reclaimable bigint[], OUT soft_budget bigint[], OUT soft_before integer[], OUT soft_reached integer[],
  OUT exhausted bigint[], OUT periods_over bigint[], OUT facts jsonb
) LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_requests integer := cardinality(r_id);
  v_resolutions integer := cardinality(c_id);
  v_extensions integer := cardinality(e_id);
  v_is_stale boolean;
  v_is_one_scope boolean := false;
  v_lock bigint[] := c_lock;
  v_ids bigint[];
  v_room_tokens bigint[];
  v_room_micros bigint[];
  v_currency text[];
  v_limits_money boolean[];
  v_money_count integer;
  v_untold bigint[];
  v_soft bigint[];
  v_first_end timestamptz;
  v_done integer[];
  v_plain integer;
  v_settled integer := 0;
  v_places tid[] := c_place;
  v_ids_more bigint[]; v_free_tokens_more bigint[]; v_free_micros_more bigint[]; v_use_tokens_more bigint[]; v_use_micros_more bigint[];
  d_id bigint[] := '{}'; d_reserved_tokens bigint[] := '{}'; d_reserved_micros bigint[] := '{}';
  d_used_tokens bigint[] := '{}'; d_used_micros bigint[] := '{}'; d_currency text[] := '{}';
  v_currency_more text[];
  v_is_simple boolean;
  v_granted boolean[];
  v_granted_count integer;
  v_path bigint[];
  v_reservation budget_reservations;
  v_positions integer[];
  v_offsets integer[];
  v_held_back_tokens bigint[];
  v_held_back_micros bigint[];
  v_tokens bigint; v_micros bigint; v_scope integer; v_bad integer; v_code integer; k integer; x integer;
  v_id bigint;
  v_lacking bigint[];
  v_unlimited CONSTANT bigint := 4611686018427387904;
BEGIN
  -- The budgets of each scope: as the caller remembers them if no budget was created in the tenant since.
  IF v_requests > 0 THEN
    paths := s_path;
    versions := ARRAY(SELECT coalesce(b.tree_version, 0) FROM unnest(t_id) WITH ORDINALITY AS t (id, ord)
                        LEFT JOIN budget_tenants b ON b.tenant_id = t.id ORDER BY t.ord);
    -- One scope, the usual case, needs no statements of its own here and below: expressions alone cost a tenth.
    v_is_one_scope := cardinality(s_tenant) = 1;
    IF v_is_one_scope THEN
      v_is_stale := s_version[1] <> versions[s_tenant[1]];
    ELSE
      v_is_stale := EXISTS (SELECT 1 FROM generate_subscripts(s_tenant, 1) AS g WHERE s_version[g] <> versions[s_tenant[g]]);
    END IF;
    IF v_is_stale THEN
      -- As budget_paths, for all scopes in one statement.
      paths := ARRAY(
        SELECT CASE WHEN s_version[g] = versions[s_tenant[g]] THEN s_path[g] ELSE ARRAY(
                 SELECT b.budget_id
                   FROM (SELECT DISTINCT s.project_id, s.task_id, s.agent_id
                           FROM (VALUES ('', '', ''), (s_project[g], '', ''), (s_project[g], s_task[g], ''),
                                        (s_project[g], '', s_agent[g]), (s_project[g], s_task[g], s_agent[g]))
                                AS s (project_id, task_id, agent_id)) AS s
                   JOIN budgets b ON b.tenant_id = t_id[s_tenant[g]] AND b.project_id = s.project_id
                                 AND b.task_id = s.task_id AND b.agent_id = s.agent_id
                  ORDER BY b.agent_id <> '', b.task_id <> '', b.project_id <> '')::text END
          FROM generate_subscripts(s_tenant, 1) AS g ORDER BY g);
    END IF;
    IF v_is_one_scope THEN v_lock := v_lock || paths[1]::bigint[];
    ELSE v_lock := v_lock || ARRAY(SELECT unnest(p.path::bigint[]) FROM unnest(paths) AS p (path));
    END IF;
  END IF;
  IF -1 = ANY (c_revision) THEN
    v_lock := v_lock || ARRAY(SELECT unnest(r.budget_path)
      FROM unnest(c_tenant, c_id, c_revision) AS c (tenant, id, revision)
      JOIN budget_reservations r ON r.tenant_id = t_id[c.tenant] AND r.request_id = c.id WHERE c.revision = -1);
  END IF;
  IF v_extensions > 0 THEN
    v_lock := v_lock || ARRAY(SELECT unnest(r.budget_path) FROM unnest(e_tenant, e_id) AS e (tenant, id)
      JOIN budget_reservations r ON r.tenant_id = t_id[e.tenant] AND r.request_id = e.id);
  END IF;

  SELECT array_agg(l.budget_id), array_agg(coalesce(l.limit_tokens - l.used_tokens - l.reserved_tokens, v_unlimited)),
         array_agg(coalesce(l.limit_micros - l.used_micros - l.reserved_micros, v_unlimited)), array_agg(l.currency),
         array_agg(l.limit_micros IS NOT NULL), count(l.currency), min(l.period_ends_at),
         array_agg(l.budget_id) FILTER (WHERE NOT l.is_exhaustion_told),
         array_agg(l.budget_id) FILTER (WHERE l.soft_limit_percents <> '{}')
    INTO v_ids, v_room_tokens, v_room_micros, v_currency, v_limits_money, v_money_count, v_first_end, v_untold, v_soft
    FROM (SELECT b.* FROM budgets b WHERE b.budget_id = ANY (v_lock) ORDER BY b.budget_id FOR UPDATE) AS l;
  at := coalesce(p_now, clock_timestamp());
  IF v_first_end <= at THEN
    periods_over := ARRAY(SELECT b.budget_id FROM budgets b WHERE b.budget_id = ANY (v_ids) AND b.period_ends_at <= at);
    facts := budget_facts(periods_over);
    RETURN;
  END IF;

  -- Resolutions first: they only give room back, or record what was used.
  IF v_resolutions > 0 THEN
    -- What a hold of no money comes to cost is the first money of budgets that have no currency yet.
    IF v_money_count < cardinality(v_ids) AND 0 < ANY (c_micros) THEN
      FOR i IN 1..v_resolutions LOOP
        CONTINUE WHEN c_op[i] NOT IN (1, 2) OR coalesce(c_micros[i], 0) = 0;
        SELECT r.* INTO v_reservation FROM budget_reservations r
         WHERE r.request_id = c_id[i] AND r.tenant_id = t_id[c_tenant[i]] AND r.settled_at IS NULL AND r.micros = 0
           AND r.currency IS NOT NULL AND r.budget_path <@ v_ids AND budget_currency_fits(r.budget_path, r.currency);
        CONTINUE WHEN NOT FOUND;
        UPDATE budgets b SET currency = v_reservation.currency
         WHERE b.budget_id = ANY (v_reservation.budget_path) AND b.currency IS NULL;
      END LOOP;
      v_currency := ARRAY(SELECT b.currency::text FROM budgets b WHERE b.budget_id = ANY (v_ids) ORDER BY b.budget_id);
    END IF;
    v_plain := 0;
    FOR v_pass IN 1..2 LOOP
      CONTINUE WHEN v_pass = 1 AND v_places[1] IS NULL;
      IF v_pass = 2 THEN
        -- What another process made, or extended, is elsewhere than this caller knows.
        v_places := ARRAY(SELECT CASE WHEN c_result IS NULL OR c_result[c.ord] = 0 THEN (
                                   SELECT r.ctid FROM budget_reservations r
                                    WHERE r.request_id = c.id AND r.tenant_id = t_id[c.tenant]
                                      -- One made since the look-up above is not known yet: its budgets are not locked.
                                      AND r.budget_path <@ coalesce(v_ids, '{}')) END
                            FROM unnest(c_tenant, c_id) WITH ORDINALITY AS c (tenant, id, ord) ORDER BY c.ord);
        EXIT WHEN array_remove(v_places, NULL) = '{}';
      END IF;
      WITH done AS (
        UPDATE budget_reservations r
           SET status = CASE WHEN r.expires_at <= at
                        THEN CASE WHEN c.op <= 3 THEN 'late'::budget_reservation_status ELSE 'expired'::budget_reservation_status END
                        WHEN c.op <= 3 THEN 'committed'::budget_reservation_status ELSE 'released'::budget_reservation_status END,
               used_tokens = CASE WHEN c.op IN (1, 2) THEN coalesce(c.tokens, r.tokens)
                                  WHEN c.op IN (0, 3) THEN least(coalesce(c.tokens, r.tokens), r.tokens) END,
               used_micros = CASE WHEN c.op IN (1, 2) THEN coalesce(c.micros, r.micros)
                                  WHEN c.op IN (0, 3) THEN least(coalesce(c.micros, r.micros), r.micros) END,
               reported_tokens = CASE WHEN c.op <= 3 THEN coalesce(c.tokens, r.tokens) END,
               reported_micros = CASE WHEN c.op <= 3 THEN coalesce(c.micros, r.micros) END,
               usage_basis = CASE WHEN c.op IN (1, 3) THEN 'actual'::budget_usage_basis
                                  WHEN c.op IN (0, 2) THEN 'estimate'::budget_usage_basis END,
               expired_at = CASE WHEN r.expires_at <= at THEN at END,
               settled_at = CASE WHEN c.op <= 3 OR r.expires_at > at THEN at END
          FROM unnest(c_tenant, c_id, c_op, c_tokens, c_micros, c_revision, v_places) WITH ORDINALITY
               AS c (tenant, id, op, tokens, micros, revision, place, ord)
         WHERE r.ctid = c.place AND r.request_id = c.id AND r.tenant_id = t_id[c.tenant]
           -- Held, said so that the index of open holds does not offer itself.
           AND r.settled_at IS NULL AND r.expired_at IS NULL AND (c.op <> 5 OR r.expires_at <= at)
           AND (r.micros > 0 OR c.op NOT IN (1, 2) OR coalesce(c.micros, 0) = 0 OR budget_currency_fits(r.budget_path, r.currency))
        RETURNING c.ord, (c.revision = r.revision AND r.expired_at IS NULL) AS is_plain, r.tenant_id,
                  r.request_id, r.status, r.tokens, r.micros, r.currency, r.budget_path,
                  coalesce(r.used_tokens, 0)::bigint AS used_tokens, coalesce(r.used_micros, 0)::bigint AS used_micros
      ), moved AS (
        -- One movement for each: what a commit did not use goes back with it.
        INSERT INTO budget_transactions
          (tenant_id, request_id, kind, from_account, to_account, tokens, micros, returned_tokens, returned_micros, currency, budget_path, at)
        SELECT d.tenant_id, d.request_id,
               CASE d.status WHEN 'committed' THEN 'committed'::budget_movement_kind WHEN 'released' THEN 'returned'::budget_movement_kind
                             ELSE 'expired'::budget_movement_kind END,
               'reserved', CASE d.status WHEN 'committed' THEN 'used'::budget_account ELSE 'available'::budget_account END,
               CASE d.status WHEN 'committed' THEN d.used_tokens ELSE d.tokens END,
               CASE d.status WHEN 'committed' THEN d.used_micros ELSE d.micros END,
               CASE d.status WHEN 'committed' THEN d.tokens - d.used_tokens ELSE 0 END,
               CASE d.status WHEN 'committed' THEN d.micros - d.used_micros ELSE 0 END,
               d.currency, d.budget_path, at
          FROM done d
      ), by_path AS (
        SELECT d.budget_path, sum(d.tokens) AS free_tokens, sum(d.micros) AS free_micros,
               sum(d.used_tokens) AS use_tokens, sum(d.used_micros) AS use_micros
          FROM done d GROUP BY d.budget_path
      )
      SELECT (SELECT array_agg((d.ord * 2 + d.is_plain::integer)::integer) FROM done d),
             (SELECT count(*) FROM done d WHERE d.is_plain),
             array_agg(b.id), array_agg(b.free_tokens), array_agg(b.free_micros), array_agg(b.use_tokens), array_agg(b.use_micros)
        INTO v_done, x, v_ids_more, v_free_tokens_more, v_free_micros_more, v_use_tokens_more, v_use_micros_more
        FROM (SELECT i.id, -sum(p.free_tokens)::bigint AS free_tokens, -sum(p.free_micros)::bigint AS free_micros,
                     sum(p.use_tokens)::bigint AS use_tokens, sum(p.use_micros)::bigint AS use_micros
                FROM by_path p CROSS JOIN LATERAL unnest(p.budget_path) AS i (id) GROUP BY i.id) AS b;
      v_plain := v_plain + x;
      v_settled := v_settled + coalesce(cardinality(v_done), 0);
      IF v_done IS NOT NULL THEN
        d_id := d_id || v_ids_more; d_reserved_tokens := d_reserved_tokens || v_free_tokens_more;
        d_reserved_micros := d_reserved_micros || v_free_micros_more;
        d_used_tokens := d_used_tokens || v_use_tokens_more; d_used_micros := d_used_micros || v_use_micros_more;
      END IF;
      IF v_plain = v_resolutions THEN
        -- What the first pass left, the second found as remembered: again all as asked.
        c_result := NULL;
        EXIT;
      END IF;
      IF c_result IS NULL THEN c_result := array_fill(0, ARRAY[v_resolutions]); END IF;
      FOREACH x IN ARRAY coalesce(v_done, '{}') LOOP c_result[x / 2] := 2 - x % 2; END LOOP;
      EXIT WHEN v_settled = v_resolutions;
    END LOOP;

    IF v_plain < v_resolutions THEN
      IF c_result IS NULL THEN c_result := array_fill(0, ARRAY[v_resolutions]); END IF;
      -- What expired in this very step because its commit came too late.
      INSERT INTO budget_transactions
        (tenant_id, request_id, kind, from_account, to_account, tokens, micros, currency, budget_path, at)
      SELECT r.tenant_id, r.request_id, 'late', 'available', 'used', r.used_tokens, r.used_micros, r.currency, r.budget_path, at
        FROM unnest(c_tenant, c_id) WITH ORDINALITY AS c (tenant, id, ord)
        JOIN budget_reservations r ON r.request_id = c.id AND r.tenant_id = t_id[c.tenant]
       WHERE c_result[c.ord] = 2 AND r.status = 'late' AND r.expired_at = at;
      WITH done AS (
        UPDATE budget_reservations r
           SET status = 'late', settled_at = at,
               used_tokens = CASE WHEN c.op IN (0, 3) THEN least(coalesce(c.tokens, r.tokens), r.tokens) ELSE coalesce(c.tokens, r.tokens) END,
               used_micros = CASE WHEN c.op IN (0, 3) THEN least(coalesce(c.micros, r.micros), r.micros) ELSE coalesce(c.micros, r.micros) END,
               reported_tokens = coalesce(c.tokens, r.tokens), reported_micros = coalesce(c.micros, r.micros),
               usage_basis = CASE WHEN c.op IN (0, 2) THEN 'estimate'::budget_usage_basis ELSE 'actual'::budget_usage_basis END
          FROM unnest(c_tenant, c_id, c_op, c_tokens, c_micros) WITH ORDINALITY AS c (tenant, id, op, tokens, micros, ord)
         WHERE c.op <= 3 AND r.tenant_id = t_id[c.tenant] AND r.request_id = c.id AND r.status = 'expired'
           AND r.budget_path <@ coalesce(v_ids, '{}')
           AND (r.micros > 0 OR c.op NOT IN (1, 2) OR coalesce(c.micros, 0) = 0 OR budget_currency_fits(r.budget_path, r.currency))
        RETURNING c.ord, r.tenant_id, r.request_id, r.used_tokens, r.used_micros, r.currency, r.budget_path
      ), moved AS (
        INSERT INTO budget_transactions
          (tenant_id, request_id, kind, from_account, to_account, tokens, micros, currency, budget_path, at)
        SELECT d.tenant_id, d.request_id, 'late', 'available', 'used', d.used_tokens, d.used_micros, d.currency,
               d.budget_path, at
          FROM done d
      )
      SELECT (SELECT array_agg(d.ord::integer) FROM done d), array_agg(b.id), array_agg(0::bigint),
             array_agg(b.use_tokens), array_agg(b.use_micros)
        INTO v_done, v_ids_more, v_free_tokens_more, v_use_tokens_more, v_use_micros_more
        FROM (SELECT i.id, sum(d.used_tokens)::bigint AS use_tokens, sum(d.used_micros)::bigint AS use_micros
                FROM done d CROSS JOIN LATERAL unnest(d.budget_path) AS i (id) GROUP BY i.id) AS b;
      IF v_done IS NOT NULL THEN
        FOREACH x IN ARRAY v_done LOOP c_result[x] := 3; END LOOP;
        d_id := d_id || v_ids_more; d_reserved_tokens := d_reserved_tokens || v_free_tokens_more;
        d_reserved_micros := d_reserved_micros || v_free_tokens_more;
        d_used_tokens := d_used_tokens || v_use_tokens_more; d_used_micros := d_used_micros || v_use_micros_more;
      END IF;
    END IF;
    d_currency := array_fill(NULL::text, ARRAY[cardinality(d_id)]);
    IF v_requests + v_extensions > 0 AND cardinality(d_id) BETWEEN 1 AND 8 THEN
      FOR i IN 1..cardinality(d_id) LOOP
        x := array_position(v_ids, d_id[i]);
        IF v_room_tokens[x] < v_unlimited THEN v_room_tokens[x] := v_room_tokens[x] - d_reserved_tokens[i] - d_used_tokens[i]; END IF;
        IF v_room_micros[x] < v_unlimited THEN v_room_micros[x] := v_room_micros[x] - d_reserved_micros[i] - d_used_micros[i]; END IF;
      END LOOP;
    ELSIF v_requests + v_extensions > 0 AND cardinality(d_id) > 0 THEN
      SELECT array_agg(n.tokens), array_agg(n.micros) INTO v_room_tokens, v_room_micros
        FROM (SELECT m.id, greatest(least(sum(m.tokens), v_unlimited), -v_unlimited)::bigint AS tokens,
                     greatest(least(sum(m.micros), v_unlimited), -v_unlimited)::bigint AS micros
                FROM (SELECT * FROM unnest(v_ids, v_room_tokens, v_room_micros) AS r (id, tokens, micros)
                      UNION ALL
                      SELECT d.id, -d.rt::numeric - d.ut, -d.rm::numeric - d.um
                        FROM unnest(d_id, d_reserved_tokens, d_reserved_micros, d_used_tokens, d_used_micros)
                             AS d (id, rt, rm, ut, um)) AS m
               GROUP BY m.id ORDER BY m.id) AS n;
    END IF;
  END IF;

  -- Extensions next: calls that run already go before new ones. Both ends are absolute, so that a repeat changes nothing.
  IF v_extensions > 0 THEN
    e_result := array_fill(0, ARRAY[v_extensions]);
    FOR i IN 1..v_extensions LOOP
      SELECT r.* INTO v_reservation FROM budget_reservations r
       WHERE r.tenant_id = t_id[e_tenant[i]] AND r.request_id = e_id[i] AND r.status = 'held' AND r.expires_at > at
         AND r.budget_path <@ coalesce(v_ids, '{}');
      CONTINUE WHEN NOT FOUND;
      v_tokens := greatest(coalesce(e_tokens[i], 0) - v_reservation.tokens, 0);
      v_micros := greatest(coalesce(e_micros[i], 0) - v_reservation.micros, 0);
      v_bad := 0;
      FOREACH v_id IN ARRAY v_reservation.budget_path LOOP
        x := array_position(v_ids, v_id);
        IF v_micros > 0 AND v_currency[x] <> v_reservation.currency THEN v_bad := x; v_code := 3; EXIT; END IF;
        IF v_tokens > 0 AND v_room_tokens[x] < v_tokens OR v_micros > 0 AND v_room_micros[x] < v_micros THEN
          v_bad := x; v_code := 2; EXIT;
        END IF;
      END LOOP;
      IF v_bad > 0 THEN
        e_result[i] := v_code;
        IF v_code = 2 THEN v_lacking := v_lacking || v_ids[v_bad]; END IF;
        denied_entry := denied_entry || (v_requests + i); denied_budget := denied_budget || v_ids[v_bad];
        denied_tokens := denied_tokens || v_room_tokens[v_bad]; denied_micros := denied_micros || v_room_micros[v_bad];
        CONTINUE;
      END IF;
      e_result[i] := 1;
      UPDATE budget_reservations r
         SET tokens = r.tokens + v_tokens, micros = r.micros + v_micros, revision = r.revision + 1,
             expires_at = greatest(r.expires_at, at + coalesce(e_ttl_ms[i], 0) * interval '1 millisecond')
       WHERE r.tenant_id = v_reservation.tenant_id AND r.request_id = v_reservation.request_id;
      CONTINUE WHEN v_tokens = 0 AND v_micros = 0;
      INSERT INTO budget_transactions
        (tenant_id, request_id, kind, from_account, to_account, tokens, micros, currency, budget_path, at)
      VALUES (v_reservation.tenant_id, v_reservation.request_id, 'extended', 'available', 'reserved', v_tokens, v_micros,
              v_reservation.currency, v_reservation.budget_path, at);
      FOREACH v_id IN ARRAY v_reservation.budget_path LOOP
        x := array_position(v_ids, v_id);
        v_room_tokens[x] := v_room_tokens[x] - v_tokens; v_room_micros[x] := v_room_micros[x] - v_micros;
        d_id := d_id || v_id; d_reserved_tokens := d_reserved_tokens || v_tokens;
        d_reserved_micros := d_reserved_micros || v_micros; d_used_tokens := d_used_tokens || 0::bigint;
        d_used_micros := d_used_micros || 0::bigint;
        d_currency := d_currency || CASE WHEN v_micros > 0 THEN v_reservation.currency END;
        IF v_micros > 0 AND v_currency[x] IS NULL THEN v_currency[x] := v_reservation.currency; END IF;
      END LOOP;
    END LOOP;
  END IF;

  IF v_requests > 0 THEN
    -- If all that is asked fits everywhere, in one currency or none, then each request does, in any order.
    v_is_simple := r_aged = 0 AND NOT '{}' = ANY (paths)
      AND v_money_count = 0 AND array_remove(s_currency, NULL) = '{}';
    IF NOT v_is_simple AND r_aged = 0 AND NOT '{}' = ANY (paths) THEN
      v_is_simple := (SELECT count(DISTINCT c.c) = 1 FROM (SELECT unnest(v_currency) UNION ALL SELECT unnest(s_currency)) AS c (c))
        AND (array_position(s_currency, NULL) IS NULL OR NOT true = ANY (v_limits_money));
    END IF;
    IF v_is_simple AND v_is_one_scope AND s_want_tokens[1] <= ALL (v_room_tokens) AND s_want_micros[1] <= ALL (v_room_micros) THEN
      NULL; -- It fits even where it is not asked for.
    ELSIF v_is_simple THEN
      SELECT bool_and((f.want_tokens = 0 OR f.room_tokens >= f.want_tokens) AND (f.want_micros = 0 OR f.room_micros >= f.want_micros))
        INTO v_is_simple
        FROM (SELECT m.id, sum(m.room_tokens) AS room_tokens, sum(m.room_micros) AS room_micros,
                     sum(m.want_tokens) AS want_tokens, sum(m.want_micros) AS want_micros
                FROM (SELECT r.id, r.tokens AS room_tokens, r.micros AS room_micros, 0::bigint AS want_tokens, 0::bigint AS want_micros
                        FROM unnest(v_ids, v_room_tokens, v_room_micros) AS r (id, tokens, micros)
                      UNION ALL
                      SELECT i.id, 0, 0, s.tokens, s.micros
                        FROM unnest(paths, s_want_tokens, s_want_micros) AS s (path, tokens, micros)
                        CROSS JOIN LATERAL unnest(s.path::bigint[]) AS i (id)) AS m
               GROUP BY m.id) AS f;
    END IF;

    v_granted_count := v_requests;
    IF v_is_one_scope THEN v_path := paths[1]::bigint[]; END IF;
    LOOP
      IF NOT v_is_simple THEN
        -- Exact: in order of arrival, every level must have room; known ids take none.
        r_result := array_fill(0, ARRAY[v_requests]);
        FOR k IN SELECT q.ord FROM unnest(r_scope, r_id) WITH ORDINALITY AS q (scope, id, ord)
                   JOIN budget_reservations r ON r.tenant_id = t_id[s_tenant[q.scope]] AND r.request_id = q.id LOOP
          r_result[k] := 2;
        END LOOP;
        SELECT array_agg(array_position(v_ids, p.id) ORDER BY p.scope, p.level) INTO v_positions
          FROM (SELECT s.scope, i.id, i.level FROM unnest(paths) WITH ORDINALITY AS s (path, scope)
                  CROSS JOIN LATERAL unnest(s.path::bigint[]) WITH ORDINALITY AS i (id, level)) AS p;
        v_offsets := ARRAY[0];
        FOR i IN 1..cardinality(paths) LOOP v_offsets := v_offsets || (v_offsets[i] + cardinality(paths[i]::bigint[])); END LOOP;
        v_granted := array_fill(false, ARRAY[v_requests]);
        v_held_back_tokens := array_fill(0::bigint, ARRAY[coalesce(cardinality(v_ids), 0)]);
        v_held_back_micros := v_held_back_tokens;
        v_granted_count := 0;
        FOR i IN 1..v_requests LOOP
          CONTINUE WHEN r_result[i] <> 0;
          v_scope := r_scope[i]; v_tokens := r_tokens[i]; v_micros := r_micros[i];
          v_code := CASE WHEN v_offsets[v_scope] = v_offsets[v_scope + 1] THEN 4 ELSE 1 END;
          FOR j IN v_offsets[v_scope] + 1 .. v_offsets[v_scope + 1] LOOP
            k := v_positions[j];
            IF s_currency[v_scope] IS NULL THEN
              IF v_limits_money[k] THEN v_code := 6; v_bad := k; EXIT; END IF;
            ELSIF v_currency[k] <> s_currency[v_scope] THEN v_code := 5; v_bad := k; EXIT;
            END IF;
            IF v_code = 1 AND (v_room_tokens[k] - v_held_back_tokens[k] < v_tokens
                OR v_micros > 0 AND v_room_micros[k] - v_held_back_micros[k] < v_micros) THEN
              v_code := 3; v_bad := k;
            END IF;
          END LOOP;
          r_result[i] := v_code;
          IF v_code = 1 THEN
            v_granted[i] := true; v_granted_count := v_granted_count + 1;
            FOR j IN v_offsets[v_scope] + 1 .. v_offsets[v_scope + 1] LOOP
              k := v_positions[j];
              v_room_tokens[k] := v_room_tokens[k] - v_tokens; v_room_micros[k] := v_room_micros[k] - v_micros;
              IF v_micros > 0 AND v_currency[k] IS NULL THEN v_currency[k] := s_currency[v_scope]; END IF;
            END LOOP;
          ELSIF v_code > 1 AND v_code <> 4 THEN
            denied_entry := denied_entry || i; denied_budget := denied_budget || v_ids[v_bad];
            denied_tokens := denied_tokens || v_room_tokens[v_bad]; denied_micros := denied_micros || v_room_micros[v_bad];
            IF v_code = 3 THEN v_lacking := v_lacking || v_ids[v_bad]; END IF;
            -- Smaller requests of this call may not take the room that one denied many times waits for.
            IF v_code = 3 AND i <= r_aged THEN
              v_held_back_tokens[v_bad] := least(v_held_back_tokens[v_bad] + v_tokens, v_unlimited);
              v_held_back_micros[v_bad] := least(v_held_back_micros[v_bad] + v_micros, v_unlimited);
            END IF;
          END IF;
        END LOOP;
      END IF;
      EXIT WHEN v_granted_count = 0;
      BEGIN
        WITH made AS (
          INSERT INTO budget_reservations
            (tenant_id, request_id, project_id, task_id, agent_id, model, asked_tokens, asked_micros, tokens, micros, currency,
             ttl_ms, budget_path, held_at, expires_at)
          SELECT t_id[s_tenant[q.scope]], q.id, s_project[q.scope], nullif(s_task[q.scope], ''), nullif(s_agent[q.scope], ''),
                 s_model[q.scope], q.tokens, q.micros, q.tokens, q.micros, s_currency[q.scope], q.ttl_ms,
                 CASE WHEN v_is_one_scope THEN v_path ELSE paths[q.scope]::bigint[] END,
                 at, at + q.ttl_ms * interval '1 millisecond'
            FROM unnest(r_scope, r_id, r_tokens, r_micros, r_ttl_ms) WITH ORDINALITY AS q (scope, id, tokens, micros, ttl_ms, ord)
           WHERE v_is_simple OR v_granted[q.ord]
          RETURNING tenant_id, request_id, tokens, micros, currency, budget_path, ctid AS place
        ), moved AS (
          INSERT INTO budget_transactions
            (tenant_id, request_id, kind, from_account, to_account, tokens, micros, currency, budget_path, at)
          SELECT m.tenant_id, m.request_id, 'held', 'available', 'reserved', m.tokens, m.micros, m.currency, m.budget_path, at
            FROM made m
        )
        SELECT array_agg(m.place)::text INTO r_place FROM made m;
        EXIT;
      EXCEPTION WHEN unique_violation THEN
        -- Known ids are looked up then; one that came meanwhile by other budgets was not seen under these locks.
        IF NOT v_is_simple THEN RAISE; END IF;
        v_is_simple := false;
      END;
    END LOOP;
    IF v_granted_count > 0 THEN
      IF r_result IS NULL AND v_is_one_scope THEN
        v_ids_more := v_path;
        x := cardinality(v_ids_more);
        v_free_tokens_more := array_fill(s_want_tokens[1], ARRAY[x]); v_free_micros_more := array_fill(s_want_micros[1], ARRAY[x]);
        v_currency_more := array_fill(CASE WHEN s_want_micros[1] > 0 THEN s_currency[1] END, ARRAY[x]); v_use_tokens_more := array_fill(0::bigint, ARRAY[x]);
      ELSE
        SELECT array_agg(b.id), array_agg(b.tokens), array_agg(b.micros), array_agg(b.currency), array_agg(0::bigint)
          INTO v_ids_more, v_free_tokens_more, v_free_micros_more, v_currency_more, v_use_tokens_more
          FROM (SELECT i.id, sum(g.tokens)::bigint AS tokens, sum(g.micros)::bigint AS micros,
                       max(s_currency[g.scope]) FILTER (WHERE g.micros > 0) AS currency
                  FROM (SELECT q.scope, sum(q.tokens) AS tokens, sum(q.micros) AS micros
                          FROM unnest(r_scope, r_tokens, r_micros) WITH ORDINALITY AS q (scope, tokens, micros, ord)
                         WHERE r_result IS NULL OR r_result[q.ord] = 1 GROUP BY q.scope) AS g
                  CROSS JOIN LATERAL unnest(paths[g.scope]::bigint[]) AS i (id) GROUP BY i.id) AS b;
      END IF;
      d_id := d_id || v_ids_more; d_reserved_tokens := d_reserved_tokens || v_free_tokens_more;
      d_reserved_micros := d_reserved_micros || v_free_micros_more; d_currency := d_currency || v_currency_more;
      d_used_tokens := d_used_tokens || v_use_tokens_more; d_used_micros := d_used_micros || v_use_tokens_more;
    END IF;
    IF NOT v_is_stale THEN paths := NULL; versions := NULL; END IF;
  END IF;

  IF cardinality(d_id) > 0 THEN
    UPDATE budgets b
       SET reserved_tokens = b.reserved_tokens + d.reserved_tokens, reserved_micros = b.reserved_micros + d.reserved_micros,
           used_tokens = b.used_tokens + d.used_tokens, used_micros = b.used_micros + d.used_micros,
           currency = coalesce(b.currency, d.currency), updated_at = at
      FROM (SELECT m.id, sum(m.rt)::bigint AS reserved_tokens, sum(m.rm)::bigint AS reserved_micros,
                   sum(m.ut)::bigint AS used_tokens, sum(m.um)::bigint AS used_micros, max(m.currency) AS currency
              FROM unnest(d_id, d_reserved_tokens, d_reserved_micros, d_used_tokens, d_used_micros, d_currency)
                   AS m (id, rt, rm, ut, um, currency) GROUP BY m.id) AS d
     WHERE b.budget_id = d.id;
    IF v_soft IS NOT NULL AND v_resolutions > 0 THEN
      SELECT s.budget_ids, s.before_percents, s.reached_percents INTO soft_budget, soft_before, soft_reached
        FROM budget_reach_soft_limits(v_soft) AS s;
    END IF;
  END IF;

  IF v_lacking IS NOT NULL THEN
    reclaimable := ARRAY(SELECT DISTINCT l.id FROM unnest(v_lacking) AS l (id)
      WHERE EXISTS (SELECT 1 FROM budget_reservations r
                     WHERE r.status = 'held' AND r.expires_at <= at AND r.tenant_id = ANY (t_id) AND l.id = ANY (r.budget_path)));
    IF v_untold && v_lacking THEN
      WITH told AS (
        UPDATE budgets b SET is_exhaustion_told = true
         WHERE b.budget_id = ANY (v_untold) AND b.budget_id = ANY (v_lacking) AND NOT b.budget_id = ANY (reclaimable)
        RETURNING b.budget_id)
      SELECT array_agg(t.budget_id) INTO exhausted FROM told t;
    END IF;
  END IF;
  IF denied_budget IS NOT NULL OR soft_budget IS NOT NULL THEN
    facts := budget_facts(denied_budget || soft_budget);
  END IF;
END $$;

COMMENT ON FUNCTION budget_apply IS 'Resolves, extends and grants many reservations at once. A null result: all granted, or all settled as asked. r_result: 1 granted, 2 known id, 3 no room, 4 no budget, 5 other currency, 6 money is limited and no price is given. c_result: 0 untouched, 1 settled, 2 settled or expired (read it), 3 late after expiry. e_result: 0 not held, 1 extended, 2 no room, 3 other currency. periods_over: nothing was done, reset these first.';

CREATE OR REPLACE FUNCTION budget_hold_alone(
  p_now timestamptz, p_tenant_id text, p_request_id text, p_project_id text, p_task_id text, p_agent_id text, p_model text,
  p_tokens bigint, p_micros bigint, p_currency text, p_ttl_ms bigint, p_version bigint, p_path bigint[],
  OUT at timestamptz, OUT place text
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now timestamptz;
  v_is_plain boolean;
  v_first_end timestamptz;
BEGIN
  SELECT count(*) = cardinality(p_path)
         AND bool_and(coalesce(l.limit_tokens - l.used_tokens - l.reserved_tokens >= p_tokens, true)
                  AND coalesce(l.limit_micros - l.used_micros - l.reserved_micros >= p_micros, true)
                  AND CASE WHEN p_currency IS NULL THEN l.limit_micros IS NULL ELSE coalesce(l.currency = p_currency, p_micros = 0) END)
         AND p_version = (SELECT t.tree_version FROM budget_tenants t WHERE t.tenant_id = p_tenant_id),
         min(l.period_ends_at)
    INTO v_is_plain, v_first_end
    FROM (SELECT b.* FROM budgets b WHERE b.budget_id = ANY (p_path) ORDER BY b.budget_id FOR UPDATE) AS l;
  v_now := coalesce(p_now, clock_timestamp());
  IF v_is_plain IS NOT TRUE OR v_first_end <= v_now THEN RETURN; END IF;
  INSERT INTO budget_reservations
    (tenant_id, request_id, project_id, task_id, agent_id, model, asked_tokens, asked_micros, tokens, micros, currency,
     ttl_ms, budget_path, held_at, expires_at)
  VALUES (p_tenant_id, p_request_id, p_project_id, p_task_id, p_agent_id, p_model, p_tokens, p_micros, p_tokens, p_micros, p_currency,
          p_ttl_ms, p_path, v_now, v_now + p_ttl_ms * interval '1 millisecond')
  ON CONFLICT (request_id, tenant_id) DO NOTHING RETURNING ctid INTO place;
  IF place IS NULL THEN RETURN; END IF;
  INSERT INTO budget_transactions
    (tenant_id, request_id, kind, from_account, to_account, tokens, micros, currency, budget_path, at)
  VALUES (p_tenant_id, p_request_id, 'held', 'available', 'reserved', p_tokens, p_micros, p_currency, p_path, v_now);
  UPDATE budgets b
     SET reserved_tokens = b.reserved_tokens + p_tokens, reserved_micros = b.reserved_micros + p_micros, updated_at = v_now
   WHERE b.budget_id = ANY (p_path);
  at := v_now;
END $$;

CREATE OR REPLACE FUNCTION budget_settle_alone(
  p_now timestamptz, p_tenant_id text, p_request_id text, p_op integer, p_tokens bigint, p_micros bigint,
  p_revision integer, p_place tid, p_path bigint[], OUT at timestamptz
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now timestamptz;
  v_warns boolean;
  v_first_end timestamptz;
  v_tokens bigint; v_micros bigint; v_used_tokens bigint; v_used_micros bigint; v_currency text;
BEGIN
  SELECT bool_or(CASE WHEN l.soft_limit_percents = '{}' THEN false
                      ELSE budget_would_warn(l.soft_limit_percents, l.soft_limit_reached,
                        l.limit_tokens, l.used_tokens::numeric + coalesce(p_tokens, l.limit_tokens),
                        l.limit_micros, l.used_micros::numeric + coalesce(p_micros, l.limit_micros)) END),
         min(l.period_ends_at)
    INTO v_warns, v_first_end
    FROM (SELECT b.* FROM budgets b WHERE b.budget_id = ANY (p_path) ORDER BY b.budget_id FOR UPDATE) AS l;
  v_now := coalesce(p_now, clock_timestamp());
  IF v_warns IS NOT FALSE OR v_first_end <= v_now THEN RETURN; END IF;
  IF p_op <= 3 THEN
    UPDATE budget_reservations r
       SET status = 'committed', settled_at = v_now,
           used_tokens = CASE WHEN p_op IN (0, 3) THEN least(coalesce(p_tokens, r.tokens), r.tokens) ELSE coalesce(p_tokens, r.tokens) END,
           used_micros = CASE WHEN p_op IN (0, 3) THEN least(coalesce(p_micros, r.micros), r.micros) ELSE coalesce(p_micros, r.micros) END,
           reported_tokens = coalesce(p_tokens, r.tokens), reported_micros = coalesce(p_micros, r.micros),
           usage_basis = CASE WHEN p_op IN (0, 2) THEN 'estimate'::budget_usage_basis ELSE 'actual'::budget_usage_basis END
     WHERE r.ctid = p_place AND r.request_id = p_request_id AND r.tenant_id = p_tenant_id AND r.revision = p_revision
       AND r.settled_at IS NULL AND r.expired_at IS NULL AND r.expires_at > v_now
       -- What a hold of no money comes to cost may be the first money of its budgets, or in another currency than theirs.
       AND (r.micros > 0 OR coalesce(p_micros, 0) = 0)
    RETURNING r.tokens, r.micros, r.used_tokens, r.used_micros, r.currency
      INTO v_tokens, v_micros, v_used_tokens, v_used_micros, v_currency;
  ELSE
    UPDATE budget_reservations r SET status = 'released', settled_at = v_now
     WHERE r.ctid = p_place AND r.request_id = p_request_id AND r.tenant_id = p_tenant_id AND r.revision = p_revision
       AND r.settled_at IS NULL AND r.expired_at IS NULL AND r.expires_at > v_now
    RETURNING r.tokens, r.micros, 0, 0, r.currency INTO v_tokens, v_micros, v_used_tokens, v_used_micros, v_currency;
  END IF;
  IF v_tokens IS NULL THEN RETURN; END IF;
  INSERT INTO budget_transactions
    (tenant_id, request_id, kind, from_account, to_account, tokens, micros, returned_tokens, returned_micros, currency, budget_path, at)
  VALUES (p_tenant_id, p_request_id,
          CASE WHEN p_op <= 3 THEN 'committed'::budget_movement_kind ELSE 'returned'::budget_movement_kind END, 'reserved',
          CASE WHEN p_op <= 3 THEN 'used'::budget_account ELSE 'available'::budget_account END,
          CASE WHEN p_op <= 3 THEN v_used_tokens ELSE v_tokens END, CASE WHEN p_op <= 3 THEN v_used_micros ELSE v_micros END,
          CASE WHEN p_op <= 3 THEN v_tokens - v_used_tokens ELSE 0 END, CASE WHEN p_op <= 3 THEN v_micros - v_used_micros ELSE 0 END,
          v_currency, p_path, v_now);
  UPDATE budgets b
     SET reserved_tokens = b.reserved_tokens - v_tokens, reserved_micros = b.reserved_micros - v_micros,
         used_tokens = b.used_tokens + v_used_tokens, used_micros = b.used_micros + v_used_micros, updated_at = v_now
   WHERE b.budget_id = ANY (p_path);
  at := v_now;
END $$;

CREATE OR REPLACE FUNCTION budget_adjust(
  p_now timestamptz, p_tenant_id text, p_adjustment_id text, p_request_id text, p_project_id text, p_task_id text,
  p_agent_id text, p_tokens bigint, p_micros bigint, p_currency text, p_actor text, p_reason text
) RETURNS TABLE (outcome text, at timestamptz, budget_ids bigint[], facts jsonb, soft_budget bigint[],
                 soft_before integer[], soft_reached integer[])
LANGUAGE plpgsql AS $$
DECLARE
  v_reservation budget_reservations;
  v_earlier budget_transactions;
  v_kind budget_movement_kind := CASE WHEN p_request_id IS NULL THEN 'adjusted' ELSE 'refunded' END;
BEGIN
  IF p_request_id IS NULL THEN
    budget_ids := budget_paths(p_tenant_id, p_project_id, p_task_id, p_agent_id);
  ELSE
    SELECT r.* INTO v_reservation FROM budget_reservations r
     WHERE r.tenant_id = p_tenant_id AND r.request_id = p_request_id;
    IF NOT FOUND THEN outcome := 'not_found'; RETURN NEXT; RETURN; END IF;
    budget_ids := v_reservation.budget_path;
  END IF;
  IF cardinality(budget_ids) = 0 THEN outcome := 'no_budget'; RETURN NEXT; RETURN; END IF;
  PERFORM 1 FROM budgets b WHERE b.budget_id = ANY (budget_ids) ORDER BY b.budget_id FOR UPDATE;
  at := coalesce(p_now, clock_timestamp());

  SELECT t.* INTO v_earlier FROM budget_transactions t
   WHERE t.tenant_id = p_tenant_id AND t.adjustment_id = p_adjustment_id;
  IF FOUND THEN
    outcome := CASE WHEN v_earlier.tokens = abs(p_tokens) AND v_earlier.micros = abs(p_micros)
                     AND v_earlier.request_id IS NOT DISTINCT FROM p_request_id
                     AND v_earlier.currency IS NOT DISTINCT FROM p_currency
                     AND (v_earlier.from_account = 'used') = (p_tokens < 0 OR p_micros < 0)
                     AND (p_request_id IS NOT NULL OR v_earlier.budget_path = budget_ids)
                    THEN 'replayed' ELSE 'conflict' END;
    facts := budget_facts(budget_ids);
    RETURN NEXT; RETURN;
  END IF;
  IF EXISTS (SELECT 1 FROM budgets b WHERE b.budget_id = ANY (budget_ids) AND b.period_ends_at <= at) THEN
    outcome := 'period_over';
    facts := (SELECT jsonb_agg(to_jsonb(b)) FROM budgets b WHERE b.budget_id = ANY (budget_ids) AND b.period_ends_at <= at);
    RETURN NEXT; RETURN;
  END IF;
  IF p_request_id IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM budget_reservations r
        WHERE r.tenant_id = p_tenant_id AND r.request_id = p_request_id AND r.status IN ('committed', 'late')) THEN
    outcome := 'not_committed'; RETURN NEXT; RETURN;
  END IF;
  -- That of the reservation is the one of its budgets.
  IF EXISTS (SELECT 1 FROM budgets b WHERE b.budget_id = ANY (budget_ids) AND b.currency <> p_currency) THEN
    facts := budget_facts(budget_ids);
    outcome := 'currency_mismatch'; RETURN NEXT; RETURN;
  END IF;
  IF EXISTS (SELECT 1 FROM budgets b WHERE b.budget_id = ANY (budget_ids)
              AND (b.used_tokens + p_tokens < 0 OR b.used_micros + p_micros < 0)) THEN
    outcome := 'exceeds_used'; RETURN NEXT; RETURN;
  END IF;
  IF p_request_id IS NOT NULL THEN
    UPDATE budget_reservations r
       SET refunded_tokens = r.refunded_tokens - p_tokens, refunded_micros = r.refunded_micros - p_micros
     WHERE r.tenant_id = p_tenant_id AND r.request_id = p_request_id
       AND r.refunded_tokens - p_tokens <= r.used_tokens AND r.refunded_micros - p_micros <= r.used_micros;
    IF NOT FOUND THEN outcome := 'exceeds_used'; RETURN NEXT; RETURN; END IF;
  END IF;

  INSERT INTO budget_transactions
    (tenant_id, request_id, kind, from_account, to_account, tokens, micros, currency, budget_path, at, actor, reason, adjustment_id)
  VALUES (p_tenant_id, p_request_id, v_kind,
          CASE WHEN p_tokens < 0 OR p_micros < 0 THEN 'used'::budget_account ELSE 'available' END,
          CASE WHEN p_tokens < 0 OR p_micros < 0 THEN 'available'::budget_account ELSE 'used' END, abs(p_tokens), abs(p_micros), p_currency,
          budget_ids, at, p_actor, p_reason, p_adjustment_id);
  UPDATE budgets b
     SET used_tokens = b.used_tokens + p_tokens, used_micros = b.used_micros + p_micros,
         currency = coalesce(b.currency, CASE WHEN p_micros <> 0 THEN p_currency END), updated_at = at
   WHERE b.budget_id = ANY (budget_ids);
  SELECT s.budget_ids, s.before_percents, s.reached_percents INTO soft_budget, soft_before, soft_reached
    FROM budget_reach_soft_limits(budget_adjust.budget_ids) AS s;
  facts := budget_facts(budget_ids);
  outcome := 'adjusted'; RETURN NEXT;
END $$;
