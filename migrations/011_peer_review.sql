-- module: governance
CREATE TABLE peer_reviews (
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  subject_id      text        NOT NULL CHECK (length(subject_id) BETWEEN 1 AND 256),
  round           integer     NOT NULL CHECK (round >= 1),
  project_id      text        CHECK (length(project_id) BETWEEN 1 AND 128),
  content_hash    text        NOT NULL CHECK (length(content_hash) BETWEEN 1 AND 128),
  author_id       text        NOT NULL CHECK (length(author_id) BETWEEN 1 AND 128),
  policy          jsonb       NOT NULL CHECK (jsonb_typeof(policy) = 'object'),
  reviewers       jsonb       NOT NULL CHECK (jsonb_typeof(reviewers) = 'array'),
  closes_early    boolean     NOT NULL,
  opened_at       timestamptz NOT NULL,
  deadline_at     timestamptz NOT NULL,
  outcome_kind    text        CHECK (outcome_kind IN ('approved', 'rejected', 'vetoed', 'no-consensus')),
  outcome         jsonb       CHECK (jsonb_typeof(outcome) = 'object'),
  closed_at       timestamptz,
  overridden_by   text        CHECK (length(overridden_by) BETWEEN 1 AND 256),
  override_reason text        CHECK (length(override_reason) BETWEEN 1 AND 4000),
  overridden_at   timestamptz,
  position        bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, subject_id, round),
  CHECK (deadline_at > opened_at),
  CHECK ((outcome_kind IS NULL) = (closed_at IS NULL)),
  CHECK ((outcome IS NULL) = (closed_at IS NULL)),
  CHECK ((overridden_by IS NULL) = (overridden_at IS NULL)),
  CHECK ((override_reason IS NULL) = (overridden_at IS NULL)),
  CHECK (overridden_at IS NULL OR coalesce(outcome_kind = 'vetoed', false))
);

COMMENT ON TABLE peer_reviews IS 'Rounds of review: agents vote on one content, and the weighted consensus decides.';
COMMENT ON COLUMN peer_reviews.subject_id IS 'What is reviewed, such as a task''s id; each new content of it has its own round.';
COMMENT ON COLUMN peer_reviews.project_id IS 'Whose escalation it is where the round ends without consensus or in a veto; null for no project''s.';
COMMENT ON COLUMN peer_reviews.content_hash IS 'Hash of the reviewed content; a vote on another content is refused.';
COMMENT ON COLUMN peer_reviews.reviewers IS 'Who may vote, in which role and with which weight, in thousandths.';
COMMENT ON COLUMN peer_reviews.closes_early IS 'Whether the vote that settles the round closes it.';
COMMENT ON COLUMN peer_reviews.deadline_at IS 'The last instant, in whole milliseconds, at which a vote counts.';
COMMENT ON COLUMN peer_reviews.outcome IS 'The tally with its explanation; null while the round is open.';
COMMENT ON COLUMN peer_reviews.overridden_by IS 'The person who let the content pass in spite of the veto; the outcome of the votes stays as it was.';

CREATE INDEX peer_reviews_by_tenant ON peer_reviews (tenant_id, position);
CREATE INDEX peer_reviews_by_outcome ON peer_reviews (tenant_id, outcome_kind, position);
CREATE INDEX peer_reviews_closed ON peer_reviews (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX peer_reviews_due ON peer_reviews (deadline_at, position) WHERE closed_at IS NULL;

CREATE TABLE peer_review_votes (
  tenant_id  text        NOT NULL,
  subject_id text        NOT NULL,
  round      integer     NOT NULL,
  agent_id   text        NOT NULL CHECK (length(agent_id) BETWEEN 1 AND 128),
  is_late    boolean     NOT NULL,
  decision   text        NOT NULL CHECK (decision IN ('approve', 'reject', 'abstain')),
  severity   text        NOT NULL CHECK (severity IN ('none', 'minor', 'major', 'critical')),
  findings   jsonb       NOT NULL CHECK (jsonb_typeof(findings) = 'array' AND jsonb_array_length(findings) <= 50),
  rationale  text        NOT NULL CHECK (length(rationale) BETWEEN 1 AND 4000),
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  cast_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, subject_id, round, agent_id, is_late),
  FOREIGN KEY (tenant_id, subject_id, round) REFERENCES peer_reviews (tenant_id, subject_id, round)
);

COMMENT ON TABLE peer_review_votes IS 'One vote for each agent and round; it may be replaced until the round closes or its deadline passes.';
COMMENT ON COLUMN peer_review_votes.is_late IS 'Cast after the deadline or the close: kept beside the agent''s vote in time, if any, and not counted.';
COMMENT ON COLUMN peer_review_votes.severity IS 'That of the worst finding.';
COMMENT ON COLUMN peer_review_votes.findings IS 'What the agent found: severity, message, and where.';
COMMENT ON COLUMN peer_review_votes.confidence IS 'What the agent says of its own certainty, 0 to 1. It informs; it does not count.';
