-- module: governance
CREATE FUNCTION learning_lock(p_tenant_id text, p_agent_role text, p_timeout_ms integer DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_timeout_ms IS NOT NULL THEN PERFORM set_config('lock_timeout', p_timeout_ms::text, true); END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('golden-arch learning ' || p_agent_role || ' ' || p_tenant_id, 0));
END $$;

COMMENT ON FUNCTION learning_lock IS 'Makes those who decide on the prompt of one role of one tenant take turns, until their transactions end. Read what decides in a later statement. The timeout holds for the rest of the transaction.';

CREATE FUNCTION learning_status_at(p_tenant_id text, p_agent_role text, p_at timestamptz)
RETURNS TABLE (
  status text, max_updates_per_day integer, updates_today integer, last_update_at timestamptz, cooldown_hours integer,
  cooldown_active boolean, requires_approval boolean, next_allowed_at timestamptz, is_frozen boolean
) LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN limits.limit_reached THEN 'daily_limit_reached'
              WHEN limits.cooldown_active THEN 'cooldown_active'
              WHEN limits.needs_people THEN 'requires_approval'
              ELSE 'can_auto_update' END,
         g.max_updates_per_day, day.updates, past.changed_at, g.cooldown_hours, limits.cooldown_active, limits.needs_people,
         CASE WHEN g.max_updates_per_day > 0 THEN greatest(
           CASE WHEN limits.limit_reached THEN
             CASE g.day WHEN 'utc' THEN date_trunc('day', day.oldest_that_fills_it, 'UTC') ELSE day.oldest_that_fills_it END
               + interval '24 hours' END,
           CASE WHEN limits.cooldown_active THEN past.changed_at + make_interval(hours => g.cooldown_hours) END) END,
         past.is_frozen
    FROM learning_governance g
   CROSS JOIN LATERAL (SELECT date_trunc('milliseconds', p_at) AS at) AS clock
   CROSS JOIN LATERAL (
     SELECT (SELECT date_trunc('milliseconds', h.applied_at) FROM learning_history h
              WHERE h.tenant_id = p_tenant_id AND h.agent_role = g.agent_role AND h.applied_at IS NOT NULL AND h.kind <> 'seed'
              ORDER BY h.applied_at DESC LIMIT 1) AS changed_at,
            EXISTS (SELECT FROM learning_freezes f
                     WHERE f.tenant_id = p_tenant_id AND f.agent_role = g.agent_role AND f.acknowledged_at IS NULL) AS is_frozen
     OFFSET 0 -- Looked up once, not for each use.
   ) AS past
   CROSS JOIN LATERAL (
     SELECT count(*)::integer AS updates,
            (array_agg(date_trunc('milliseconds', h.applied_at) ORDER BY h.applied_at DESC))[g.max_updates_per_day] AS oldest_that_fills_it
       FROM learning_history h
      WHERE h.tenant_id = p_tenant_id AND h.agent_role = g.agent_role AND h.kind IN ('update', 'break-glass')
        AND h.applied_at >= CASE g.day WHEN 'utc' THEN date_trunc('day', clock.at, 'UTC')
                                       ELSE clock.at - interval '24 hours' + interval '1 millisecond' END
   ) AS day
   CROSS JOIN LATERAL (
     SELECT day.updates >= g.max_updates_per_day AS limit_reached,
            g.cooldown_hours > 0 AND past.changed_at IS NOT NULL
              AND clock.at < past.changed_at + make_interval(hours => g.cooldown_hours) AS cooldown_active,
            g.requires_approval OR past.is_frozen AS needs_people
   ) AS limits
   WHERE g.agent_role = p_agent_role
$$;

COMMENT ON FUNCTION learning_status_at IS 'Whether the prompt of a role may be updated at an instant; instants count in whole milliseconds. No row: the role is unknown.';

CREATE VIEW governance_status AS
  SELECT tenants.tenant_id, g.agent_role, s.status, s.max_updates_per_day, s.updates_today, s.last_update_at, s.cooldown_hours,
         s.cooldown_active, s.requires_approval, s.next_allowed_at, s.is_frozen
    FROM (SELECT clock_timestamp() AS at OFFSET 0) AS clock
   -- Each change of the history has its prompt, so these are all tenants.
   CROSS JOIN (SELECT DISTINCT p.tenant_id FROM prompts p) AS tenants
   CROSS JOIN learning_governance g
   CROSS JOIN LATERAL learning_status_at(tenants.tenant_id, g.agent_role, clock.at) AS s;

COMMENT ON VIEW governance_status IS 'What is in the way of an automatic update of each role''s prompt, for each tenant that has a prompt.';
COMMENT ON COLUMN governance_status.status IS 'The first that applies: daily_limit_reached, cooldown_active, requires_approval, can_auto_update.';
COMMENT ON COLUMN governance_status.updates_today IS 'Updates and break-glass changes applied within the day; rollbacks do not count.';
COMMENT ON COLUMN governance_status.last_update_at IS 'When the prompt last changed, a rollback included; each starts the cooldown.';
COMMENT ON COLUMN governance_status.requires_approval IS 'Whether people must approve now: by the rules of the role, or as it is frozen.';
COMMENT ON COLUMN governance_status.next_allowed_at IS 'When neither limit is in the way any more; null where none is, or where no update is allowed at all.';

CREATE FUNCTION can_auto_update_prompt(role text, tenant text DEFAULT 'default') RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(
    (SELECT s.status = 'can_auto_update' FROM learning_status_at(tenant, role, clock_timestamp()) AS s), false)
$$;

COMMENT ON FUNCTION can_auto_update_prompt IS 'Whether an automatic update would be applied now; false for an unknown role. Advice only: what applies an update decides anew.';

CREATE FUNCTION learning_apply(
  p_tenant_id text, p_update_id text, p_at timestamptz, p_decided_by text DEFAULT NULL, p_notes text DEFAULT NULL
) RETURNS TABLE (version integer, previous_version integer, ended_canary integer, stale_update_ids text[]) LANGUAGE plpgsql AS $$
DECLARE
  v_update learning_history;
BEGIN
  SELECT * INTO v_update FROM learning_history h
   WHERE h.tenant_id = p_tenant_id AND h.update_id = p_update_id AND h.status = 'pending' FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  version := v_update.target_version;
  SELECT l.version INTO previous_version FROM prompt_labels l
   WHERE l.tenant_id = p_tenant_id AND l.agent_role = v_update.agent_role AND l.label = 'production' FOR UPDATE;
  IF v_update.base_version IS DISTINCT FROM previous_version THEN RETURN; END IF;

  UPDATE learning_history h
     SET status = 'applied', applied_at = p_at, notes = p_notes,
         decided_by = p_decided_by, decided_at = CASE WHEN p_decided_by IS NOT NULL THEN p_at END
   WHERE h.tenant_id = p_tenant_id AND h.update_id = p_update_id;
  INSERT INTO prompt_labels AS l (tenant_id, agent_role, label, version, moved_at)
  VALUES (p_tenant_id, v_update.agent_role, 'production', version, p_at)
      ON CONFLICT ON CONSTRAINT prompt_labels_pkey DO UPDATE SET version = EXCLUDED.version, moved_at = EXCLUDED.moved_at;
  -- A trial compares with the version that was in force, and says nothing of the new one.
  DELETE FROM prompt_labels l
   WHERE l.tenant_id = p_tenant_id AND l.agent_role = v_update.agent_role AND l.label = 'canary'
  RETURNING l.version INTO ended_canary;
  WITH fallen AS (
    UPDATE learning_history h SET status = 'stale'
     WHERE h.tenant_id = p_tenant_id AND h.agent_role = v_update.agent_role AND h.status = 'pending'
       AND h.base_version IS DISTINCT FROM v_update.target_version
    RETURNING h.update_id, h.position)
  SELECT coalesce(array_agg(f.update_id ORDER BY f.position), '{}') INTO stale_update_ids FROM fallen f;
  RETURN NEXT;
END $$;

COMMENT ON FUNCTION learning_apply IS 'Puts the version of a pending change in force; other proposals for the version before fall. Call it under learning_lock. No row: it does not wait, or its base is no longer in force.';
