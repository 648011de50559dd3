-- module: governance
CREATE TABLE escalations (
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  escalation_id   text        NOT NULL CHECK (length(escalation_id) BETWEEN 1 AND 64),
  subject_kind    text        NOT NULL CHECK (subject_kind ~ '^[a-z][a-z0-9-]{0,31}$'),
  subject_id      text        NOT NULL CHECK (length(subject_id) BETWEEN 1 AND 256),
  project_id      text        CHECK (length(project_id) BETWEEN 1 AND 128),
  task_id         text        CHECK (length(task_id) BETWEEN 1 AND 256),
  reason          text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 256),
  severity        text        NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  level           text        NOT NULL CHECK (level IN ('supervisor', 'operator', 'admin')),
  status          text        NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'acknowledged', 'resolved')),
  evidence        jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(evidence) = 'object'),
  dedup_key       text        NOT NULL CHECK (length(dedup_key) BETWEEN 1 AND 256),
  is_once         boolean     NOT NULL DEFAULT false,
  occurrences     integer     NOT NULL DEFAULT 1 CHECK (occurrences >= 1),
  raised_at       timestamptz NOT NULL,
  last_raised_at  timestamptz NOT NULL,
  timer_since     timestamptz NOT NULL,
  due_at          timestamptz,
  repeats         integer     NOT NULL DEFAULT 0 CHECK (repeats >= 0),
  assigned_to     text        CHECK (length(assigned_to) BETWEEN 1 AND 256),
  assigned_by     text        CHECK (length(assigned_by) BETWEEN 1 AND 256),
  assigned_at     timestamptz,
  acknowledged_by text        CHECK (length(acknowledged_by) BETWEEN 1 AND 256),
  acknowledged_at timestamptz,
  resolved_by     text        CHECK (length(resolved_by) BETWEEN 1 AND 256),
  resolved_at     timestamptz,
  resolution      text        CHECK (length(resolution) BETWEEN 1 AND 4000),
  decision        text        CHECK (decision IN ('approve', 'retry', 'reject', 'cancel')),
  alert_count     integer     NOT NULL DEFAULT 0 CHECK (alert_count >= 0),
  position        bigint      GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (tenant_id, escalation_id),
  CHECK ((assigned_to IS NULL) = (assigned_at IS NULL)),
  CHECK ((assigned_to IS NULL) = (assigned_by IS NULL)),
  CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)),
  CHECK ((resolved_by IS NULL) = (resolved_at IS NULL)),
  CHECK ((resolved_by IS NULL) = (resolution IS NULL)),
  CHECK (decision IS NULL OR resolved_at IS NOT NULL),
  CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
  CHECK (status <> 'acknowledged' OR acknowledged_at IS NOT NULL),
  CHECK (status <> 'open' OR acknowledged_at IS NULL),
  CHECK (status <> 'resolved' OR due_at IS NULL)
);

COMMENT ON TABLE escalations IS 'What agents could not settle, for people. One open row for each key; raised again, it is counted.';
COMMENT ON COLUMN escalations.subject_kind IS 'What it is about: task, review, prompt, breaker or another kind.';
COMMENT ON COLUMN escalations.evidence IS 'Facts of the worst occurrence, the first of those; cut where too long.';
COMMENT ON COLUMN escalations.dedup_key IS 'Raised with the same key while unresolved, it is the same escalation.';
COMMENT ON COLUMN escalations.is_once IS 'Whether the key stays settled once it is resolved, as that of one question of a task does.';
COMMENT ON COLUMN escalations.timer_since IS 'From when the timer runs: level reached, alert repeated or acknowledged.';
COMMENT ON COLUMN escalations.due_at IS 'When the timer acts next; null while nothing is due by itself.';
COMMENT ON COLUMN escalations.repeats IS 'How often the alert of the last level was repeated.';
COMMENT ON COLUMN escalations.resolution IS 'What the person decided, in words.';
COMMENT ON COLUMN escalations.decision IS 'What the person decided for the task that asked; null where it is about something else.';
COMMENT ON COLUMN escalations.alert_count IS 'Number of its latest alert; with the id it is the alert''s key.';

-- A key has one unresolved row; where it stays settled, one row for ever.
CREATE UNIQUE INDEX escalations_by_key ON escalations (tenant_id, dedup_key) WHERE status <> 'resolved' OR is_once;
CREATE INDEX escalations_resolved ON escalations (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX escalations_due ON escalations (due_at) WHERE due_at IS NOT NULL;
-- A clock that was set back shows by timers that began later than now.
CREATE INDEX escalations_timed ON escalations (timer_since) WHERE due_at IS NOT NULL;
-- For pages in order of position. An index of position alone would tempt the planner to walk along all that is long resolved.
CREATE INDEX escalations_by_status ON escalations (tenant_id, status, position);
CREATE INDEX escalations_by_severity ON escalations (tenant_id, status, severity, position);
CREATE INDEX escalations_by_level ON escalations (tenant_id, status, level, position);
CREATE INDEX escalations_by_assignee ON escalations (tenant_id, status, assigned_to, position) WHERE assigned_to IS NOT NULL;
CREATE INDEX escalations_by_project ON escalations (tenant_id, status, project_id, position);
CREATE INDEX escalations_by_subject ON escalations (tenant_id, subject_kind, subject_id, position);

CREATE TABLE escalation_alerts (
  tenant_id     text        NOT NULL,
  escalation_id text        NOT NULL,
  number        integer     NOT NULL CHECK (number >= 1),
  kind          text        NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
  severity      text        NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  summary       text        NOT NULL CHECK (length(summary) BETWEEN 1 AND 1000),
  details       jsonb       NOT NULL CHECK (jsonb_typeof(details) = 'object'),
  retry_at      timestamptz,
  attempts      integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  position      bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, escalation_id, number),
  FOREIGN KEY (tenant_id, escalation_id) REFERENCES escalations (tenant_id, escalation_id) ON DELETE CASCADE
);

COMMENT ON TABLE escalation_alerts IS 'Alerts that are yet to be handed over, written with the change they tell of; a row is gone once its alert was handed over.';
COMMENT ON COLUMN escalation_alerts.number IS 'Counted within its escalation; both together are the key of the alert.';
COMMENT ON COLUMN escalation_alerts.retry_at IS 'When to try again after a failure; null: at once.';
COMMENT ON COLUMN escalation_alerts.attempts IS 'How often handing it over failed.';
