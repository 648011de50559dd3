-- module: governance
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
  findings   jsonb       NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(findings) = 'array'),
  rationale  text        NOT NULL CHECK (length(rationale) BETWEEN 1 AND 4000),
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  cast_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, subject_id, round, agent_id),
  FOREIGN KEY (tenant_id, subject_id, round) REFERENCES peer_reviews (tenant_id, subject_id, round)
);

COMMENT ON TABLE peer_review_votes IS 'One vote for each agent and round; it may be replaced until the round closes.';
COMMENT ON COLUMN peer_review_votes.severity IS 'That of the worst finding.';
COMMENT ON COLUMN peer_review_votes.findings IS 'What the agent found: severity, message, and where.';
COMMENT ON COLUMN peer_review_votes.confidence IS 'What the agent says of its own certainty, 0 to 1. It informs; it does not count.';
