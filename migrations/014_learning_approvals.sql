-- module: governance
ALTER TABLE learning_history
  ADD COLUMN held_by text CHECK (held_by IN ('daily_limit_reached', 'cooldown_active', 'gate_failed')),
  ADD COLUMN paged_at timestamptz,
  ADD COLUMN ended_at timestamptz;

COMMENT ON COLUMN learning_history.held_by IS 'What was in the way when an update with all its approvals was last tried and not applied.';
COMMENT ON COLUMN learning_history.ended_at IS 'When the time of a break-glass change was found to be up, and the version before was put back if nothing had followed.';
COMMENT ON COLUMN learning_history.paged_at IS 'When the alert of a break-glass change was handed over; until then it is raised again.';

CREATE INDEX learning_history_unpaged ON learning_history (position) WHERE kind = 'break-glass' AND paged_at IS NULL;
CREATE INDEX learning_history_break_glass_ends ON learning_history (expires_at) WHERE kind = 'break-glass' AND ended_at IS NULL;

ALTER TABLE learning_approvals ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;

COMMENT ON COLUMN learning_approvals.position IS 'The order in which people approved.';

ALTER TABLE learning_freezes ADD COLUMN notes text CHECK (length(notes) BETWEEN 1 AND 4000);

COMMENT ON COLUMN learning_freezes.notes IS 'What the person who acknowledged it said.';

-- Characters that do not show or pass for a plain space, as the class of a regular expression.
CREATE FUNCTION learning_unseen() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT '\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f'
      || '\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff'
$$;

CREATE FUNCTION learning_record_act(
  p_tenant_id text, p_agent_role text, p_actor text, p_actor_kind text, p_action text, p_outcome text, p_details jsonb
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('audit_log') IS NOT NULL THEN
    INSERT INTO audit_log (tenant_id, actor, actor_kind, action, resource, outcome, details)
    VALUES (p_tenant_id, p_actor, p_actor_kind, p_action, 'prompt/' || p_agent_role, p_outcome,
            p_details || jsonb_build_object('databaseUser', session_user::text));
  END IF;
END $$;

COMMENT ON FUNCTION learning_record_act IS 'Writes the audit entry of an act on a role''s prompt, where the module audit is applied.';

CREATE FUNCTION learning_record_fact(
  p_tenant_id text, p_agent_role text, p_type text, p_at timestamptz, p_data jsonb
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_id text := gen_random_uuid()::text;
BEGIN
  IF to_regclass('outbox') IS NOT NULL THEN
    INSERT INTO outbox (event_id, tenant_id, event_type, subject, envelope)
    VALUES (v_id, p_tenant_id, p_type, p_agent_role, jsonb_build_object(
      'specversion', '1.0', 'id', v_id, 'source', 'governance', 'type', p_type, 'subject', p_agent_role,
      'time', to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'datacontenttype', 'application/json',
      'tenantid', p_tenant_id, 'data', jsonb_build_object('agentRole', p_agent_role) || p_data));
  END IF;
END $$;

COMMENT ON FUNCTION learning_record_fact IS 'Writes the event of a fact about a role''s prompt, where the module events is applied.';

CREATE VIEW pending_prompt_updates AS
  SELECT h.tenant_id, h.update_id, h.agent_role, h.base_version, h.target_version, h.content_sha256, h.reason, h.proposed_by,
         h.proposed_by_kind, h.proposed_at, h.expires_at, a.approvals, g.required_approvals, a.approvals >= g.required_approvals AS is_approved,
         h.expires_at <= clock_timestamp() AND a.approvals < g.required_approvals AS is_expired, h.held_by, h.details, h.position
    FROM learning_history h
    JOIN learning_governance g USING (agent_role)
   CROSS JOIN LATERAL (
     SELECT count(*)::integer AS approvals FROM learning_approvals a
      WHERE a.tenant_id = h.tenant_id AND a.update_id = h.update_id
        AND a.content_sha256 = h.content_sha256 AND a.approver <> h.proposed_by) AS a
   WHERE h.status = 'pending' AND h.kind = 'update';

COMMENT ON VIEW pending_prompt_updates IS 'Proposals that wait: for people, or, once is_approved, for the system to apply them.';
COMMENT ON COLUMN pending_prompt_updates.approvals IS 'People who have approved this content.';
COMMENT ON COLUMN pending_prompt_updates.is_expired IS 'Whether it has waited too long for its approvals, though nobody has marked it yet.';
COMMENT ON COLUMN pending_prompt_updates.held_by IS 'What was in the way when the system last tried to apply it; null where it was not tried.';

CREATE FUNCTION get_pending_approvals_count(tenant text DEFAULT 'default') RETURNS integer LANGUAGE sql VOLATILE AS $$
  SELECT count(*)::integer FROM pending_prompt_updates p
   WHERE p.tenant_id = tenant AND NOT p.is_approved AND p.is_expired IS NOT TRUE
$$;

COMMENT ON FUNCTION get_pending_approvals_count IS 'Proposals of a tenant that wait for people. Those that have expired, or have all their approvals, do not count.';

CREATE FUNCTION learning_explain(p_code text, p_by text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_code
    WHEN 'LEARNING_UPDATE_NOT_FOUND' THEN 'there is no such update'
    WHEN 'LEARNING_NEEDS_PERSON' THEN 'a person must decide, under an id that reads as what it is'
    WHEN 'LEARNING_SELF_APPROVAL' THEN 'who proposed it may not decide on it'
    WHEN 'LEARNING_CONTENT_CHANGED' THEN 'the update has another content'
    WHEN 'LEARNING_ALREADY_DECIDED' THEN CASE WHEN p_by IS NULL THEN 'it was applied without anybody''s approval'
                                              ELSE p_by || ' has decided on it' END
    WHEN 'LEARNING_EXPIRED' THEN 'it has waited too long for its approvals'
    WHEN 'LEARNING_BASE_CHANGED' THEN 'the version it is based on is no longer in force'
    WHEN 'LEARNING_NOTES_REQUIRED' THEN 'the role wants to know why: notes are missing'
  END
$$;

CREATE FUNCTION learning_take_word(
  p_word text, p_tenant_id text, p_update_id text, p_person text, p_notes text, p_content_sha256 text
) RETURNS TABLE (outcome text, code text, explanation text, approvals integer, required integer) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_update  learning_history;
  v_rules   learning_governance;
  v_role    text;
  v_current integer;
  v_at      timestamptz;
  v_notes   text := CASE WHEN p_notes ~ ('[^ ' || learning_unseen() || ']') THEN p_notes END;
  v_content text;
  v_count   integer := 0;
  v_is_own  boolean := false;
  v_code    text;
  v_by      text;
  v_falls   text;
BEGIN
  IF p_tenant_id IS NULL OR p_update_id IS NULL OR p_person IS NULL
     OR length(p_tenant_id) NOT BETWEEN 1 AND 128 OR length(p_person) NOT BETWEEN 1 AND 256 OR length(v_notes) > 4000 THEN
    RAISE EXCEPTION 'an id, a person of 1 to 256 characters, a tenant and at most 4000 characters of notes are wanted'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  SELECT h.agent_role INTO v_role FROM learning_history h WHERE h.tenant_id = p_tenant_id AND h.update_id = p_update_id;
  IF FOUND THEN
    PERFORM learning_lock(p_tenant_id, v_role);
  END IF;
  -- Read after the lock: whoever held it before has committed, and these statements see what was done.
  SELECT * INTO v_update FROM learning_history h WHERE h.tenant_id = p_tenant_id AND h.update_id = p_update_id FOR UPDATE;
  SELECT * INTO v_rules FROM learning_governance g WHERE g.agent_role = v_role;
  SELECT l.version INTO v_current FROM prompt_labels l
   WHERE l.tenant_id = p_tenant_id AND l.agent_role = v_role AND l.label = 'production';
  SELECT count(*)::integer, coalesce(bool_or(a.approver = p_person), false) INTO v_count, v_is_own
    FROM learning_approvals a
   WHERE a.tenant_id = p_tenant_id AND a.update_id = p_update_id
     AND a.content_sha256 = v_update.content_sha256 AND a.approver <> v_update.proposed_by;
  v_at := date_trunc('milliseconds', clock_timestamp());
  v_content := coalesce(p_content_sha256, v_update.content_sha256);
  required := v_rules.required_approvals;

  IF v_role IS NULL THEN v_code := 'LEARNING_UPDATE_NOT_FOUND';
  ELSIF p_person ~ ('^ | $|[' || learning_unseen() || ']') THEN v_code := 'LEARNING_NEEDS_PERSON';
  ELSIF p_person = v_update.proposed_by THEN v_code := 'LEARNING_SELF_APPROVAL';
  ELSIF v_content <> v_update.content_sha256 THEN v_code := 'LEARNING_CONTENT_CHANGED';
  ELSIF (p_word = 'approve' AND v_is_own AND v_update.status = 'applied')
     OR (p_word = 'reject' AND v_update.status = 'rejected' AND v_update.decided_by = p_person) THEN
    outcome := v_update.status;
  ELSIF v_update.status = 'expired' THEN v_code := 'LEARNING_EXPIRED';
  ELSIF v_update.status = 'stale' THEN v_code := 'LEARNING_BASE_CHANGED';
  ELSIF v_update.status <> 'pending' THEN
    v_code := 'LEARNING_ALREADY_DECIDED';
    v_by := v_update.decided_by;
  ELSIF v_update.expires_at <= v_at AND v_count < required THEN
    v_code := 'LEARNING_EXPIRED';
    v_falls := 'expired';
  ELSIF v_update.base_version IS DISTINCT FROM v_current THEN
    v_code := 'LEARNING_BASE_CHANGED';
    v_falls := 'stale';
  ELSIF v_rules.requires_notes AND v_notes IS NULL AND NOT (p_word = 'approve' AND v_is_own) THEN
    v_code := 'LEARNING_NOTES_REQUIRED';
  END IF;

  IF v_code IS NOT NULL THEN
    IF v_falls IS NOT NULL THEN
      PERFORM learning_let_fall(p_tenant_id, p_update_id, v_falls, v_at);
    END IF;
    PERFORM learning_record_act(p_tenant_id, coalesce(v_role, 'unknown'), p_person, 'human', 'prompt.' || p_word, 'denied',
      jsonb_build_object('updateId', p_update_id, 'code', v_code, 'contentSha256', v_content, 'by', v_by));
    RETURN QUERY SELECT 'refused', v_code, learning_explain(v_code, v_by), v_count, required;
    RETURN;
  END IF;

  IF outcome IS NULL AND p_word = 'reject' THEN
    UPDATE learning_history h
       SET status = 'rejected', decided_by = p_person, decided_at = v_at, notes = v_notes
     WHERE h.tenant_id = p_tenant_id AND h.update_id = p_update_id;
    PERFORM learning_record_act(p_tenant_id, v_role, p_person, 'human', 'prompt.reject', 'allowed',
      jsonb_build_object('updateId', p_update_id, 'contentSha256', v_content, 'notes', v_notes));
    PERFORM learning_record_fact(p_tenant_id, v_role, 'prompt.updateRejected', v_at,
      jsonb_build_object('updateId', p_update_id, 'contentSha256', v_content, 'by', p_person));
    outcome := 'rejected';
  ELSIF outcome IS NULL AND NOT v_is_own THEN
    INSERT INTO learning_approvals AS a (tenant_id, update_id, approver, content_sha256, notes, approved_at)
    VALUES (p_tenant_id, p_update_id, p_person, v_content, v_notes, v_at)
        ON CONFLICT ON CONSTRAINT learning_approvals_pkey DO UPDATE
       SET content_sha256 = EXCLUDED.content_sha256, notes = EXCLUDED.notes, approved_at = EXCLUDED.approved_at;
    v_count := v_count + 1;
    PERFORM learning_record_act(p_tenant_id, v_role, p_person, 'human', 'prompt.approve', 'allowed',
      jsonb_build_object('updateId', p_update_id, 'contentSha256', v_content, 'approvals', v_count, 'required', required,
                         'notes', v_notes));
    PERFORM learning_record_fact(p_tenant_id, v_role, 'prompt.updateApproved', v_at,
      jsonb_build_object('updateId', p_update_id, 'contentSha256', v_content, 'approvals', v_count, 'required', required,
                         'by', p_person));
  END IF;
  outcome := coalesce(outcome, CASE WHEN v_count < required THEN 'counted' ELSE 'approved' END);
  explanation := CASE outcome
    WHEN 'applied' THEN 'it is in force, or was'
    WHEN 'rejected' THEN 'it is rejected'
    WHEN 'counted' THEN v_count || ' of ' || required || ' approvals'
    ELSE 'it has all its approvals: the system applies it once its gates and limits allow' END;
  approvals := v_count;
  RETURN NEXT;
END $$;

COMMENT ON FUNCTION learning_take_word IS 'Takes a person''s approval or rejection of a proposal. A refusal is an answer, not an error, so that its audit entry stays.';

CREATE FUNCTION learning_let_fall(p_tenant_id text, p_update_id text, p_status text, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_role text;
BEGIN
  UPDATE learning_history h SET status = p_status
   WHERE h.tenant_id = p_tenant_id AND h.update_id = p_update_id AND h.status = 'pending' RETURNING h.agent_role INTO v_role;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM learning_record_act(p_tenant_id, v_role, 'governance', 'service', 'prompt.letFall', 'allowed',
    jsonb_build_object('updateId', p_update_id, 'status', p_status));
  PERFORM learning_record_fact(p_tenant_id, v_role, 'prompt.updateFell', p_at,
    jsonb_build_object('updateId', p_update_id, 'status', p_status));
END $$;

COMMENT ON FUNCTION learning_let_fall IS 'Marks a pending proposal as expired or stale.';

CREATE FUNCTION approve_prompt_update(
  id text, approver text, notes text, tenant text DEFAULT 'default', content_sha256 text DEFAULT NULL
) RETURNS TABLE (outcome text, code text, explanation text, approvals integer, required integer) LANGUAGE sql VOLATILE AS $$
  SELECT * FROM learning_take_word('approve', $4, $1, $2, $3, $5)
$$;

COMMENT ON FUNCTION approve_prompt_update IS 'Counts a person''s approval of a proposal and says what it came to: counted, approved, applied or refused. The system applies what has all its approvals, as gates do not run in SQL.';

CREATE FUNCTION reject_prompt_update(
  id text, rejecter text, notes text, tenant text DEFAULT 'default', content_sha256 text DEFAULT NULL
) RETURNS TABLE (outcome text, code text, explanation text, approvals integer, required integer) LANGUAGE sql VOLATILE AS $$
  SELECT * FROM learning_take_word('reject', $4, $1, $2, $3, $5)
$$;

COMMENT ON FUNCTION reject_prompt_update IS 'Settles a proposal by a person''s rejection, or says why it is refused.';

-- Who may call these may decide in anybody's name: they are granted one by one, and find their tables here alone.
DO $$
DECLARE
  signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY[
    'learning_record_act(text, text, text, text, text, text, jsonb)', 'learning_record_fact(text, text, text, timestamptz, jsonb)',
    'learning_take_word(text, text, text, text, text, text)', 'learning_let_fall(text, text, text, timestamptz)',
    'approve_prompt_update(text, text, text, text, text)', 'reject_prompt_update(text, text, text, text, text)',
    'get_pending_approvals_count(text)'
  ] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', signature, current_schema());
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
  END LOOP;
END $$;
