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

COMMENT ON TABLE prompts IS 'Versions of the prompt of each agent role. A version never changes; a new text is a new version.';
COMMENT ON COLUMN prompts.content_sha256 IS 'SHA-256 of the content in UTF-8, lower-case hexadecimal. Approvals are bound to it.';

CREATE INDEX prompts_by_content ON prompts (tenant_id, agent_role, content_sha256);

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
  updated_at          timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE learning_governance IS 'How often the prompt of an agent role may be updated, the same for all tenants.';
COMMENT ON COLUMN learning_governance.max_updates_per_day IS 'Updates applied within any 24 hours; 0 forbids them.';
COMMENT ON COLUMN learning_governance.cooldown_hours IS 'Hours from one applied update to the next.';
COMMENT ON COLUMN learning_governance.requires_approval IS 'Whether a person must approve each update.';

INSERT INTO learning_governance (agent_role, max_updates_per_day, cooldown_hours, requires_approval) VALUES
  ('security', 1, 24, true),
  ('architect', 2, 12, true),
  ('developer', 5, 2, false),
  ('reviewer', 3, 4, false),
  ('tester', 5, 2, false);

CREATE TABLE learning_history (
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  update_id       text        NOT NULL CHECK (length(update_id) BETWEEN 1 AND 256),
  agent_role      text        NOT NULL REFERENCES learning_governance (agent_role),
  kind            text        NOT NULL CHECK (kind IN ('update', 'rollback')),
  status          text        NOT NULL DEFAULT 'pending'
                              CHECK (status IN ('pending', 'applied', 'rejected', 'expired', 'failed')),
  base_version    integer,
  target_version  integer     NOT NULL,
  reason          text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 4000),
  proposed_by     text        NOT NULL CHECK (length(proposed_by) BETWEEN 1 AND 256),
  proposed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at      timestamptz,
  decided_by      text        CHECK (length(decided_by) BETWEEN 1 AND 256),
  decided_at      timestamptz,
  notes           text        CHECK (length(notes) BETWEEN 1 AND 4000),
  applied_at      timestamptz,
  position        bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, update_id),
  FOREIGN KEY (tenant_id, agent_role, base_version) REFERENCES prompts (tenant_id, agent_role, version),
  FOREIGN KEY (tenant_id, agent_role, target_version) REFERENCES prompts (tenant_id, agent_role, version),
  CHECK (base_version <> target_version),
  CHECK ((status = 'applied') = (applied_at IS NOT NULL)),
  CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
  CHECK (expires_at > proposed_at),
  CHECK (decided_by <> proposed_by)
);

COMMENT ON TABLE learning_history IS 'Each proposed change of a role''s prompt and what became of it.';
COMMENT ON COLUMN learning_history.base_version IS 'The version in force when the change was proposed; null for a role''s first prompt.';
COMMENT ON COLUMN learning_history.decided_by IS 'The person who approved or rejected; null while pending and for automatic updates.';

CREATE INDEX learning_history_applied ON learning_history (tenant_id, agent_role, applied_at) WHERE applied_at IS NOT NULL;
CREATE INDEX learning_history_pending ON learning_history (tenant_id, position) WHERE status = 'pending';
CREATE INDEX learning_history_by_base ON learning_history (tenant_id, agent_role, base_version);
CREATE INDEX learning_history_by_target ON learning_history (tenant_id, agent_role, target_version);

CREATE TABLE peer_reviews (
  tenant_id      text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  subject_id     text        NOT NULL CHECK (length(subject_id) BETWEEN 1 AND 256),
  round          integer     NOT NULL CHECK (round >= 1),
  content_hash   text        NOT NULL CHECK (length(content_hash) BETWEEN 1 AND 128),
  author_id      text        NOT NULL CHECK (length(author_id) BETWEEN 1 AND 128),
  policy         jsonb       NOT NULL CHECK (jsonb_typeof(policy) = 'object'),
  reviewers      jsonb       NOT NULL CHECK (jsonb_typeof(reviewers) = 'array'),
  outcome_kind   text        CHECK (outcome_kind IN ('approved', 'rejected', 'vetoed', 'no-consensus')),
  outcome        jsonb       CHECK (jsonb_typeof(outcome) = 'object'),
  opened_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  closed_at      timestamptz,
  position       bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, subject_id, round),
  CHECK ((outcome_kind IS NULL) = (closed_at IS NULL)),
  CHECK ((outcome IS NULL) = (closed_at IS NULL))
);

COMMENT ON TABLE peer_reviews IS 'Rounds of review: agents vote on one content, and the weighted consensus decides.';
COMMENT ON COLUMN peer_reviews.subject_id IS 'What is reviewed, such as a task''s id; each new content of it has its own round.';
COMMENT ON COLUMN peer_reviews.content_hash IS 'Hash of the reviewed content; a vote on another content is refused.';
COMMENT ON COLUMN peer_reviews.reviewers IS 'Who may vote, in which role and with which weight, in thousandths.';
COMMENT ON COLUMN peer_reviews.outcome IS 'The tally with its explanation; null while the round is open.';

CREATE INDEX peer_reviews_open ON peer_reviews (tenant_id, position) WHERE closed_at IS NULL;

CREATE TABLE peer_review_votes (
  tenant_id  text        NOT NULL,
  subject_id text        NOT NULL,
  round      integer     NOT NULL,
  agent_id   text        NOT NULL CHECK (length(agent_id) BETWEEN 1 AND 128),
  decision   text        NOT NULL CHECK (decision IN ('approve', 'reject', 'abstain')),
  severity   text        NOT NULL CHECK (severity IN ('none', 'minor', 'major', 'critical')),
  rationale  text        NOT NULL CHECK (length(rationale) BETWEEN 1 AND 4000),
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  cast_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, subject_id, round, agent_id),
  FOREIGN KEY (tenant_id, subject_id, round) REFERENCES peer_reviews (tenant_id, subject_id, round)
);

COMMENT ON TABLE peer_review_votes IS 'One vote for each agent and round; it may be replaced until the round closes.';
COMMENT ON COLUMN peer_review_votes.confidence IS 'What the agent says of its own certainty, 0 to 1. It informs; it does not count.';

CREATE TABLE escalations (
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  escalation_id   text        NOT NULL CHECK (length(escalation_id) BETWEEN 1 AND 64),
  project_id      text        NOT NULL CHECK (length(project_id) BETWEEN 1 AND 128),
  task_id         text        NOT NULL CHECK (length(task_id) BETWEEN 1 AND 256),
  reason          text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 256),
  level           text        NOT NULL CHECK (level IN ('supervisor', 'human')),
  status          text        NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'acknowledged', 'resolved')),
  details         jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
  raised_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  acknowledged_by text        CHECK (length(acknowledged_by) BETWEEN 1 AND 256),
  acknowledged_at timestamptz,
  resolved_by     text        CHECK (length(resolved_by) BETWEEN 1 AND 256),
  resolved_at     timestamptz,
  resolution      text        CHECK (length(resolution) BETWEEN 1 AND 4000),
  position        bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, escalation_id),
  UNIQUE (tenant_id, task_id, reason),
  CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)),
  CHECK ((resolved_by IS NULL) = (resolved_at IS NULL)),
  CHECK ((resolved_by IS NULL) = (resolution IS NULL)),
  CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
  CHECK (status <> 'acknowledged' OR acknowledged_at IS NOT NULL),
  CHECK (status <> 'open' OR acknowledged_at IS NULL)
);

COMMENT ON TABLE escalations IS 'What agents could not settle, for a supervisor and then a person. One row for each task and reason.';
COMMENT ON COLUMN escalations.resolution IS 'What the person decided, in words.';

CREATE INDEX escalations_by_status ON escalations (tenant_id, status, position);
CREATE INDEX escalations_by_project ON escalations (tenant_id, project_id, position);
