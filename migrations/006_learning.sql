-- module: governance
CREATE TABLE prompts (
  tenant_id      text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  agent_role     text        NOT NULL CHECK (agent_role IN ('security', 'architect', 'developer', 'reviewer', 'tester')),
  version        integer     NOT NULL CHECK (version >= 1),
  content        text        NOT NULL CHECK (length(content) BETWEEN 1 AND 1000000),
  content_sha256 text        NOT NULL CHECK (content_sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')),
  created_by     text        NOT NULL CHECK (length(created_by) BETWEEN 1 AND 256),
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, agent_role, version)
);

COMMENT ON TABLE prompts IS 'Versions of the prompt of each agent role. A version never changes; a new text is a new version, the same text is the same version.';
COMMENT ON COLUMN prompts.content_sha256 IS 'SHA-256 of the content in UTF-8, lower-case hexadecimal. Approvals are bound to it.';

CREATE UNIQUE INDEX prompts_by_content ON prompts (tenant_id, agent_role, content_sha256);

CREATE FUNCTION prompts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a prompt version never changes: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER prompts_immutable BEFORE UPDATE OR DELETE ON prompts
  FOR EACH ROW EXECUTE FUNCTION prompts_refuse_change();
CREATE TRIGGER prompts_no_truncate BEFORE TRUNCATE ON prompts
  FOR EACH STATEMENT EXECUTE FUNCTION prompts_refuse_change();

CREATE TABLE learning_governance (
  agent_role          text        PRIMARY KEY
                                  CHECK (agent_role IN ('security', 'architect', 'developer', 'reviewer', 'tester')),
  max_updates_per_day integer     NOT NULL CHECK (max_updates_per_day BETWEEN 0 AND 1000),
  cooldown_hours      integer     NOT NULL CHECK (cooldown_hours BETWEEN 0 AND 8760),
  requires_approval   boolean     NOT NULL,
  day                 text        NOT NULL DEFAULT 'rolling' CHECK (day IN ('rolling', 'utc')),
  required_approvals  integer     NOT NULL DEFAULT 1 CHECK (required_approvals BETWEEN 1 AND 10),
  requires_notes      boolean     NOT NULL DEFAULT false,
  proposal_ttl_hours  integer     NOT NULL DEFAULT 168 CHECK (proposal_ttl_hours BETWEEN 1 AND 8760),
  updated_at          timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE learning_governance IS 'How often the prompt of an agent role may be updated, the same for all tenants.';
COMMENT ON COLUMN learning_governance.max_updates_per_day IS 'Updates applied within a day; 0 forbids them.';
COMMENT ON COLUMN learning_governance.day IS 'rolling: any 24 hours; utc: the calendar day in UTC.';
COMMENT ON COLUMN learning_governance.required_approvals IS 'How many people must approve an update that needs approval.';
COMMENT ON COLUMN learning_governance.requires_notes IS 'Whether a person who approves must say why.';
COMMENT ON COLUMN learning_governance.proposal_ttl_hours IS 'Hours for which a proposal waits for its approvals.';
COMMENT ON COLUMN learning_governance.cooldown_hours IS 'Hours from one applied update to the next.';
COMMENT ON COLUMN learning_governance.requires_approval IS 'Whether a person must approve each update.';

INSERT INTO learning_governance (agent_role, max_updates_per_day, cooldown_hours, requires_approval, requires_notes) VALUES
  ('security', 1, 24, true, true),
  ('architect', 2, 12, true, false),
  ('developer', 5, 2, false, false),
  ('reviewer', 3, 4, false, false),
  ('tester', 5, 2, false, false);

CREATE TABLE prompt_labels (
  tenant_id   text        NOT NULL,
  agent_role  text        NOT NULL,
  label       text        NOT NULL CHECK (label IN ('production', 'canary')),
  version     integer     NOT NULL,
  share_milli integer     CHECK (share_milli BETWEEN 1 AND 999),
  moved_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, agent_role, label),
  FOREIGN KEY (tenant_id, agent_role, version) REFERENCES prompts (tenant_id, agent_role, version),
  CHECK ((label = 'canary') = (share_milli IS NOT NULL))
);

COMMENT ON TABLE prompt_labels IS 'Which version of a role''s prompt is in force, and which one is on trial.';
COMMENT ON COLUMN prompt_labels.share_milli IS 'Share of the tasks, in thousandths, that get the version on trial; null for production.';

CREATE TABLE learning_history (
  tenant_id        text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  update_id        text        NOT NULL CHECK (length(update_id) BETWEEN 1 AND 256),
  agent_role       text        NOT NULL REFERENCES learning_governance (agent_role),
  kind             text        NOT NULL CHECK (kind IN ('update', 'rollback', 'break-glass', 'seed')),
  status           text        NOT NULL DEFAULT 'pending'
                               CHECK (status IN ('pending', 'applied', 'rejected', 'expired', 'stale')),
  base_version     integer,
  target_version   integer     NOT NULL,
  content_sha256   text        NOT NULL CHECK (content_sha256 ~ '^[0-9a-f]{64}$'),
  reason           text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 4000),
  proposed_by      text        NOT NULL CHECK (length(proposed_by) BETWEEN 1 AND 256),
  proposed_by_kind text        NOT NULL CHECK (proposed_by_kind IN ('human', 'agent', 'service')),
  proposed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at       timestamptz,
  decided_by       text        CHECK (length(decided_by) BETWEEN 1 AND 256),
  decided_at       timestamptz,
  notes            text        CHECK (length(notes) BETWEEN 1 AND 4000),
  details          jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
  applied_at       timestamptz,
  position         bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, update_id),
  FOREIGN KEY (tenant_id, agent_role, base_version) REFERENCES prompts (tenant_id, agent_role, version),
  FOREIGN KEY (tenant_id, agent_role, target_version) REFERENCES prompts (tenant_id, agent_role, version),
  CHECK (base_version <> target_version),
  CHECK ((status = 'applied') = (applied_at IS NOT NULL)),
  CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
  CHECK (expires_at > proposed_at),
  CHECK (kind <> 'update' OR decided_by <> proposed_by),
  CHECK (kind <> 'seed' OR base_version IS NULL)
);

COMMENT ON TABLE learning_history IS 'Each change of a role''s prompt that was applied or waits, and what became of it; what is refused at once is in the audit log.';
COMMENT ON COLUMN learning_history.kind IS 'update: proposed and governed; rollback: back to a version that was in force; break-glass: by a person, past the limits; seed: a role''s first prompt, installed by a person or service.';
COMMENT ON COLUMN learning_history.status IS 'stale: the version it was based on is no longer in force, so it can never be applied.';
COMMENT ON COLUMN learning_history.base_version IS 'The version in force when the change was proposed; null for a role''s first prompt.';
COMMENT ON COLUMN learning_history.content_sha256 IS 'Hash of the content of the target version; approvals are bound to it.';
COMMENT ON COLUMN learning_history.decided_by IS 'The person who settled it; null while pending and for automatic updates.';

CREATE INDEX learning_history_applied ON learning_history (tenant_id, agent_role, applied_at) WHERE applied_at IS NOT NULL;
CREATE INDEX learning_history_pending ON learning_history (tenant_id, position) WHERE status = 'pending';
CREATE INDEX learning_history_proposals ON learning_history (tenant_id, status, position) WHERE kind = 'update';
CREATE INDEX learning_history_by_role ON learning_history (tenant_id, agent_role, position);
CREATE INDEX learning_history_by_base ON learning_history (tenant_id, agent_role, base_version);
CREATE INDEX learning_history_by_target ON learning_history (tenant_id, agent_role, target_version);

CREATE TABLE learning_approvals (
  tenant_id      text        NOT NULL,
  update_id      text        NOT NULL,
  approver       text        NOT NULL CHECK (length(approver) BETWEEN 1 AND 256),
  content_sha256 text        NOT NULL,
  notes          text        CHECK (length(notes) BETWEEN 1 AND 4000),
  approved_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, update_id, approver),
  FOREIGN KEY (tenant_id, update_id) REFERENCES learning_history (tenant_id, update_id)
);

COMMENT ON TABLE learning_approvals IS 'Who approved a proposal, each person once; it is applied when enough have.';

CREATE TABLE learning_freezes (
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  agent_role      text        NOT NULL REFERENCES learning_governance (agent_role),
  frozen_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  reason          text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 4000),
  acknowledged_by text        CHECK (length(acknowledged_by) BETWEEN 1 AND 256),
  acknowledged_at timestamptz,
  position        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL))
);

COMMENT ON TABLE learning_freezes IS 'While one is not acknowledged by a person, the role''s prompt is not updated automatically.';

CREATE UNIQUE INDEX learning_freezes_in_force ON learning_freezes (tenant_id, agent_role) WHERE acknowledged_at IS NULL;
